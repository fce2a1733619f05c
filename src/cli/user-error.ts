/** What stops a report or a look, told to the user in one message: what is wrong and what to do. */
export class UserError extends Error {}

/** Runs a command line to its exit code; a trouble is told, and is 1. */
export async function runCli(work: () => Promise<number>): Promise<void> {
	process.exitCode = await work().catch((error) => {
		if (!(error instanceof UserError)) throw error;
		console.error(error.message);
		return 1;
	});
}

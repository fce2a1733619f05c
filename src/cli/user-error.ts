/** An error that stops a report or a check. The message states the problem and the remedy. */
export class UserError extends Error {}

/**
 * Runs a command line tool and sets its exit code. A UserError is printed, and the exit code is 1. Any other error is
 * thrown.
 */
export async function runCli(work: () => Promise<number>): Promise<void> {
	process.exitCode = await work().catch((error) => {
		if (!(error instanceof UserError)) throw error;
		console.error(error.message);
		return 1;
	});
}

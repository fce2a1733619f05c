import { Listr } from "listr2";

/** Shows a step while it runs: on a terminal with the last line of its output, elsewhere as plain lines. */
export async function withProgress<T>(
	title: string,
	work: (onLine: (line: string) => void) => Promise<T>,
): Promise<T> {
	const show = (task: { output: string }) => (line: string) => {
		// In a log every line would stay, hundreds of them.
		if (process.stdout.isTTY) task.output = line;
	};
	let outcome: Promise<T> | undefined;
	const step = {
		title,
		task: async (_: unknown, task: { output: string }) => {
			outcome = work(show(task));
			// The caller shows the whole error, or goes another way.
			await outcome.catch((error: Error) => {
				throw new Error(error.message.split(", got")[0]);
			});
		},
	};
	const list = new Listr([step], {
		exitOnError: false,
		// What a test makes fail on purpose must not look like a failure of the test run.
		silentRendererCondition: () => process.env.VITEST !== undefined,
	});
	await list.run();
	return outcome as Promise<T>;
}

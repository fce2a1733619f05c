import { Listr } from "listr2";

/** Shows a step while it runs: on a terminal with its last line of output, otherwise as plain lines. */
export async function withProgress<T>(
	title: string,
	work: (onLine: (line: string) => void) => Promise<T>,
): Promise<T> {
	const show = (task: { output: string }) => (line: string) => {
		// In a log file all the lines, often hundreds, would remain.
		if (process.stdout.isTTY) task.output = line;
	};
	let outcome: Promise<T> | undefined;
	const step = {
		title,
		task: async (_: unknown, task: { output: string }) => {
			outcome = work(show(task));
			// Only the first part is shown here: the caller prints the complete error, or handles it.
			await outcome.catch((error: Error) => {
				throw new Error(error.message.split(", got")[0]);
			});
		},
	};
	const list = new Listr([step], {
		exitOnError: false,
		// A failure that a test causes on purpose must not appear as a failure of the test run.
		silentRendererCondition: () => process.env.VITEST !== undefined,
	});
	await list.run();
	return outcome as Promise<T>;
}

import { setTimeout as pause } from "node:timers/promises";
import { Listr } from "listr2";

/** Work that is done within this time, in milliseconds, is not shown. */
const UNSEEN = 500;

/** Shows a step while it runs: on a terminal with its last line of output, otherwise as plain lines. */
export async function withProgress<T>(
	title: string,
	work: (onLine: (line: string) => void) => Promise<T>,
): Promise<T> {
	let shown: { output: string } | undefined;
	const outcome = work((line) => {
		// In a log file all the lines, often hundreds, would remain.
		if (shown && process.stdout.isTTY) shown.output = line;
	});
	const isDone = outcome.then(
		() => true,
		() => false,
	);
	if (await Promise.race([isDone, pause(UNSEEN, false, { ref: false })]))
		return outcome;
	const step = {
		title,
		task: async (_: unknown, task: { output: string }) => {
			shown = task;
			// Only the first part is shown here: the caller prints the complete error, or handles it.
			await outcome.catch((error: Error) => {
				throw new Error(error.message.split(", got")[0]);
			});
		},
	};
	const list = new Listr([step], {
		exitOnError: false,
		// With its own listener Ctrl-C would end the process before it has cleaned up.
		registerSignalListeners: false,
		// A failure that a test causes on purpose must not appear as a failure of the test run.
		silentRendererCondition: () => process.env.VITEST !== undefined,
	});
	await list.run();
	return outcome;
}

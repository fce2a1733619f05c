import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

/** What the user reads while a command runs. */
export interface Progress {
	/** What the command does or waits for: `runs rebuild on PO-HARBOR`. */
	doing: string;
	/** Seconds after which the command ends in any case, for a command that does not have to wait for its turn. */
	limit?: number;
	/** What was last seen before it began, for a command that others precede. */
	lastSeen?: pulumi.Output<string>;
	/** Seconds before the first line. A command that is done by then prints none. */
	silent: number;
}

/** A wait or a program of MS Mail is expected to take long, so its first line comes at once. */
export const LONG = { silent: 2 };

/**
 * A check, an enforcement or a kick takes seconds, unless it restarts a slow service, waits for another run or, in a large
 * fleet, for its turn (`--parallel`).
 */
export const SHORT = { silent: 20 };

/** Seconds between two lines of one command. */
const EVERY = 60;

/** A command for which lines are printed. */
interface Running {
	/** The resource's name. */
	name: string;
	command: pulumi.Resource;
	parent: pulumi.Resource;
	/** The resources that it depends on. */
	after: pulumi.ResourceOptions["dependsOn"];
}

/**
 * Prints lines about a command of an update while it runs, in the row of its resource: what it does, the time left, and
 * what was last seen. They are status messages, which Pulumi prints at once and does not keep.
 *
 * The program prints them and not the host, because the command plugin stores in the state everything that a host
 * prints. So they cannot contain what the command itself has seen. A command that waits for its turn (`--parallel`)
 * counts as running.
 */
export function showProgress(running: Running, progress: Progress): void {
	if (pulumi.runtime.isDryRun()) return;
	// If an output that it waits for fails, the program fails with that error.
	follow(running, progress).catch(() => undefined);
}

async function follow(
	{ name, command, parent, after = [] }: Running,
	progress: Progress,
): Promise<void> {
	const before = await promiseOf(pulumi.output(after));
	await ended([before].flat() as pulumi.Resource[]);
	const lastSeen = progress.lastSeen && (await promiseOf(progress.lastSeen));
	const type = local.Command.isInstance(command) ? LOCAL : REMOTE;
	// A message is assigned to a resource by its URN, which the resource itself has only when it is finished.
	const row = {
		urn: pulumi.createUrn(name, type, parent),
	} as pulumi.Resource;
	// The SDK sends messages in order. One whose URN is not known yet would hold back all others of the program.
	await promiseOf(row.urn);
	const begun = Date.now();
	const print = () => {
		const seconds = Math.round((Date.now() - begun) / 1000);
		const line = formatProgress({ ...progress, lastSeen }, seconds);
		pulumi.log.info(line, row, undefined, true);
		timer = setTimeout(print, EVERY * 1000).unref();
	};
	let timer = setTimeout(print, progress.silent * 1000).unref();
	await ended([command]);
	clearTimeout(timer);
}

const LOCAL = "command:local:Command";
const REMOTE = "command:remote:Command";

/** Resolves when all outputs of these resources are known, or will not become known. */
const ended = (resources: readonly pulumi.Resource[]) =>
	Promise.allSettled(
		resources
			.flatMap((resource): unknown[] => Object.values(resource))
			.filter((value) => pulumi.Output.isInstance(value))
			.map(promiseOf),
	);

const promiseOf = <T>(output: pulumi.Output<T>): Promise<T> =>
	(output as unknown as { promise(): Promise<T> }).promise();

/**
 * Formats one line.
 *
 * @param seconds since the command began
 */
export function formatProgress(
	{
		doing,
		limit,
		lastSeen,
	}: Omit<Progress, "lastSeen"> & { lastSeen?: string },
	seconds: number,
): string {
	const time =
		limit === undefined
			? `not ended after ${formatSeconds(seconds)}`
			: limit > seconds
				? `${formatSeconds(limit - seconds)} left`
				: "about to end";
	return `${doing}; ${time}${lastSeen ? `; last seen: ${lastSeen}` : ""}`;
}

const formatSeconds = (seconds: number) =>
	seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;

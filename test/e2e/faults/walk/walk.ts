import fc from "fast-check";
import type { AnyOptions } from "../../fixture.ts";
import { brokenOff, drift, stopOrStart } from "./accidents.ts";
import * as changes from "./changes.ts";
import type { Command } from "./command.ts";
import { type Model, newModel, ONE, type Setting } from "./model.ts";
import { World } from "./world.ts";

/** The options of a walk. */
export interface WalkOptions {
	seed: number;
	/** The number of commands after which the walk ends. */
	commands: number;
	/** fast-check's path to a shrunk walk. */
	path?: string;
	/** fast-check's path to the commands of a shrunk walk. */
	replayPath?: string;
	/** Searches for a shorter walk that fails too, which takes as long as many walks. */
	shrink?: boolean;
	/** Aborts the walk: it fails, and ends the processes that it started. */
	signal?: AbortSignal;
}

/** The result of a walk. */
export interface Walked {
	hosts: string[];
	trail: string[];
	kicks: number;
}

export const someSetting: fc.Arbitrary<Setting> = fc.record({
	kind: fc.constantFrom<AnyOptions>(
		{ transport: "ssh", make: "reg", language: "en" },
		{ transport: "ssh", make: "nt4", language: "de" },
		{ transport: "samba", make: "nt4" },
		{ transport: "gateway", make: "smb2", language: "de" },
	),
	role: fc.constantFrom("requestor", "server"),
	original: fc.constantFrom(undefined, "dword:00000000", '"off 1"', ONE),
});

/** The commands. Each is listed as many times as its weight in the draw. */
export const COMMANDS = [
	...Array(6).fill(changes.newTriggers),
	...Array(6).fill(brokenOff),
	...Array(2).fill(stopOrStart),
	...Array(2).fill(drift),
	...Array(2).fill(changes.verify),
	...Array(2).fill(changes.addOrRemove),
	...Array(2).fill(changes.targeted),
	...Array(2).fill(changes.replaced),
	...[changes.plainUp, changes.refresh, changes.destroyed],
	...[changes.cycleOut, changes.cycleBack, changes.rotate, changes.move],
	...[changes.otherName, changes.otherStackName],
];

/**
 * Runs a walk. The seed determines the commands, and the hosts are compared with the model after each of them.
 *
 * @throws Error with the commands, the difference, the last output of the CLI, and how to repeat the walk
 */
export async function walk(options: WalkOptions): Promise<Walked> {
	const { seed, commands, path, replayPath, shrink, signal } = options;
	let walked: Walked = { hosts: [], trail: [], kicks: 0 };
	const property = fc.asyncProperty(
		fc.tuple(someSetting, someSetting),
		// Many commands are not possible at their turn, so more are drawn than are run.
		fc
			.commands(COMMANDS, {
				maxCommands: 8 * commands,
				size: "max",
				replayPath,
			})
			.filter((drawn) => shrink || [...drawn].length >= 4 * commands),
		async (settings, drawn) => {
			walked = await take(
				newModel(settings, commands),
				settings,
				drawn,
				signal,
			);
		},
	);
	const details = await fc.check(property, {
		numRuns: 1,
		seed,
		path,
		endOnFailure: !shrink,
		unbiased: true,
		includeErrorInReport: true,
	});
	if (details.failed)
		throw new Error(
			`${fc.defaultReportMessage(details)}\n\n${again(options, details.counterexamplePath)}`,
		);
	return walked;
}

async function take(
	model: Model,
	settings: Setting[],
	drawn: Iterable<Command>,
	signal?: AbortSignal,
): Promise<Walked> {
	const world = await World.open(settings, signal);
	try {
		await fc.asyncModelRun(() => ({ model, real: world }), drawn);
	} catch (error) {
		throw new Error(
			`${world.trail.join("; ")}\n${(error as Error).stack}\n\nThe CLI printed last:\n${world.printed}`,
		);
	} finally {
		await world.end();
	}
	const kicks = model.hosts.reduce((sum, host) => sum + host.kicks, 0);
	const hosts = settings.map(({ kind }) => `${kind.transport} ${kind.make}`);
	return { hosts, trail: world.trail, kicks };
}

function again({ seed, commands }: WalkOptions, path: string | null): string {
	return `Again: SEED=${seed} PATH_=${path} COMMANDS=${commands} npm run test:soak (with REPLAY_=... where a replayPath is told above; SHRINK=1 looks for a shorter walk)`;
}

import type { WalkOptions } from "./walk.ts";

/** Reads the options of a walk from SEED, PATH_, REPLAY_, COMMANDS and SHRINK, which a failed walk prints. */
export function fromEnvironment(
	commands: number,
): Omit<WalkOptions, "seed"> & { seed?: number } {
	const { SEED, PATH_, REPLAY_, COMMANDS, SHRINK } = process.env;
	return {
		seed: SEED ? Number(SEED) : undefined,
		path: PATH_,
		replayPath: REPLAY_,
		commands: Number(COMMANDS ?? commands),
		shrink: SHRINK === "1",
	};
}

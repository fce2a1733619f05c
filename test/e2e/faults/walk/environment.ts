import type { WalkOptions } from "./walk.ts";

/** The walk that the environment names by SEED, PATH_, REPLAY_, COMMANDS and SHRINK, as a failed one prints them. */
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

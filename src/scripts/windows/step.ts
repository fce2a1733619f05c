import type { StepCommands } from "../../protocol/commands";
import type { Script } from "./batch";

/** The `update` of a step, which nothing should ever run. */
export const NO_OPERATION = "cmd /c rem";

/**
 * The commands of a step, whose script is given the time at which it begins.
 *
 * @param work the folder for a step that begins at that time, where it needs one of its own
 */
export function stepCommands(
	{ stdin, command }: Script,
	work?: (at: string) => string,
): StepCommands {
	return {
		stdin,
		create: (at) => command([at], work?.(at)),
		update: NO_OPERATION,
	};
}

import type { StepCommands } from "../../protocol/commands";
import type { Script } from "./batch";

/** The `update` of a step. No change of an input should ever run it. */
export const NO_OPERATION = "cmd /c rem";

/**
 * Builds the commands of a step. Its script gets the time at which it begins.
 *
 * @param work returns a work folder of its own for a step that begins at that time. @default the host's work folder
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

import type { StepCommands } from "../commands";
import type { Script } from "./batch";

/** The `update` of a step, which nothing should ever run. */
export const NOTHING = "cmd /c rem";

/** How a step's script is called. */
export interface StepCall {
	/** @default auto */
	registryTool?: string;
	/** The folder for a step that begins at that time, where it needs one of its own. */
	work?: (at: string) => string;
}

export function stepCommands(
	{ stdin, command }: Script,
	args: readonly string[],
	{ registryTool = "auto", work }: StepCall = {},
): StepCommands {
	return {
		stdin,
		create: (at) => command(["create", registryTool, at, ...args], work?.(at)),
		update: NOTHING,
	};
}

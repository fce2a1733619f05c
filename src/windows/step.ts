import { readTook, type Script } from "./batch";

/** What a trigger resource runs, a kick or another step of a cutover. */
export interface StepCommands {
	/** Given the time at which it begins. */
	create: (at: string) => string;
	/** Nothing should ever run it, and it sends nothing. */
	update: string;
	stdin: string;
}

/** What is known of a step that ended well. */
export interface StepResult {
	/** By the clock of the machine that runs Pulumi: ISO 8601, UTC. */
	start: string;
	/** `start`, and the seconds that the host counted. */
	end: string;
	/** What the host answered, in ASCII. */
	evidence: string;
}

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

/** Reads what a step printed, a kick's own words among them. */
export function readStep(stdout: string): StepResult {
	const start =
		/^began (\S+)/m.exec(stdout)?.[1] ??
		/dx-(?:step:)?done\S* (?:\S+ )+?(\d{4}-\S+?Z)/.exec(stdout)?.[1] ??
		"";
	const evidence = stdout
		.split(/\r?\n/)
		.map((line) => line.trim())
		.filter((line) => line !== "" && !/^(began |took about |")/.test(line))
		.join("; ");
	const end = new Date(Date.parse(start) + readTook(stdout) * 1000);
	return {
		start,
		end: Number.isNaN(end.valueOf())
			? ""
			: end.toISOString().replace(".000", ""),
		evidence,
	};
}

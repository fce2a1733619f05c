import * as pulumi from "@pulumi/pulumi";
import type { Command, CreateCommand } from "../access/access";
import type { StepCommands } from "../protocol/commands";

export interface RunOnceArgs {
	run: CreateCommand;
	/** With nothing derived among them that changes when nobody meant it to. */
	triggers: pulumi.Input<string>[];
	commands: pulumi.Input<Omit<StepCommands, "stdin">>;
	stdin: pulumi.Input<string>;
	/** Nothing is sent before they have done their work. */
	after: CompletedCommand[];
}

/** A command, remote or local: it has done its work when it has printed. */
export type CompletedCommand = pulumi.Resource & {
	stdout: pulumi.Output<string>;
};

/**
 * The trigger resource: a command that runs once when it is created and whenever one of its triggers changes
 * (which replaces it), and never otherwise. A host's own cycle is one, and so is each step of a cutover.
 *
 * The command plugin runs `update` or `create` again on a change of any other input, a rotated password included:
 * so all others are ignored. A replacement takes the program's present ones all the same.
 */
export function runOnceCommand(
	name: string,
	{ run, triggers, commands, stdin, after }: RunOnceArgs,
	opts: pulumi.CustomResourceOptions,
): Command {
	const known = pulumi.output(commands);
	return run(
		name,
		{
			triggers,
			create: withStartTime(
				after,
				known.apply(({ create }) => create),
			),
			update: known.apply(({ update }) => update),
			stdin,
		},
		pulumi.mergeOptions(opts, {
			dependsOn: after,
			ignoreChanges: [
				"connection",
				"create",
				"update",
				"stdin",
				"logging",
				"addPreviousOutputInEnv",
			],
		}),
	);
}

/**
 * The command that is told the time at which all that has to come before it has ended. A preview does not know it: its
 * plan (`preview --save-plan`) would hold the update to a time that is over.
 */
export function withStartTime(
	after: readonly CompletedCommand[],
	create: pulumi.Input<(at: string) => string>,
): pulumi.Output<string> {
	// All in one: a plan also holds what the command depends on, and what stands within another apply is not seen before.
	return pulumi
		.output({ create, printed: after.map(({ stdout }) => stdout) })
		.apply(({ create }) =>
			pulumi.runtime.isDryRun() ? UNKNOWN : create(now()),
		);
}

const UNKNOWN = pulumi.unknown as unknown as string;

/** In UTC and to the second: NT 4 can tell its own time only in the words of its language. */
function now(): string {
	return new Date().toISOString().replace(/\.\d+Z$/, "Z");
}

import * as pulumi from "@pulumi/pulumi";
import type { Command, CreateCommand } from "../access/access";
import type { StepCommands } from "../protocol/commands";
import { type Progress, showProgress } from "./progress";

/** Inputs of `runOnceCommand`. */
export interface RunOnceArgs {
	run: CreateCommand;
	/** Must not contain a derived value that can change unintentionally. */
	triggers: pulumi.Input<string>[];
	commands: pulumi.Input<Omit<StepCommands, "stdin">>;
	stdin: pulumi.Input<string>;
	/** The commands that must end before this one starts. */
	after: CompletedCommand[];
	progress: Progress;
}

/** A remote or local command. It has completed when its stdout is known. */
export type CompletedCommand = pulumi.Resource & {
	stdout: pulumi.Output<string>;
};

/**
 * Creates the trigger resource. Its command runs when the resource is created and when one of its triggers changes,
 * which replaces the resource. It never runs otherwise. A host's own cycle is such a resource, and so is each step of a
 * cutover.
 *
 * The command plugin would run `update` or `create` again when any other input changes, for example a rotated password.
 * So all other inputs are ignored. A replacement still uses the current inputs of the program.
 */
export function runOnceCommand(
	name: string,
	{ run, triggers, commands, stdin, after, progress }: RunOnceArgs,
	opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): Command {
	const known = pulumi.output(commands);
	const command = run(
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
	showProgress({ name, command, after, parent: opts.parent }, progress);
	return command;
}

/**
 * Passes the command the time at which all commands before it have ended. In a preview the command stays unknown: a
 * saved plan (`preview --save-plan`) would otherwise require a time that has passed.
 */
export function withStartTime(
	after: readonly CompletedCommand[],
	create: pulumi.Input<(at: string) => string>,
): pulumi.Output<string> {
	// One `apply` for all: a plan also records the dependencies of the command, and it does not find those inside a
	// nested `apply`.
	return pulumi
		.output({ create, printed: after.map(({ stdout }) => stdout) })
		.apply(({ create }) =>
			pulumi.runtime.isDryRun() ? UNKNOWN : create(now()),
		);
}

const UNKNOWN = pulumi.unknown as unknown as string;

/**
 * The current time in UTC, without fractions of a second. NT 4 prints its own time only in the format of its language.
 */
function now(): string {
	return new Date().toISOString().replace(/\.\d+Z$/, "Z");
}

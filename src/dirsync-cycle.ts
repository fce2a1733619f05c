import { remote, type types } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { KickCommands } from "./windows/kick";

export interface DirsyncCycleArgs {
	connection: types.input.remote.ConnectionArgs;
	/** The user's own texts, with nothing derived among them: what is derived changes when nobody meant it to. */
	triggers: string[];
	kick: KickCommands;
	/** The enforcement: no control is sent before it has done its work. */
	after: remote.Command;
}

/**
 * The trigger resource: a remote command that pauses the service once when it is created and whenever one of its
 * triggers changes (which replaces it), and never otherwise.
 *
 * The command plugin runs `update` or `create` again on a change of any other input, a rotated password included:
 * so all others are ignored. A replacement takes the program's present ones all the same.
 */
export function dirsyncCycle(
	name: string,
	args: DirsyncCycleArgs,
	opts: pulumi.CustomResourceOptions,
): remote.Command {
	return new remote.Command(
		name,
		{
			connection: args.connection,
			triggers: args.triggers,
			create: args.after.stdout.apply(() => args.kick.create(now())),
			update: args.kick.update,
			stdin: args.kick.stdin,
			logging: remote.Logging.Stdout,
			addPreviousOutputInEnv: false,
		},
		pulumi.mergeOptions(opts, {
			dependsOn: args.after,
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

/** In UTC and to the second: NT 4 can tell its own time only in the words of its language. */
function now(): string {
	return new Date().toISOString().replace(/\.\d+Z$/, "Z");
}

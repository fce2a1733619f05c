import { local, remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { defaultPort, RegistryTool, type Samba, type Ssh } from "../model/host";
import type {
	EnforceCommands,
	EnforceOptions,
	KickOptions,
	StepCommands,
} from "../protocol/commands";
import { sambaEnforceCommands } from "../scripts/samba/enforce";
import { sambaKickCommands } from "../scripts/samba/kick";
import { loginLines } from "../scripts/samba/shell";
import { sambaT3DoneCommands } from "../scripts/samba/t3-done";
import { enforceCommands } from "../scripts/windows/enforce";
import { kickCommands } from "../scripts/windows/kick";
import { t3DoneCommands } from "../scripts/windows/t3-done";
import {
	ADDRESS,
	PORT,
	SAMBA_PASSWORD,
	SAMBA_USER,
} from "../validation/fields";
import { withOneLineErrors } from "../validation/validate-args";
import { checkedValue, toConnection } from "./ssh-connection";

/** A resource of the command plugin that runs a command on another machine or on the machine that runs Pulumi. */
export type Command = remote.Command | local.Command;

/** The inputs of a command, the same for remote and local ones. */
export interface CommandArgs {
	create: pulumi.Input<string>;
	update: pulumi.Input<string>;
	delete?: pulumi.Input<string>;
	stdin: pulumi.Input<string>;
	triggers?: pulumi.Input<string>[];
}

/** Creates the resource that runs commands for one host. */
export type CreateCommand = (
	name: string,
	args: CommandArgs,
	opts: pulumi.CustomResourceOptions,
) => Command;

/** The transport to an Exchange host: builds the scripts for each operation and the resource that runs them. */
export interface Access {
	/** `ssh`, `samba` or `samba by gateway`. It is part of the record's owner: see `hostOwner`. */
	readonly kind: string;
	readonly run: CreateCommand;
	enforce(options: EnforceOptions): EnforceCommands;
	kick(options: KickOptions): StepCommands;
	/** See `t3DoneCommands`. */
	t3Done(host: string): StepCommands;
}

/** The transport arguments of an Exchange host. The schema of the arguments allows exactly one of `ssh` and `samba`. */
export interface TransportArgs {
	ssh?: Ssh;
	samba?: Samba;
	registryTool?: RegistryTool;
}

/**
 * Selects the transport: `samba` if it is given, else `ssh`. `registryTool` applies to `ssh` only. @default
 * RegistryTool.Auto
 */
export function createAccess({
	ssh,
	samba,
	registryTool,
}: TransportArgs): Access {
	return samba
		? sambaAccess(samba)
		: sshAccess(ssh as Ssh, registryTool ?? RegistryTool.Auto);
}

const sshAccess = (ssh: Ssh, registryTool: RegistryTool): Access => ({
	kind: "ssh",
	run: overSsh(ssh),
	enforce: (options) => enforceCommands(options, registryTool),
	kick: (options) => kickCommands(options, registryTool),
	t3Done: (host) => t3DoneCommands(host, registryTool),
});

function sambaAccess(samba: Samba): Access {
	const { gateway, legacy = false } = samba;
	return {
		// With and without a gateway the resources have different types. When one replaces the other, the old one's delete
		// runs after the new one's create. Two kinds are two owners, so that this delete does nothing.
		kind: gateway ? "samba by gateway" : "samba",
		run: overSamba(samba, gateway ? overSsh(gateway) : onThisMachine),
		enforce: (options) => sambaEnforceCommands(options, { legacy }),
		kick: (options) => sambaKickCommands(options, { legacy }),
		t3Done: (host) => sambaT3DoneCommands(host, { legacy }),
	};
}

/** Runs the commands of a host over SSH. */
export function overSsh(ssh: Ssh): CreateCommand {
	const connection = toConnection(ssh);
	return (name, args, opts) =>
		new remote.Command(
			name,
			{
				...args,
				connection,
				logging: remote.Logging.Stdout,
				addPreviousOutputInEnv: false,
			},
			opts,
		);
}

const onThisMachine: CreateCommand = (name, args, opts) =>
	new local.Command(
		name,
		{
			...args,
			logging: local.Logging.Stdout,
			addPreviousOutputInEnv: false,
		},
		opts,
	);

const overSamba =
	(samba: Samba, run: CreateCommand): CreateCommand =>
	(name, { stdin, ...args }, opts) =>
		run(name, { ...args, stdin: withLogin(samba, stdin) }, opts);

/**
 * Prepends the login lines (address and credentials) to the script on stdin. The loader reads them and passes them to
 * `net` through another pipe.
 *
 * @throws RunError if one of them is invalid, naming the field and never its value
 */
export const withLogin = (
	samba: Samba,
	stdin: pulumi.Input<string>,
): pulumi.Output<string> =>
	pulumi
		.all([
			samba.host,
			samba.port ?? defaultPort(samba),
			samba.user,
			pulumi.secret(samba.password),
			stdin,
		])
		.apply(
			withOneLineErrors(([host, port, user, password, script]) => {
				// A value is undefined if it is an output of a resource that this update leaves out. The update then leaves
				// this command out too.
				if ([host, port, user, password].includes(undefined as never))
					return "";
				return checkedLogin({ host, port, user, password }) + script;
			}),
		);

/**
 * Builds the login lines for `net -A`. Outputs resolve only now, so they are validated here: a line break in one would
 * inject a further line.
 *
 * @throws Error naming the field, never its value
 */
export function checkedLogin(login: {
	host: string;
	port: number;
	user: string;
	password: string;
}): string {
	const { host, port, user, password } = login;
	for (const [key, schema] of [
		["host", ADDRESS],
		["port", PORT],
		["user", SAMBA_USER],
		["password", SAMBA_PASSWORD],
	] as const)
		checkedValue(`samba.${key}`, login[key], schema);
	return loginLines(user, password, host, port);
}

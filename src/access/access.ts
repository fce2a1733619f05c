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
import { toConnection } from "./ssh-connection";

/** A command of the plugin, on another machine or on the one that runs Pulumi. */
export type Command = remote.Command | local.Command;

/** What a command is made of, wherever it runs. */
export interface CommandArgs {
	create: pulumi.Input<string>;
	update: pulumi.Input<string>;
	delete?: pulumi.Input<string>;
	stdin: pulumi.Input<string>;
	triggers?: pulumi.Input<string>[];
}

/** Makes the resource that runs commands for one host. */
export type CreateCommand = (
	name: string,
	args: CommandArgs,
	opts: pulumi.CustomResourceOptions,
) => Command;

/** A way in to an Exchange host: what has to be run there to do a thing, and the resource that runs it. */
export interface Access {
	/** Another kind is another owner of the host's record: see `ownerOf`. */
	readonly kind: string;
	readonly run: CreateCommand;
	enforce(options: EnforceOptions): EnforceCommands;
	kick(options: KickOptions): StepCommands;
	/** See `t3DoneCommands`. */
	t3Done(host: string): StepCommands;
}

/** What is said of an Exchange host's way in: one of the two, as the schema of the arguments has it. */
export interface TransportArgs {
	ssh?: Ssh;
	samba?: Samba;
	registryTool?: RegistryTool;
}

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
		// With and without gateway they are resources of other types: the old one's delete comes after the new one's create.
		kind: gateway ? "samba by gateway" : "samba",
		run: overSamba(samba, gateway ? overSsh(gateway) : onThisMachine),
		enforce: (options) => sambaEnforceCommands(options, { legacy }),
		kick: (options) => sambaKickCommands(options, { legacy }),
		t3Done: (host) => sambaT3DoneCommands(host, { legacy }),
	};
}

/** Commands of a host that is logged in to by SSH. */
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

/** Address and credentials come before the script, on stdin: from there they go to `net` by another pipe. */
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
				// Undefined is what comes from a resource that this update leaves out: the command is left out with it.
				if ([host, port, user, password].includes(undefined as never))
					return "";
				return checkedLogin({ host, port, user, password }) + script;
			}),
		);

/**
 * The login lines. What was known later only has not been looked at before, and a line too many would be taken for another.
 *
 * @throws Error without the value
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
		for (const { message } of schema.safeParse(login[key]).error?.issues ?? [])
			throw new Error(`samba.${key} ${message}`);
	return loginLines(user, password, host, port);
}

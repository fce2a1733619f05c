import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { createAccess, withLogin } from "../../access/access";
import { toConnection } from "../../access/ssh-connection";
import type { HostConfig } from "../../config/load-config";
import { RegistryTool, type Samba, type Ssh } from "../../model/host";
import type { InspectCommands } from "../../protocol/inspection";
import { sambaInspectCommands } from "../../scripts/samba/inspect";
import { inspectCommands } from "../../scripts/windows/inspect";
import { type Route, run } from "./ssh";

/** Milliseconds. Longer than the scripts' own limit, so that the script can report its more precise error first. */
const LIMIT = 240_000;

/** The transport of an inspection. */
export interface HostInspector {
	/** The kind of the transport, as for `hostOwner`. */
	kind: string;
	/** Prints the sections of protocol/inspection.ts, or one message with its code. */
	commands: InspectCommands;
	/**
	 * @returns the output, one character per byte; undefined if the command did not end in time
	 * @throws ConnectionError
	 */
	run: (commands: InspectCommands) => Promise<string | undefined>;
}

/** Selects the transport of a host for an inspection, as `createAccess` does for an update. */
export function createInspector(host: HostConfig): Promise<HostInspector> {
	const { ssh, samba } = host.args;
	return samba ? overSamba(host, samba) : overSsh(host, ssh as Ssh);
}

async function overSsh(
	{ name, args }: HostConfig,
	ssh: Ssh,
): Promise<HostInspector> {
	const route = await toRoute(ssh);
	return {
		kind: createAccess(args).kind,
		commands: inspectCommands({
			host: name,
			registryTool: args.registryTool ?? RegistryTool.Auto,
			id: randomBytes(4).toString("hex"),
		}),
		run: (commands) => run(route, commands, LIMIT),
	};
}

async function overSamba(
	{ name, args }: HostConfig,
	samba: Samba,
): Promise<HostInspector> {
	const { command, stdin } = sambaInspectCommands(name, samba.legacy ?? false);
	const gateway = samba.gateway && (await toRoute(samba.gateway));
	return {
		kind: createAccess(args).kind,
		commands: { command, stdin: await plain(withLogin(samba, stdin)) },
		run: (commands) =>
			gateway ? run(gateway, commands, LIMIT) : runHere(commands),
	};
}

const toRoute = async (ssh: Ssh) => (await plain(toConnection(ssh))) as Route;

/** Does what `run` does, on this machine. */
const runHere = ({ command, stdin }: InspectCommands) =>
	new Promise<string | undefined>((resolve) => {
		const child = execFile(
			"sh",
			["-c", command],
			{
				encoding: "latin1",
				timeout: LIMIT,
				maxBuffer: Number.POSITIVE_INFINITY,
			},
			(error, stdout) => resolve(error?.killed ? undefined : stdout),
		);
		// If the script ends before it reads all of stdin, its output states the reason. The write error adds nothing.
		child.stdin?.on("error", () => {});
		child.stdin?.end(stdin);
	});

/** Resolves secrets to plain values. The results stay in this process. */
const plain = <T>(value: T) =>
	new Promise<pulumi.Unwrap<T>>((resolve) => {
		pulumi.output(value).apply(resolve);
	});

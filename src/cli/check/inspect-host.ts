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

/** Milliseconds. Longer than the scripts' own limit, which tells more. */
const LIMIT = 240_000;

/** A way in to a host, as a look goes it. */
export interface HostInspector {
	/** As `ownerOf` knows it. */
	kind: string;
	/** What it runs prints the parts of `look.ts`, or one message with its code. */
	commands: InspectCommands;
	/**
	 * @returns what was printed, byte by byte a character; undefined where it did not end in time
	 * @throws NoConnection
	 */
	run: (commands: InspectCommands) => Promise<string | undefined>;
}

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

/** As `run`, on this machine. */
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
		// A script that does not read to the end says why.
		child.stdin?.on("error", () => {});
		child.stdin?.end(stdin);
	});

/** Secrets in clear: what is made of them stays in this process. */
const plain = <T>(value: T) =>
	new Promise<pulumi.Unwrap<T>>((resolve) => {
		pulumi.output(value).apply(resolve);
	});

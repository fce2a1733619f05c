/**
 * `npm run lab -- --transport samba --make nt4 --language de --role server`: starts a lab host for work by hand, until
 * Ctrl-C.
 */
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { withProgress } from "../toolchain/progress.ts";
import type { AnyHost } from "./any-host.ts";
import { startHost } from "./host.ts";
import type { LabHost } from "./lab-host.ts";
import { LEGACY } from "./nt/net.ts";
import { type NtHost, startNtHost } from "./nt/nt-host.ts";
import { writeStackFile } from "./stack-file.ts";
import { prepareLab } from "./template.ts";

const stackFile = join(import.meta.dirname, "../../.lab/Pulumi.lab.yaml");

const choices = {
	transport: ["ssh", "samba"],
	language: ["en", "de"],
	role: ["requestor", "server"],
} as const;

/** The makes of host for each transport. */
const makes = {
	ssh: ["reg", "nt4"],
	samba: ["smb2", "nt4"],
} as const;

type Option = keyof typeof choices | "make";

/** The options by name. The transport decides which makes are allowed. */
function readChoices() {
	const option = { type: "string" } as const;
	const { values } = parseArgs({
		options: {
			transport: option,
			make: option,
			language: option,
			role: option,
		},
	});
	function choice<T extends string>(name: Option, allowed: readonly T[]): T {
		const value = values[name] ?? allowed[0];
		const known = allowed.find((each) => each === value);
		if (known === undefined)
			throw new Error(
				`lab: --${name} has a value it does not know, got ${value}; allowed: ${allowed.join(", ")}`,
			);
		return known;
	}
	const transport = choice("transport", choices.transport);
	const language = choice("language", choices.language);
	const role = choice("role", choices.role);
	return transport === "ssh"
		? { transport, make: choice("make", makes.ssh), language, role }
		: { transport, make: choice("make", makes.samba), language, role };
}

/** Starts the host. @returns the host, and how to log in by hand */
async function start(chosen: ReturnType<typeof readChoices>) {
	if (chosen.transport === "samba") {
		const { transport: _, ...options } = chosen;
		const host = await startNtHost(options);
		return { host, logIn: byNet(host) };
	}
	await withProgress("Windows for the lab (half a minute, once)", prepareLab);
	const { transport: _, ...options } = chosen;
	const host = await startHost(options);
	return { host, logIn: bySsh(host) };
}

function bySsh(host: LabHost): string {
	const { host: address, port, user, hostKey } = host.ssh;
	const options = `-i ${host.privateKeyFile} -p ${port} -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;
	return `log in        ssh ${options} ${user}@${address}
one command   ... ${user}@${address} 'net pause MSExchangeDX'
host key      ${hostKey}`;
}

function byNet(host: NtHost): string {
	const { samba, password } = host;
	const dialect = samba.legacy
		? LEGACY.map((option) => `'${option}' `).join("")
		: "";
	return `one command   printf '%s\\n' 'username = ${samba.user}' 'password = ${password}' | net -s /dev/null -A /dev/stdin ${dialect}-S ${samba.host} -p ${samba.port} rpc service pause MSExchangeDX`;
}

const describe = (host: AnyHost, logIn: string) => `
${logIn}
also at       ${host.otherAddress}, the same port
stack file    ${relative("", stackFile)}: pulumi up -s lab --config-file ${relative("", stackFile)}
settings      ${host.dir}/lab/settings (role and faults, read at each event)

The service's log, until Ctrl-C:`;

async function showLog(host: AnyHost, until: AbortSignal): Promise<void> {
	for (let shown = 0; !until.aborted; await pause(250)) {
		const lines = await host.serviceLog();
		for (const { time, pid, event } of lines.slice(shown))
			console.log(`${time.toISOString()} pid ${pid}  ${event}`);
		shown = lines.length;
	}
}

async function main(): Promise<void> {
	const chosen = readChoices();
	const { host, logIn } = await start(chosen);
	await writeStackFile(stackFile, host, chosen.role);
	console.log(describe(host, logIn));
	const ended = new AbortController();
	const log = showLog(host, ended.signal);
	await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
	ended.abort();
	await log;
	await host.stop();
	await rm(stackFile);
	console.log("lab: ended, nothing is left");
}

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});

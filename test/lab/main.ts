/** `npm run lab -- --make nt4 --language de --role server`: a lab host for work by hand, until Ctrl-C. */
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { withProgress } from "../toolchain/progress.ts";
import { type HostOptions, type LabHost, startHost } from "./host.ts";
import { writeStackFile } from "./stack-file.ts";
import { prepareLab } from "./template.ts";

const stackFile = join(import.meta.dirname, "../../.lab/Pulumi.lab.yaml");

const choices = {
	make: ["reg", "nt4"],
	language: ["en", "de"],
	role: ["requestor", "server"],
} as const;

type Choices = Required<Pick<HostOptions, keyof typeof choices>>;

function readChoices(): Choices {
	const option = { type: "string" } as const;
	const { values } = parseArgs({
		options: { make: option, language: option, role: option },
	});
	const chosen = Object.entries(choices).map(([name, allowed]) => {
		const value = values[name as keyof Choices] ?? allowed[0];
		if (!(allowed as readonly string[]).includes(value))
			throw new Error(
				`lab: --${name} has a value it does not know, got ${value}; allowed: ${allowed.join(", ")}`,
			);
		return [name, value];
	});
	return Object.fromEntries(chosen);
}

function describe(host: LabHost): string {
	const { host: address, port, user, hostKey } = host.ssh;
	const options = `-i ${host.privateKeyFile} -p ${port} -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;
	return `
log in        ssh ${options} ${user}@${address}
one command   ... ${user}@${address} 'net pause MSExchangeDX'
also at       ${host.otherAddress}, the same port
host key      ${hostKey}
stack file    ${relative("", stackFile)}: pulumi up -s lab --config-file ${relative("", stackFile)}
settings      ${host.dir}/lab/settings (role and faults, read at each event)

The service's log, until Ctrl-C:`;
}

async function showLog(host: LabHost, until: AbortSignal): Promise<void> {
	for (let shown = 0; !until.aborted; await pause(250)) {
		const lines = await host.serviceLog();
		for (const { time, pid, event } of lines.slice(shown))
			console.log(`${time.toISOString()} pid ${pid}  ${event}`);
		shown = lines.length;
	}
}

async function main(): Promise<void> {
	const chosen = readChoices();
	await withProgress("Windows for the lab (half a minute, once)", prepareLab);
	const host = await startHost(chosen);
	await writeStackFile(stackFile, host, chosen.role);
	console.log(describe(host));
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

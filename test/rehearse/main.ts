/**
 * `npm run rehearse -- --stack production`: runs a stack of the user's own on lab hosts, with a real `pulumi preview` and
 * `pulumi up`. It reads the stack file, but no credential, and connects to no address in it.
 */
import { mkdir, rm } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { SERVICE_KEY } from "../lab/service-key.ts";
import { prepareMachine } from "../prepare.ts";
import { Stack } from "../stack.ts";
import { withProgress } from "../toolchain/progress.ts";
import { RehearsalSite } from "./site.ts";
import {
	type Declared,
	machinesOf,
	partOf,
	readStackFile,
} from "./stack-file.ts";

/** The machines that fit into two cores and 8 GB. */
const MOST = 8;

const USAGE = `Usage: npm run rehearse -- --stack <name> [--hosts <names>] [--real-time]

Runs the stack of stacks/Pulumi.<name>.yaml on lab hosts: a real preview and a real update. Your hosts are not reached, and
your credentials are not read.

  --stack <name>    the stack to rehearse
  --hosts <names>   only these hosts and post offices, separated by commas
  --real-time       do not shorten the waits
  --help            print this text`;

function readArguments() {
	const { values } = parseArgs({
		options: {
			stack: { type: "string", short: "s" },
			hosts: { type: "string" },
			"real-time": { type: "boolean", default: false },
			help: { type: "boolean", short: "h", default: false },
		},
	});
	return values;
}

/** Selects the part to rehearse. @throws Error if it has too many machines */
function select(declared: Declared, stack: string, names?: string): Declared {
	const part = names
		? partOf(
				declared,
				names.split(",").map((name) => name.trim()),
			)
		: declared;
	const count = machinesOf(part).length;
	if (count <= MOST) return part;
	throw new Error(
		`rehearse: stack ${stack} is too large for this machine, got ${count} machines, at most ${MOST}; rehearse it in parts: --hosts ${part.hosts
			.slice(0, 3)
			.map(({ name }) => name)
			.join(",")}, and so on`,
	);
}

async function main(): Promise<void> {
	const { stack: name, hosts, "real-time": realTime, help } = readArguments();
	if (help || name === undefined) {
		console.log(USAGE);
		if (!help) process.exitCode = 1;
		return;
	}
	const file = join("stacks", `Pulumi.${name}.yaml`);
	const declared = await readStackFile(file, name);
	const part = select(declared, name, hosts);
	const folder = resolve(".lab/rehearsal");
	await rm(folder, { recursive: true, force: true });
	await mkdir(folder, { recursive: true });
	const toolchain = await prepareMachine();
	const site = await withProgress(
		`${machinesOf(part).length} lab hosts for stack ${name}`,
		(onLine) => RehearsalSite.start(part, (host) => onLine(`${host} started`)),
	);
	// Ctrl-C must leave no host.
	for (const signal of ["SIGINT", "SIGTERM"] as const)
		process.once(signal, () => site.stop().finally(() => process.exit(130)));
	try {
		const stack = await Stack.open(toolchain, folder, name);
		const { config, changes } = site.configuration(realTime);
		await stack.configure(config);
		console.log(scope(declared, part, changes));
		await rehearse(stack, site, part);
	} finally {
		await site.stop();
	}
}

/** Which part is rehearsed, and what differs from the real stack. */
function scope(declared: Declared, part: Declared, changes: string[]): string {
	const namesOf = ({ hosts, cutovers }: Declared) => [
		...hosts.map(({ name }) => name),
		...cutovers.flatMap(({ postOffices }) => postOffices.map((o) => o.name)),
	];
	const rehearsed = new Set(namesOf(part));
	const left = namesOf(declared).filter((name) => !rehearsed.has(name));
	return `
Rehearsed   ${[...rehearsed].join(", ")}
Not in it   ${left.join(", ") || "nothing is left out"}
Changed     ${changes.join("; ") || "nothing but addresses and credentials"}`;
}

/** Runs preview and update, and prints what happened on the hosts. */
async function rehearse(
	stack: Stack,
	site: RehearsalSite,
	part: Declared,
): Promise<void> {
	const before = await lists(site);
	const preview = await show(stack, "preview");
	if (preview.exitCode !== 0)
		throw new Error("rehearse: the preview failed, as described above");
	const update = await show(stack, "up", "--yes", "--skip-preview");
	const report =
		part.cutovers.length > 0
			? `\nThe cutover on one page: ${relative("", await stack.report(update.all))}`
			: "";
	console.log(`
What happened, read on the lab hosts and not from the stack:
${(await Promise.all(part.hosts.map((host) => whatHappened(site, host)))).join("\n")}
${await programs(site)}
Address lists before:
${before}
Address lists after:
${await lists(site)}
${report}
${update.exitCode === 0 ? "The rehearsal succeeded." : "The update failed, as the messages above describe."}`);
	process.exitCode = update.exitCode === 0 ? 0 : 1;
}

async function show(stack: Stack, ...args: string[]) {
	console.log(`\n$ pulumi ${args.join(" ")} --stack ${stack.name}\n`);
	const run = stack.start([...args, "--suppress-outputs"]);
	run.all.pipe(process.stdout, { end: false });
	const { exitCode, all } = await run;
	return { exitCode, all };
}

async function whatHappened(
	site: RehearsalSite,
	entry: Declared["hosts"][number],
): Promise<string> {
	const host = site.hostOf(entry);
	const value = await host.registryValue(SERVICE_KEY, "PauseKicksDX");
	const [, ...log] = await host.serviceLog();
	const service = log.map(
		({ time, event }) => `${time.toISOString()}  ${event}`,
	);
	return `  ${entry.name}
    registry   PauseKicksDX is ${value ?? "absent"}
    service    ${service.join("\n               ") || "neither restarted nor kicked"}`;
}

async function programs(site: RehearsalSite): Promise<string> {
	const rows = await Promise.all(
		[...site.offices].map(async ([name, office]) => {
			const calls = (await office.calls()).map(
				({ from, program, args }) =>
					`${from.toISOString()}  ${program} ${args}`,
			);
			return `  ${name}
    programs   ${calls.join("\n               ") || "none was run"}`;
		}),
	);
	return rows.join("\n");
}

async function lists(site: RehearsalSite): Promise<string> {
	const rows: string[] = [];
	for (const [name, exchange] of site.exchanges)
		rows.push(row(name, await exchange.recipients()));
	for (const [name, office] of site.offices)
		rows.push(row(name, await office.addressList()));
	return rows.join("\n") || "  the stack has no cutover";
}

const row = (name: string, list: readonly string[]) =>
	`  ${name.padEnd(12)} ${list.join(", ") || "none"}`;

main().catch((error: unknown) => {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});

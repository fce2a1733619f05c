/**
 * `npm run rehearse -- --stack production`: runs a stack of the user's own on lab hosts, with a real `pulumi preview` and
 * `pulumi up`. It reads the stack file, but no credential, and connects to no address in it. With `--break` it practises
 * failures.
 */
import { mkdir, rm } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { SERVICE_KEY } from "../lab/service-key.ts";
import { prepareMachine } from "../prepare.ts";
import { Stack } from "../stack.ts";
import { withProgress } from "../toolchain/progress.ts";
import { type Break, parseBreaks, type Stage } from "./accidents.ts";
import { Control, resume } from "./control.ts";
import { listOf } from "./list.ts";
import { Practice } from "./practice.ts";
import { RehearsalSite } from "./site.ts";
import {
	type Declared,
	machinesOf,
	partOf,
	readStackFile,
} from "./stack-file.ts";
import { stepsOf } from "./steps.ts";

/** The machines that fit into two cores and 8 GB. */
const MOST = 8;

const USAGE = `Usage: npm run rehearse -- --stack <name> [--hosts <names>] [--real-time]
                           [--break "<step>:<accident>"]... [--play]
       npm run rehearse -- --stack <name> [--hosts <names>] --list
       npm run rehearse -- --resume

Runs the stack of stacks/Pulumi.<name>.yaml on lab hosts: a real preview and a real update. Your hosts are not reached, and
your credentials are not read.

  --stack <name>    the stack to rehearse
  --hosts <names>   only these hosts and post offices, separated by commas
  --real-time       do not shorten the waits

Practise failures:
  --list            print the steps and the accidents that can happen to each
  --break "<step>:<accident>"
                    let this step fail, and lead through the recovery. Several are practised one after the other
  --resume          in another terminal: continue, after you have done your part of the recovery
  --play            do your part too

  --help            print this text`;

/** Everything of a rehearsal is in this folder. */
const FOLDER = resolve(".lab/rehearsal");

/** Relative, because the path of a socket has at most 107 characters. */
const SOCKET = relative("", join(FOLDER, "control"));

function readArguments() {
	const flag = { type: "boolean", default: false } as const;
	const { values } = parseArgs({
		options: {
			stack: { type: "string", short: "s" },
			hosts: { type: "string" },
			"real-time": flag,
			break: { type: "string", multiple: true, default: [] },
			play: flag,
			list: flag,
			resume: flag,
			help: { ...flag, short: "h" },
		},
	});
	if (values.play && values.break.length === 0)
		throw new Error(
			'rehearse: --play needs --break, got none; add --break "<step>:<accident>"',
		);
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
	const options = readArguments();
	const { stack: name, hosts, "real-time": realTime } = options;
	if (options.resume) {
		process.exitCode = await resume(SOCKET, (text) =>
			process.stdout.write(text),
		);
		return;
	}
	if (options.help || name === undefined) {
		console.log(USAGE);
		if (!options.help) process.exitCode = 1;
		return;
	}
	const file = join("stacks", `Pulumi.${name}.yaml`);
	const declared = await readStackFile(file, name);
	const part = select(declared, name, hosts);
	const steps = stepsOf(part);
	const breaks = parseBreaks(options.break, steps);
	if (options.list) {
		console.log(listOf(steps));
		return;
	}
	const control = await openFolder();
	const toolchain = await prepareMachine();
	const site = await withProgress(
		`${machinesOf(part).length} lab hosts for stack ${name}`,
		(onLine) => RehearsalSite.start(part, (host) => onLine(`${host} started`)),
	);
	// Ctrl-C must leave no host.
	for (const signal of ["SIGINT", "SIGTERM"] as const)
		process.once(signal, () => site.stop().finally(() => process.exit(130)));
	try {
		const stack = await Stack.open(toolchain, FOLDER, name, {
			// Required for --event-log.
			env: { PULUMI_DEBUG_COMMANDS: "true" },
		});
		const { config, credentials, changes } = site.configuration(realTime);
		await stack.configure({ ...config, credentials });
		control.print(scope(declared, part, changes));
		const stage = { declared: part, site, steps, stack, credentials };
		await rehearse({ ...stage, folder: FOLDER }, control, breaks, options.play);
	} finally {
		await site.stop();
		control.close();
	}
}

/** Clears the folder. @throws Error if another rehearsal uses it */
async function openFolder(): Promise<Control> {
	if (await Control.isOpen(SOCKET))
		throw new Error(
			"rehearse: another rehearsal is running in this folder; continue it with --resume, or end it with Ctrl-C",
		);
	await rm(FOLDER, { recursive: true, force: true });
	await mkdir(FOLDER, { recursive: true });
	return Control.open(SOCKET);
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
	stage: Stage,
	control: Control,
	breaks: readonly Break[],
	play: boolean,
): Promise<void> {
	const { stack, site, declared } = stage;
	const before = await lists(site);
	const preview = await show(stack, control, "preview");
	if (preview.exitCode !== 0)
		throw new Error("rehearse: the preview failed, as described above");
	const practice =
		breaks.length > 0 ? new Practice(stage, control, breaks, play) : undefined;
	const { succeeded, output } = practice
		? await practice.run()
		: await update(stack, control);
	const report =
		declared.cutovers.length > 0
			? `\nThe cutover on one page: ${relative("", await stack.report(output))}`
			: "";
	control.print(`
What happened, read on the lab hosts and not from the stack:
${(await Promise.all(declared.hosts.map((host) => whatHappened(site, host)))).join("\n")}
${await programs(site)}
Address lists before:
${before}
Address lists after:
${await lists(site)}
${report}
${practice ? `${await practice.summary()}\n` : ""}
${succeeded ? "The rehearsal succeeded." : "The rehearsal failed, as the messages above describe."}`);
	process.exitCode = succeeded ? 0 : 1;
	control.release(succeeded ? 0 : 1);
}

async function update(stack: Stack, control: Control) {
	const run = await show(stack, control, "up", "--yes", "--skip-preview");
	return { succeeded: run.exitCode === 0, output: run.all };
}

async function show(stack: Stack, control: Control, ...args: string[]) {
	control.print(`\n$ pulumi ${args.join(" ")} --stack ${stack.name}\n`);
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

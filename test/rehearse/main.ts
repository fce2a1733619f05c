/**
 * `npm run rehearse -- --stack production`: runs a stack of the user's own on lab hosts, with a real `pulumi preview` and
 * `pulumi up`. It reads the stack file, but no credential, and connects to no address in it. With `--break` it practises
 * failures.
 */
import { mkdir, rm } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { descendants, end } from "../lab/processes.ts";
import { prepareMachine } from "../prepare.ts";
import { Stack } from "../stack.ts";
import { withProgress } from "../toolchain/progress.ts";
import { type Break, parseBreaks, type Stage } from "./accidents.ts";
import { build } from "./build.ts";
import { Control, resume } from "./control.ts";
import { addressLists, whatHappened } from "./happened.ts";
import { listOf } from "./list.ts";
import { OperatorsPulumi } from "./operator.ts";
import { assertFits, readOptions, selectPart, USAGE } from "./options.ts";
import { Practice, tableOf, wrongOf } from "./practice.ts";
import { RehearsalSite } from "./site.ts";
import { type Declared, machinesOf, readStackFile } from "./stack-file.ts";
import { stepsOf } from "./steps.ts";
import { shown } from "./update.ts";

/** Everything of a rehearsal is in this folder. */
const FOLDER = resolve(".lab/rehearsal");

/** Whether Ctrl-C has ended the rehearsal. What fails from then on is no error. */
let isEnded = false;

/** Relative, because the path of a socket has at most 107 characters. */
const SOCKET = relative("", join(FOLDER, "control"));

async function main(): Promise<void> {
	const options = readOptions(process.argv.slice(2));
	const { stack: name, hosts, "real-time": realTime, play } = options;
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
	const declared = await readStackFile(
		join("stacks", `Pulumi.${name}.yaml`),
		name,
	);
	const part = selectPart(declared, hosts);
	const steps = stepsOf(part);
	const breaks = parseBreaks(options.break, steps);
	if (options.list) {
		console.log(listOf(steps));
		return;
	}
	assertFits(part, name);
	const control = await openFolder();
	try {
		await build();
		const toolchain = await prepareMachine();
		const site = await withProgress(
			`${machinesOf(part).length} lab hosts for stack ${name}`,
			(onLine) =>
				RehearsalSite.start(part, (host) => onLine(`${host} started`)),
		);
		endOnSignal(site, control);
		try {
			const stack = await Stack.open(toolchain, FOLDER, name, {
				// Required for --event-log.
				env: { PULUMI_DEBUG_COMMANDS: "true" },
			});
			const operator = await OperatorsPulumi.write(stack, FOLDER);
			const { config, credentials, changes } = site.configuration(realTime);
			await stack.configure({ ...config, credentials });
			control.print(scope(declared, part, changes));
			if (part.cutovers.length > 0)
				control.print(`Follow it   in another terminal: ${operator.watch}`);
			const stage = { declared: part, site, steps, stack, credentials };
			await rehearse(
				{ ...stage, folder: FOLDER },
				...([control, operator, breaks, play] as const),
			);
		} finally {
			await site.stop();
		}
	} finally {
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

/** Ctrl-C leaves no host, no program and no socket. */
function endOnSignal(site: RehearsalSite, control: Control): void {
	const stop = async () => {
		// npm and tsx pass Ctrl-C on to a program that the terminal has sent it to already.
		if (isEnded) return;
		isEnded = true;
		// Pulumi gets Ctrl-C too, and warns of resources that nobody would need any more.
		control.printLast(
			"\nrehearse: ended by Ctrl-C; the lab hosts are being stopped, and your own hosts were not reached",
		);
		await site.stop();
		end(descendants(process.pid));
		control.close();
		process.exit(130);
	};
	for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);
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
Through     ${throughOf(part).join(", ") || "no jump host or gateway"}
Not in it   ${left.join(", ") || "nothing is left out"}
Changed     ${changes.join("; ") || "nothing but addresses and credentials"}`;
}

/** The jump hosts and gateways of a part. */
function throughOf({ hosts, cutovers }: Declared): string[] {
	const logins = [
		...hosts,
		...cutovers.flatMap(({ postOffices }) => postOffices),
	].flatMap(({ ssh, samba }: Partial<Declared["hosts"][number]>) => [
		...(ssh?.proxy ? [`${ssh.proxy.host} (jump host)`] : []),
		...(samba?.gateway ? [`${samba.gateway.host} (gateway)`] : []),
	]);
	return [...new Set(logins)];
}

/** Runs preview and updates, and prints what happened on the hosts. */
async function rehearse(
	stage: Stage,
	control: Control,
	operator: OperatorsPulumi,
	breaks: readonly Break[],
	play: boolean,
): Promise<void> {
	const { stack, site, declared } = stage;
	const before = await addressLists(site);
	await preview(stack, control);
	const practice = new Practice(stage, control, operator, breaks, play);
	const { succeeded, output } = await practice.run();
	const report =
		declared.cutovers.length > 0
			? `The cutover on one page: ${relative("", await stack.report(output))}`
			: "";
	const counts = await practice.counts();
	const wrong = succeeded ? wrongOf(counts) : [];
	const exitCode = succeeded && wrong.length === 0 ? 0 : 1;
	const parts = [
		`What happened, read on the lab hosts and not from the stack:\n${await whatHappened(site, declared)}`,
		`Address lists before:\n${before}\nAddress lists after:\n${await addressLists(site)}`,
		practice.table,
		`Counted on the lab hosts:\n${tableOf(counts)}`,
		report,
		wrong.join("\n"),
		exitCode === 0
			? "The rehearsal succeeded."
			: "The rehearsal failed, as the messages above describe.",
	];
	control.print(`\n${parts.filter(Boolean).join("\n\n")}`);
	process.exitCode = exitCode;
	control.release(exitCode);
}

/** @throws Error if it fails */
async function preview(stack: Stack, control: Control): Promise<void> {
	control.print(`\n$ pulumi preview --stack ${stack.name}\n`);
	const run = stack.start(["preview", "--suppress-outputs"]);
	const { exitCode } = await shown(run, (text) => control.write(text));
	if (exitCode !== 0)
		throw new Error("rehearse: the preview failed, as described above");
}

main().catch((error: unknown) => {
	if (isEnded) return;
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
});

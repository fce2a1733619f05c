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
import type { Toolchain } from "../toolchain/toolchain.ts";
import { parseBreaks } from "./accidents.ts";
import { buildIfNeeded } from "./build.ts";
import { Control, resume } from "./control.ts";
import { addressLists, whatHappened } from "./happened.ts";
import { listOf } from "./list.ts";
import { OperatorsPulumi } from "./operator.ts";
import { readOptions, selectPart, splitIntoParts, USAGE } from "./options.ts";
import { Practice, tableOf, wrongOf } from "./practice.ts";
import { RehearsalSite } from "./site.ts";
import {
	type Declared,
	entriesOf,
	machinesOf,
	readStackFile,
	throughOf,
} from "./stack-file.ts";
import { stepsOf } from "./steps.ts";
import { showing } from "./update.ts";

/** Everything of a rehearsal is in this folder. */
const FOLDER = resolve(".lab/rehearsal");

/** Relative, because the path of a socket has at most 107 characters. */
const SOCKET = relative("", join(FOLDER, "control"));

/** Whether a signal has ended the rehearsal. What fails from then on is no error. */
let isEnded = false;

async function main(): Promise<void> {
	const options = readOptions(process.argv.slice(2));
	if (options.help) {
		console.log(USAGE);
		return;
	}
	if (options.resume) {
		process.exitCode = await resume(SOCKET, (text) =>
			process.stdout.write(text),
		);
		return;
	}
	const { stack } = options;
	const declared = await readStackFile(
		join("stacks", `Pulumi.${stack}.yaml`),
		stack,
	);
	const selected = selectPart(declared, options.hosts);
	const steps = stepsOf(selected);
	parseBreaks(options.break, steps);
	if (options.list) {
		console.log(listOf(steps));
		return;
	}
	const control = await openFolder();
	// None while hosts start.
	let site: RehearsalSite | undefined;
	endOnSignal(control, () => site?.stop());
	try {
		await buildIfNeeded();
		const toolchain = await prepareMachine();
		const parts = splitIntoParts(selected);
		const left = new Set(options.break);
		for (const [index, part] of parts.entries()) {
			const isPart = parts.length > 1;
			if (isPart) control.print(`\nPart ${index + 1} of ${parts.length}`);
			site = await withProgress(
				`${machinesOf(part).length} lab hosts for stack ${stack}`,
				(onLine) =>
					RehearsalSite.start(part, (host) => onLine(`${host} started`)),
			);
			// A step of several parts fails in the first.
			const breaks = [...left].filter((each) => isIn(part, each));
			for (const each of breaks) left.delete(each);
			const isRight = await rehearse({
				...{ declared, part, site, control, toolchain, ...options, breaks },
				folder: isPart ? join(FOLDER, `part-${index + 1}`) : FOLDER,
			});
			await site.stop();
			site = undefined;
			if (!isRight) process.exitCode = 1;
			control.release(isRight ? 0 : 1);
		}
	} catch (error) {
		if (isEnded) return;
		// The terminal of --resume shows it too.
		control.print(describe(error));
		process.exitCode = 1;
	} finally {
		await site?.stop();
		control.close();
	}
}

/** Whether a part has the step of a value of `--break`. */
const isIn = (part: Declared, value: string): boolean =>
	stepsOf(part).some(({ name }) => name === value.split(":")[0]?.trim());

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

/** The signals that end a rehearsal, with the exit codes of a shell. SIGPIPE: nobody reads its output any more. */
const SIGNALS = {
	SIGINT: { name: "Ctrl-C", code: 130 },
	SIGTERM: { name: "SIGTERM", code: 143 },
	SIGPIPE: { name: "SIGPIPE", code: 141 },
} as const;

/** npm and tsx pass Ctrl-C on to a program that the terminal has sent it to already. In milliseconds. */
const SAME = 1000;

/** Leaves no host, no program and no socket. A second signal ends this process at once. */
function endOnSignal(
	control: Control,
	stopHosts: () => Promise<void> | undefined,
): void {
	let first = 0;
	const stop = async (signal: keyof typeof SIGNALS) => {
		const { name, code } = SIGNALS[signal];
		if (isEnded) {
			if (Date.now() - first > SAME) process.exit(code);
			return;
		}
		isEnded = true;
		first = Date.now();
		// Pulumi gets Ctrl-C too, and warns of resources that nobody would need any more.
		control.printLast(
			`\nrehearse: ended by ${name}; the lab hosts are being stopped, and your own hosts were not reached`,
		);
		const stopped = stopHosts();
		await stopped?.catch(() => undefined);
		// Hosts that are starting end with this process: their keepers, which are descendants, see to it.
		if (stopped) end(descendants(process.pid));
		control.close();
		process.exit(code);
	};
	for (const signal of ["SIGINT", "SIGTERM"] as const)
		process.on(signal, () => stop(signal));
	// Node ignores the signal itself. A program that reads the output, such as tee, ends with Ctrl-C too.
	process.stdout.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code !== "EPIPE") throw error;
		stop("SIGPIPE");
	});
}

/** One rehearsal, of a stack or of a part. */
interface Rehearsal {
	/** The whole stack. */
	declared: Declared;
	part: Declared;
	site: RehearsalSite;
	control: Control;
	toolchain: Toolchain;
	folder: string;
	/** The values of `--break` for this part. */
	breaks: readonly string[];
	stack: string;
	play: boolean;
	"real-time": boolean;
}

/** Runs preview and updates, and prints what happened on the hosts. @returns whether it succeeded */
async function rehearse({
	declared,
	part,
	site,
	control,
	toolchain,
	folder,
	...options
}: Rehearsal): Promise<boolean> {
	const stack = await Stack.open(toolchain, folder, options.stack, {
		// Required for --event-log.
		env: { PULUMI_DEBUG_COMMANDS: "true" },
	});
	const operator = await OperatorsPulumi.write(stack, folder);
	const { config, credentials, changes } = site.configuration(
		options["real-time"],
	);
	await stack.configure({ ...config, credentials });
	control.print(scope(declared, part, changes));
	if (part.cutovers.length > 0)
		control.print(`Follow it   in another terminal: ${operator.watch}`);
	const steps = stepsOf(part);
	const practice = new Practice(
		{ declared: part, site, steps, stack, credentials, folder },
		control,
		operator,
		parseBreaks(options.breaks, steps),
		options.play,
	);
	const before = await addressLists(site);
	await preview(stack, control);
	const { succeeded, output } = await practice.run();
	const report =
		part.cutovers.length > 0
			? `The cutover on one page: ${relative("", await stack.report(output))}`
			: "";
	const counts = await practice.counts();
	const wrong = succeeded ? wrongOf(counts) : [];
	const isRight = succeeded && wrong.length === 0;
	const texts = [
		`What happened, read on the lab hosts and not from the stack:\n${await whatHappened(site, part)}`,
		`Address lists before:\n${before}\nAddress lists after:\n${await addressLists(site)}`,
		practice.table,
		`Counted on the lab hosts:\n${tableOf(counts)}`,
		report,
		wrong.join("\n"),
		isRight
			? "The rehearsal succeeded."
			: "The rehearsal failed, as the messages above describe.",
	];
	control.print(`\n${texts.filter(Boolean).join("\n\n")}`);
	return isRight;
}

/** @throws Error if it fails */
async function preview(stack: Stack, control: Control): Promise<void> {
	control.print(`\n$ pulumi preview --stack ${stack.name}\n`);
	const run = stack.start(["preview", "--suppress-outputs"]);
	const { exitCode } = await showing(run, (text) => control.write(text));
	if (exitCode !== 0)
		throw new Error("rehearse: the preview failed, as described above");
}

/** Which part is rehearsed, and what differs from the real stack. */
function scope(declared: Declared, part: Declared, changes: string[]): string {
	const namesOf = (of: Declared) => entriesOf(of).map(({ name }) => name);
	const through = new Set(
		throughOf(part).map(({ kind, login }) => `${login.host} (${kind})`),
	);
	const rehearsed = new Set(namesOf(part));
	const left = namesOf(declared).filter((name) => !rehearsed.has(name));
	return `
Rehearsed   ${[...rehearsed].join(", ")}${through.size > 0 ? `\nThrough     ${[...through].join(", ")}` : ""}
Not in it   ${left.join(", ") || "nothing is left out"}
Changed     ${changes.join("; ") || "nothing but addresses and credentials"}`;
}

const describe = (error: unknown): string =>
	error instanceof Error ? error.message : String(error);

main().catch((error: unknown) => {
	console.error(describe(error));
	process.exitCode = 1;
});

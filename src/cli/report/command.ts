import { readFile, writeFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { runPulumiJson } from "../pulumi-cli";
import { identify } from "../stack";
import { runCli, UserError } from "../user-error";
import { buildReport } from "./build-report";
import { readEvents } from "./events";
import { readLog } from "./log";
import type { Log } from "./model";
import { renderPage } from "./page";

interface Options {
	stack: string;
	eventLog?: string;
	log?: string;
	out?: string;
}

export const reportCommand = () =>
	new Command("report")
		.description("Write one HTML page about the cutovers of a stack.")
		.requiredOption("-s, --stack <name>", "the stack")
		.addOption(
			new Option(
				"--event-log <file>",
				"what pulumi up --event-log wrote or pulumi up --json printed: adds what failed and why",
			).conflicts("log"),
		)
		.option("--log <file>", "instead of --event-log: what pulumi up printed")
		.option(
			"--out <file>",
			"where to write the page (default: cutover-report-<stack>.html in this folder)",
		)
		.addHelpText(
			"after",
			`
Run it where pulumi up is run: it uses the stack's configuration and state. It reads no secret and connects to no host.

Exit codes:
  0  the page was written
  1  the stack or the log could not be read, or the page could not be written`,
		)
		.action((options: Options) => runCli(() => run(options)));

async function run(options: Options): Promise<number> {
	console.log(await report(options));
	return 0;
}

async function report(options: Options): Promise<string> {
	const { stack, out } = options;
	const log = await readUpdate(options);
	const [state, config, about] = await Promise.all([
		runPulumiJson(stack, ["stack", "export"]),
		runPulumiJson(stack, ["config", "--json"]),
		runPulumiJson(stack, ["about", "--json"]),
	]);
	const { project } = identify(stack, about);
	const page = renderPage(
		buildReport({ stack, project, state, config, log }),
		new Date(),
	);
	const file =
		out ?? `cutover-report-${stack.replaceAll(/[^\w.-]/g, "-")}.html`;
	await writeFile(file, page).catch((error) => {
		throw new UserError(
			`The page could not be written to ${file} (${error.code}): name another file with --out.`,
		);
	});
	return file;
}

/** Reads what is known of the last update; undefined if no file is given. */
async function readUpdate({
	stack,
	eventLog,
	log: logFile,
}: Options): Promise<Log | undefined> {
	const file = eventLog ?? logFile;
	if (file === undefined) return undefined;
	const log =
		eventLog === undefined
			? await readLogFile(file)
			: await readEventLogFile(file);
	const last = (name: string) => name.split("/").at(-1);
	if (log.stack !== undefined && last(log.stack) !== last(stack))
		throw new UserError(
			`The log ${file} is of stack ${log.stack}, not of ${stack}: use the log of its last update.`,
		);
	return log;
}

const readLogFile = async (file: string): Promise<Log> =>
	readLog(
		await readText(
			file,
			`--log takes a file of what pulumi up printed, made with pulumi up --yes 2>&1 | tee ${file}`,
		),
	);

async function readEventLogFile(file: string): Promise<Log> {
	const log = readEvents(
		await readText(
			file,
			`--event-log takes the file that PULUMI_DEBUG_COMMANDS=true pulumi up --yes --event-log ${file} writes`,
		),
	);
	if (!log)
		throw new UserError(
			`The event log ${file} has no events of an update: --event-log takes the file of pulumi up --event-log, or what pulumi up --json printed; what pulumi up printed without these options goes with --log.`,
		);
	return log;
}

/** @param hint what the file must be */
async function readText(file: string, hint: string): Promise<string> {
	const bytes = await readFile(file).catch((error) => {
		throw new UserError(
			`The log ${file} could not be read (${error.code}): ${hint}.`,
		);
	});
	// PowerShell's > writes UTF-16.
	const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf16le" : "utf8";
	return bytes.toString(encoding).replace(/^\ufeff/, "");
}

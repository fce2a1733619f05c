import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { runPulumiJson } from "../pulumi-cli";
import { runCli, UserError } from "../user-error";
import { buildReport } from "./build-report";
import { type Log, readLog } from "./log";
import { renderPage } from "./page";

const USAGE = `Usage: npm run report -- --stack <name> [--log <file>] [--out <file.html>]

Writes one HTML page about the cutovers of a stack.

  --stack  the stack
  --log    a file of what pulumi up printed: adds what failed and why
  --out    where to write the page; cutover-report-<stack>.html in this folder if left out`;

interface Options {
	stack: string;
	log?: string;
	out?: string;
}

/** Undefined if the command line does not match the usage. */
function parseOptions(args: string[]): Options | undefined {
	try {
		const text = { type: "string" } as const;
		const { values } = parseArgs({
			args,
			options: { stack: text, log: text, out: text },
		});
		const { stack, ...files } = values;
		return stack ? { stack, ...files } : undefined;
	} catch {
		return undefined;
	}
}

async function report({ stack, log: logFile, out }: Options): Promise<string> {
	const log =
		logFile === undefined ? undefined : await readLogFile(logFile, stack);
	const state = await runPulumiJson(stack, ["stack", "export"]);
	const config = await runPulumiJson(stack, ["config", "--json"]);
	const page = renderPage(
		buildReport({ stack, state, config, log }),
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

async function readLogFile(file: string, stack: string): Promise<Log> {
	const bytes = await readFile(file).catch((error) => {
		throw new UserError(
			`The log ${file} could not be read (${error.code}): --log takes a file of what pulumi up printed, made with pulumi up --yes 2>&1 | tee ${file}.`,
		);
	});
	// PowerShell's > writes UTF-16.
	const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf16le" : "utf8";
	const log = readLog(bytes.toString(encoding).replace(/^\ufeff/, ""));
	const last = (name: string) => name.split("/").at(-1);
	if (log.stack !== undefined && last(log.stack) !== last(stack))
		throw new UserError(
			`The log ${file} is of stack ${log.stack}, not of ${stack}: use the log of its last update.`,
		);
	return log;
}

async function main(args: string[]): Promise<number> {
	const options = parseOptions(args);
	if (!options) {
		console.error(USAGE);
		return 2;
	}
	console.log(await report(options));
	return 0;
}

runCli(() => main(process.argv.slice(2)));

import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { askPulumi } from "../pulumi-cli";
import { runToEnd, Trouble } from "../user-error";
import { readReport } from "./build-report";
import { type Log, readLog } from "./log";
import { pageOf } from "./page";

const USAGE = `Usage: npm run report -- --stack <name> [--log <file>] [--out <file.html>]

Writes one HTML page about the cutovers of a stack.

  --stack  the stack
  --log    a file of what pulumi up printed: says what failed and why
  --out    where to write the page; cutover-report-<stack>.html in this folder if left out`;

interface Options {
	stack: string;
	log?: string;
	out?: string;
}

/** Undefined where the command line is not as the usage says. */
function optionsOf(args: string[]): Options | undefined {
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
	const log = logFile === undefined ? undefined : await logIn(logFile, stack);
	const state = await askPulumi(stack, ["stack", "export"]);
	const config = await askPulumi(stack, ["config", "--json"]);
	const page = pageOf(readReport({ stack, state, config, log }), new Date());
	const file =
		out ?? `cutover-report-${stack.replaceAll(/[^\w.-]/g, "-")}.html`;
	await writeFile(file, page).catch((error) => {
		throw new Trouble(
			`The page could not be written to ${file} (${error.code}): name another file with --out.`,
		);
	});
	return file;
}

async function logIn(file: string, stack: string): Promise<Log> {
	const bytes = await readFile(file).catch((error) => {
		throw new Trouble(
			`The log ${file} could not be read (${error.code}): --log takes a file of what pulumi up printed, made with pulumi up --yes 2>&1 | tee ${file}.`,
		);
	});
	// PowerShell's > writes UTF-16.
	const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf16le" : "utf8";
	const log = readLog(bytes.toString(encoding).replace(/^\ufeff/, ""));
	const last = (name: string) => name.split("/").at(-1);
	if (log.stack !== undefined && last(log.stack) !== last(stack))
		throw new Trouble(
			`The log ${file} is of stack ${log.stack}, not of ${stack}: give the one of its last update.`,
		);
	return log;
}

async function main(args: string[]): Promise<number> {
	const options = optionsOf(args);
	if (!options) {
		console.error(USAGE);
		return 2;
	}
	console.log(await report(options));
	return 0;
}

runToEnd(() => main(process.argv.slice(2)));

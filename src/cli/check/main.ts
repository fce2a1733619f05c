import { parseArgs } from "node:util";
import { readStack } from "../stack";
import { runCli } from "../user-error";
import { type Check, check } from "./check";
import { renderTable } from "./table";

const USAGE = `Usage: npm run check -- --stack <name> [--json]

Inspects every host of a stack and changes nothing: no write to the registry, no restart, no control. Run it where
pulumi up is run: it uses the stack's configuration, credentials and transports.

  --stack  the stack
  --json   JSON, described in docs/check.md; with npm run --silent nothing else is printed
  --help   this text

Ends with 0 where all is as declared, with 2 where any host has drifted, and with 1 if the check is incomplete: a host
could not be checked, or the stack could not be read.`;

const EXIT_CODES: Record<Check["result"], number> = {
	"as-declared": 0,
	drift: 2,
	"not-checked": 1,
};

interface Options {
	stack?: string;
	json?: boolean;
	help?: boolean;
}

/** Undefined if the command line does not match the usage. */
function parseOptions(args: string[]): Options | undefined {
	const flag = { type: "boolean" } as const;
	try {
		return parseArgs({
			args,
			options: { stack: { type: "string" }, json: flag, help: flag },
		}).values;
	} catch {
		return undefined;
	}
}

async function main(args: string[]): Promise<number> {
	const options = parseOptions(args);
	if (options?.help) {
		console.log(USAGE);
		return 0;
	}
	if (!options?.stack) {
		console.error(USAGE);
		return 1;
	}
	const stack = await readStack(options.stack);
	const found = await check(stack, (done) =>
		progress(`${done} of ${stack.hosts.length} hosts checked`),
	);
	progress("");
	console.log(
		options.json ? JSON.stringify(found, undefined, 2) : renderTable(found),
	);
	return EXIT_CODES[found.result];
}

/** Overwrites one progress line on a terminal. Output to a file or pipe gets none. */
function progress(line: string): void {
	if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
}

runCli(() => main(process.argv.slice(2)));

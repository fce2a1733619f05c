import { writeFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { runPulumiJson } from "../pulumi-cli";
import { identify } from "../stack";
import { runCli, UserError } from "../user-error";
import { buildReport } from "./build-report";
import { readUpdate } from "./log-file";
import { renderPage } from "./page";
import { watch } from "./watch";

interface Options {
	stack: string;
	eventLog?: string;
	log?: string;
	out?: string;
	watch?: true;
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
		.addOption(
			new Option(
				"--watch",
				"serve a page on this machine that follows a running update, until Ctrl-C; --event-log may name a file that pulumi up has yet to write",
			).conflicts(["log", "out"]),
		)
		.addHelpText(
			"after",
			`
Run it where pulumi up is run: it uses the stack's configuration and state. It reads no secret and connects to no host.

Exit codes:
  0  the page was written, or --watch was ended by Ctrl-C
  1  the stack or the log could not be read, or the page could not be written`,
		)
		.action((options: Options) => runCli(() => run(options)));

async function run(options: Options): Promise<number> {
	if (options.watch) await watch(options, endSignal());
	else console.log(await report(options));
	return 0;
}

/** Aborted by the first Ctrl-C or SIGTERM. A second one ends the process at once. */
function endSignal(): AbortSignal {
	const end = new AbortController();
	for (const name of ["SIGINT", "SIGTERM"] as const)
		process.once(name, () => end.abort());
	return end.signal;
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

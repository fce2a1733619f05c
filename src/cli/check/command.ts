import { Command } from "commander";
import { DOCS } from "../docs";
import { clearProgress, showProgress } from "../progress";
import { readStack } from "../stack";
import { runCli, UserError } from "../user-error";
import { type Check, check } from "./check";
import { renderTable } from "./table";

const EXIT_CODES: Record<Check["result"], number> = {
	"as-declared": 0,
	drift: 2,
	"not-checked": 1,
};

interface Options {
	stack: string;
	json?: boolean;
}

export const checkCommand = () =>
	new Command("check")
		.description(
			"Compare every host of a stack with its declaration. No host is changed: no write to the registry, no restart, no control.",
		)
		.requiredOption("-s, --stack <name>", "the stack")
		.option("--json", `print JSON, described at ${DOCS}/check.md`)
		.addHelpText(
			"after",
			`
Run it where pulumi up is run: it uses the stack's configuration, or its state, and the same credentials and transports.

Exit codes:
  0  every host is as declared
  1  a host could not be checked, or the stack could not be read
  2  a host has drifted`,
		)
		.action((options: Options) => runCli(() => run(options)));

async function run({ stack: name, json }: Options): Promise<number> {
	const stack = await readStack(name);
	if (stack.noHosts !== undefined) throw new UserError(stack.noHosts);
	const found = await check(stack, (done) =>
		showProgress(`${done} of ${stack.hosts.length} hosts checked`),
	);
	clearProgress();
	console.log(json ? JSON.stringify(found, undefined, 2) : renderTable(found));
	return EXIT_CODES[found.result];
}

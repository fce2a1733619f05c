import { Command, Option } from "commander";
import { DOCS } from "../docs";
import { clearProgress, showProgress } from "../progress";
import { readStack } from "../stack";
import { runCli } from "../user-error";
import { type Plan, planDestroy, planUp } from "./plan";
import { runPreview } from "./preview";
import { renderMarkdown, renderTable } from "./render";

const EXIT_CODES: Record<Plan["result"], number> = {
	nothing: 0,
	changes: 2,
	refused: 1,
	"not-inspected": 1,
};

interface Options {
	stack: string;
	destroy?: boolean;
	json?: boolean;
	markdown?: boolean;
}

export const planCommand = () =>
	new Command("plan")
		.description(
			"Show what the next pulumi up will do on every host. No host is changed: no write to the registry, no restart, no control.",
		)
		.requiredOption("-s, --stack <name>", "the stack")
		.option("--destroy", "show what pulumi destroy will do instead")
		.addOption(
			new Option(
				"--json",
				`print JSON, described at ${DOCS}/plan.md`,
			).conflicts("markdown"),
		)
		.option("--markdown", "print Markdown, for a comment of a pipeline")
		.addHelpText(
			"after",
			`
It runs pulumi preview and inspects the hosts with the credentials of the stack.

Exit codes:
  0  the update does nothing on any host
  1  a host could not be inspected, the update will fail on a host, or the preview failed
  2  the update does something`,
		)
		.action((options: Options) => runCli(() => run(options)));

async function run(options: Options): Promise<number> {
	const plan = await makePlan(options);
	clearProgress();
	console.log(render(plan, options));
	return EXIT_CODES[plan.result];
}

async function makePlan({ stack: name, destroy }: Options): Promise<Plan> {
	const [stack, preview] = await Promise.all([
		readStack(name),
		destroy ? [] : runPreview(name),
	]);
	const { hosts } = stack;
	const onProgress = (done: number) =>
		showProgress(`${done} of ${hosts.length} hosts inspected`);
	return destroy
		? planDestroy(stack, onProgress)
		: planUp(stack, preview, onProgress);
}

function render(plan: Plan, { json, markdown }: Options): string {
	if (json) return JSON.stringify(plan, undefined, 2);
	return markdown ? renderMarkdown(plan) : renderTable(plan);
}

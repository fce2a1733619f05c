import { formatRegistryValue } from "../../protocol/registry-value";
import { alignColumns } from "../columns";
import type { CutoverPlan } from "./cutovers";
import type { HostPlan, HostPlanned, Plan } from "./plan";

const HEAD = ["host", "PauseKicksDX", "restart", "cycles", "refused"];

/** Renders the plan as text: one line per host, then reasons and notes, then the cutovers, then a summary. */
export function renderTable(plan: Plan): string {
	return [
		...alignColumns([HEAD, ...plan.hosts.map(cells)]),
		"",
		...block(plan.hosts.flatMap(details)),
		...block(plan.cutovers.map(cutoverLine)),
		summary(plan),
	].join("\n");
}

/** Renders the plan as Markdown, for a comment of a pipeline. */
export function renderMarkdown(plan: Plan): string {
	const row = (texts: readonly string[]) =>
		`| ${texts.map(escapeMarkdown).join(" | ")} |`;
	const list = (lines: readonly string[]) =>
		block(lines.map((line) => `- ${escapeMarkdown(line)}`));
	return [
		`### Plan of \`pulumi ${plan.for}\` for ${escapeMarkdown(plan.stack)}`,
		"",
		row(HEAD),
		row(HEAD.map(() => "---")),
		...plan.hosts.map((host) => row(cells(host))),
		"",
		...list(plan.hosts.flatMap(details)),
		...list(plan.cutovers.map(cutoverLine)),
		summary(plan),
	].join("\n");
}

const block = (lines: readonly string[]) =>
	lines.length > 0 ? [...lines, ""] : [];

/** No text of a host may end a cell or become markup. */
const escapeMarkdown = (text: string) =>
	text === "---" ? text : text.replaceAll(/[\\`*_{}[\]<>#|]/g, "\\$&");

function cells(host: HostPlan): string[] {
	if (!host.inspected)
		return [host.name, `not inspected: ${host.error.code}`, "", "", ""];
	const { value, restart, cycles, refused } = host;
	const now = formatRegistryValue(value.now).slice(0, 40);
	const after = formatRegistryValue(value.after).slice(0, 40);
	return [
		host.name,
		now === after ? now : `${now} -> ${after}`,
		restart ? "yes" : "no",
		cycles.map(({ type }) => type ?? "yes").join(", ") || "none",
		refused.map(({ code }) => code).join(", ") || "-",
	];
}

function details(host: HostPlan): string[] {
	const { name } = host;
	if (!host.inspected) return [host.error.text];
	return [
		...(host.restart
			? [`${name}: the service is restarted: ${host.restart}`]
			: []),
		...host.cycles.map(
			({ type, reason }) =>
				`${name}: ${type ?? "a cycle"} is started: ${reason}`,
		),
		...host.notes.map((note) => `${name}: ${note}`),
		...host.refused.map(({ text }) => text),
	];
}

const cutoverLine = ({ name, steps }: CutoverPlan): string =>
	steps.length === 0
		? `cutover ${name}: all steps are done`
		: `cutover ${name}: ${steps.length} ${steps.length === 1 ? "step" : "steps"}: ${steps.join(", ")}`;

function summary({ hosts, for: command }: Plan): string {
	const count = (matches: (host: HostPlanned) => boolean) =>
		hosts.filter((host) => host.inspected && matches(host)).length;
	const cycles = hosts.reduce(
		(sum, host) => sum + (host.inspected ? host.cycles.length : 0),
		0,
	);
	const changed = count(
		({ value }) =>
			formatRegistryValue(value.now) !== formatRegistryValue(value.after),
	);
	const not = hosts.filter(({ inspected }) => !inspected).length;
	return [
		`pulumi ${command}: ${hosts.length} ${hosts.length === 1 ? "host" : "hosts"}`,
		`${changed} with a new value`,
		`${count(({ restart }) => restart !== null)} restarted`,
		`${cycles} ${cycles === 1 ? "cycle" : "cycles"}`,
		`${count(({ refused }) => refused.length > 0)} refused`,
		`${not} not inspected`,
	].join(", ");
}

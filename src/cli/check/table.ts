import { HOST_CYCLE } from "../../protocol/host-record";
import { formatRegistryValue } from "../../protocol/registry-value";
import { alignColumns } from "../columns";
import type { Check, HostCheck } from "./check";

const HEAD = [
	"host",
	"drift",
	"value",
	"service",
	"started since",
	"last cycle",
	"evidence",
];

/** Renders the result as text: one line per host, then the problems, then a summary. */
export function renderTable({ hosts }: Check): string {
	const problems = hosts.flatMap(problemLines);
	return [
		...alignColumns([HEAD, ...hosts.map(renderRow)]),
		"",
		...problems,
		...(problems.length > 0 ? [""] : []),
		summaryLine(hosts),
	].join("\n");
}

function renderRow(host: HostCheck): string[] {
	if (!host.checked)
		return [host.name, `not checked: ${host.error.code}`, "", "", "", "", ""];
	const { drift, value, service, startedSinceValue, lastKick } = host;
	return [
		host.name,
		drift.map(({ code }) => code).join(", ") || "-",
		formatRegistryValue(value).slice(0, 40),
		service,
		startedSinceValue ?? "-",
		lastKick ? `${cycleName(host.cycle, lastKick.cycle)} ${lastKick.at}` : "-",
		lastKick?.evidence ?? "-",
	];
}

const cycleName = (type: string | null, cycle: string) => {
	const known = type ?? "cycle";
	return cycle === HOST_CYCLE ? known : `${known} (${cycle})`;
};

function problemLines(host: HostCheck): string[] {
	if (!host.checked) return [host.error.text];
	return host.drift.map(({ code, text }) => `${host.name}: ${text} [${code}]`);
}

function summaryLine(hosts: readonly HostCheck[]): string {
	const not = hosts.filter(({ checked }) => !checked).length;
	const drifted = hosts.filter(
		(host) => host.checked && host.drift.length > 0,
	).length;
	const good = hosts.length - not - drifted;
	return `${hosts.length} ${hosts.length === 1 ? "host" : "hosts"}: ${good} as declared, ${drifted} with drift, ${not} not checked`;
}

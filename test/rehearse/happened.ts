import { SERVICE_KEY } from "../lab/service-key.ts";
import { formatEvent } from "../lab/service-log.ts";
import type { RehearsalSite } from "./site.ts";
import type { Declared } from "./stack-file.ts";

/** What happened on the Exchange hosts and on the post offices, read there. */
export async function whatHappened(
	site: RehearsalSite,
	{ hosts }: Declared,
): Promise<string> {
	const parts = [...hosts.map((host) => onHost(site, host)), programs(site)];
	return (await Promise.all(parts)).join("\n");
}

async function onHost(
	site: RehearsalSite,
	entry: Declared["hosts"][number],
): Promise<string> {
	const host = site.hostOf(entry);
	const value = await host.registryValue(SERVICE_KEY, "PauseKicksDX");
	const [, ...log] = await host.serviceLog();
	return `  ${entry.name}
    registry   PauseKicksDX is ${value ?? "absent"}
    service    ${log.map(formatEvent).join("\n               ") || "neither restarted nor kicked"}`;
}

async function programs(site: RehearsalSite): Promise<string> {
	const rows = await Promise.all(
		[...site.offices].map(async ([name, office]) => {
			const calls = (await office.calls()).map(
				({ from, program, args }) =>
					`${from.toISOString()}  ${program} ${args}`,
			);
			return `  ${name}
    programs   ${calls.join("\n               ") || "none was run"}`;
		}),
	);
	return rows.join("\n");
}

/** The address lists of all parties. */
export async function addressLists(site: RehearsalSite): Promise<string> {
	const rows: string[] = [];
	for (const [name, exchange] of site.exchanges)
		rows.push(row(name, await exchange.recipients()));
	for (const [name, office] of site.offices)
		rows.push(row(name, await office.addressList()));
	return rows.join("\n") || "  the stack has no cutover";
}

const row = (name: string, list: readonly string[]) =>
	`  ${name.padEnd(12)} ${list.join(", ") || "none"}`;

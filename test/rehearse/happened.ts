import { SERVICE_KEY } from "../lab/service-key.ts";
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
    service    ${log.map(serviceEvent).join("\n               ") || "neither restarted nor kicked"}`;
}

/** One line of the log of the lab's MSExchangeDX, for a reader who does not know that log. */
export function serviceEvent({
	time,
	event,
}: {
	time: Date;
	event: string;
}): string {
	const [known, text] = EVENTS.find(([each]) => each.test(event)) ?? [];
	return `${time.toISOString()}  ${known && text ? event.replace(known, text) : event}`;
}

/** The others are plain. Messages of directory synchronization have the numbers of the MS Mail programs. */
const EVENTS: readonly [RegExp, string][] = [
	[/^start kicks=(\d)$/, "started with PauseKicksDX $1"],
	[/^stop$/, "stopped"],
	[/^pause$/, "received a pause"],
	[/^says 105 (\d+)$/, "updates received: $1"],
	[/^says 106 (\d+)$/, "updates sent: $1"],
	[/^says 171 .*$/, "updates sent: none"],
	[/^says 1000 .*$/, "answers sent: none, as there was no request"],
	[/^applied (\d+)$/, "updates applied: $1"],
];

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

import { HOST_NAME } from "../model/host";
import {
	cutoverRuleIssues,
	distinctNameIssues,
} from "../validation/cutover-rules";
import type { ValidationIssue } from "../validation/issues";

/** What the checks between entries need of a host, read from whatever is there: one bad field hides no other mistake. */
export interface HostSummary {
	path: readonly PropertyKey[];
	name: string;
	/** The way in: Samba takes a password only. */
	samba: boolean;
	/** The SSH server before it, by the name that its credentials have. Undefined where that cannot be told. */
	hasProxy: boolean | undefined;
	hasGateway: boolean | undefined;
	gatewayHasProxy: boolean | undefined;
	/** Whether the credentials hold a post office administrator's password: `no`, or `must` where IMPORT asks for it. */
	admin: "no" | "may" | "must";
}

/** The hosts that have a name at all, the bad ones included. */
export function summarizeHosts(hosts: unknown): HostSummary[] {
	return summarizeAll(hosts, ["hosts"], "no");
}

/** The post offices that have a name at all, each of them once though it take part in several cutovers. */
export function summarizePostOffices(cutovers: unknown): HostSummary[] {
	if (!Array.isArray(cutovers)) return [];
	const all = cutovers.flatMap((cutover, index) =>
		summarizeAll(
			cutover?.postOffices,
			["cutovers", index, "postOffices"],
			cutover?.applyOnPostOffices === false ? "may" : "must",
		),
	);
	return all.filter(
		({ name, admin }, index) =>
			!all.some(
				(other, before) =>
					other.name === name &&
					(other.admin === admin ? before < index : other.admin === "must"),
			),
	);
}

function summarizeAll(
	list: unknown,
	path: readonly PropertyKey[],
	admin: HostSummary["admin"],
): HostSummary[] {
	if (!Array.isArray(list)) return [];
	return list.flatMap((one, index) =>
		typeof one?.name === "string"
			? {
					path: [...path, index],
					name: one.name,
					samba: one.samba !== undefined,
					...findHops(one),
					admin,
				}
			: [],
	);
}

/** Which SSH servers a host is reached through. */
function findHops({ ssh, samba }: { ssh?: unknown; samba?: unknown }) {
	const has = (login: unknown, key: string) =>
		isRecord(login) ? login[key] !== undefined : undefined;
	const gateway = isRecord(samba) ? samba.gateway : undefined;
	return {
		hasProxy: samba === undefined ? has(ssh, "proxy") : false,
		hasGateway: samba === undefined ? false : has(samba, "gateway"),
		gatewayHasProxy: gateway === undefined ? false : has(gateway, "proxy"),
	};
}

/** What has to hold within each cutover, between them, and between them and the hosts. */
export function cutoverIssues(
	cutovers: unknown,
	hosts: unknown,
): ValidationIssue[] {
	if (!Array.isArray(cutovers)) return [];
	const known = (Array.isArray(hosts) ? hosts : []).filter(
		(host) => typeof host?.name === "string",
	);
	const isHost = (name: unknown) => known.some((host) => host.name === name);
	return [
		...distinctNameIssues(
			cutovers.flatMap((cutover, index) =>
				typeof cutover?.name === "string"
					? { path: ["cutovers", index, "name"], name: cutover.name }
					: [],
			),
		),
		...cutovers.flatMap((cutover, index): ValidationIssue[] => {
			if (!isRecord(cutover)) return [];
			const { exchange } = cutover;
			const path = ["cutovers", index];
			const strange =
				typeof exchange === "string" &&
				Array.isArray(hosts) &&
				!isHost(exchange);
			const own = cutoverRuleIssues(
				cutover,
				known.find(({ name }) => name === exchange),
			);
			return [
				...(strange
					? [
							{
								path: [...path, "exchange"],
								message: "must be the name of one of the hosts",
							},
						]
					: []),
				...own.map(({ path: within, message }) => ({
					path: [...path, ...within],
					message,
				})),
			];
		}),
		...summarizePostOffices(cutovers)
			.filter(({ name }) => isHost(name))
			.map(({ path, name }) => ({
				path: [...path, "name"],
				message: `must not be the name of a host, as "${name}" is: credentials go by it`,
			})),
	];
}

/** Names are unique, whatever their case: credentials and the host's own records go by them. */
export function nameIssues(hosts: readonly HostSummary[]): ValidationIssue[] {
	const named = hosts.filter(({ name }) => HOST_NAME.test(name));
	const lower = named.map(({ name }) => name.toLowerCase());
	return named.flatMap(({ path, name }, index) => {
		const first = named[lower.indexOf(lower[index] as string)];
		if (first && first.path !== path)
			return {
				path: [...path, "name"],
				message: `must be unique, in capitals or not, but hosts[${String(first.path[1])}] is called "${first.name}"`,
			};
		const base = named.find((other) => name === `${other.name}-cycle`);
		// The trigger resource of a host is called so.
		return base
			? {
					path: [...path, "name"],
					message: `must not be another host's name with -cycle behind it, as is that of hosts[${String(base.path[1])}]`,
				}
			: [];
	});
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

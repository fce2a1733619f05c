import { HOST_NAME } from "../model/host";
import {
	cutoverRuleIssues,
	distinctNameIssues,
} from "../validation/cutover-rules";
import type { ValidationIssue } from "../validation/issues";

/**
 * What the rules between entries need to know about a host. It is read from unvalidated input, so that one bad field
 * hides no other error.
 */
export interface HostSummary {
	path: readonly PropertyKey[];
	name: string;
	/** Whether the transport is Samba, which takes a password only. */
	samba: boolean;
	/**
	 * Whether there is a proxy, a gateway, and a proxy before the gateway, named as in the credentials. Undefined if that
	 * cannot be read.
	 */
	hasProxy: boolean | undefined;
	hasGateway: boolean | undefined;
	gatewayHasProxy: boolean | undefined;
	/**
	 * Whether the credentials hold a post office administrator's password. `no`: the entry is a host. `may`: IMPORT does
	 * not run. `must`: IMPORT needs it.
	 */
	admin: "no" | "may" | "must";
}

/** Summarizes all hosts that have a name, invalid ones included. */
export function summarizeHosts(hosts: unknown): HostSummary[] {
	return summarizeAll(hosts, ["hosts"], "no");
}

/** Summarizes all post offices that have a name. A post office that takes part in several cutovers is listed once. */
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

/** The SSH servers that a host is reached through. */
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

/** Validates each cutover, the names of all cutovers, and their references to hosts. */
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
				message: `must not be the name of a host, as "${name}" is: credentials use this name`,
			})),
	];
}

/** Names must be unique without regard to case: credentials and host records use them as keys. */
export function nameIssues(hosts: readonly HostSummary[]): ValidationIssue[] {
	const named = hosts.filter(({ name }) => HOST_NAME.test(name));
	const lower = named.map(({ name }) => name.toLowerCase());
	return named.flatMap(({ path, name }, index) => {
		const first = named[lower.indexOf(lower[index] as string)];
		if (first && first.path !== path)
			return {
				path: [...path, "name"],
				message: `must be unique, without regard to case, but hosts[${String(first.path[1])}] is called "${first.name}"`,
			};
		const base = named.find((other) => name === `${other.name}-cycle`);
		// The trigger resource of a host has this name.
		return base
			? {
					path: [...path, "name"],
					message: `must not be the name of another host followed by -cycle, as is that of hosts[${String(base.path[1])}]`,
				}
			: [];
	});
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

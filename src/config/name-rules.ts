import { HOST_NAME } from "../model/host";
import { checkApart, checkCutover } from "../validation/cutover-rules";
import type { Mistake } from "../validation/issues";

/** What the checks between entries need of a host, read from whatever is there: one bad field hides no other mistake. */
export interface Outline {
	at: readonly PropertyKey[];
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
export function outline(hosts: unknown): Outline[] {
	return outlineAll(hosts, ["hosts"], "no");
}

/** The post offices that have a name at all, each of them once though it take part in several cutovers. */
export function outlinePostOffices(cutovers: unknown): Outline[] {
	if (!Array.isArray(cutovers)) return [];
	const all = cutovers.flatMap((cutover, index) =>
		outlineAll(
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

function outlineAll(
	list: unknown,
	at: readonly PropertyKey[],
	admin: Outline["admin"],
): Outline[] {
	if (!Array.isArray(list)) return [];
	return list.flatMap((one, index) =>
		typeof one?.name === "string"
			? {
					at: [...at, index],
					name: one.name,
					samba: one.samba !== undefined,
					...detoursOf(one),
					admin,
				}
			: [],
	);
}

/** Which SSH servers a host is reached through. */
function detoursOf({ ssh, samba }: { ssh?: unknown; samba?: unknown }) {
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
export function checkCutovers(cutovers: unknown, hosts: unknown): Mistake[] {
	if (!Array.isArray(cutovers)) return [];
	const known = (Array.isArray(hosts) ? hosts : []).filter(
		(host) => typeof host?.name === "string",
	);
	const isHost = (name: unknown) => known.some((host) => host.name === name);
	return [
		...checkApart(
			cutovers.flatMap((cutover, index) =>
				typeof cutover?.name === "string"
					? { at: ["cutovers", index, "name"], name: cutover.name }
					: [],
			),
		),
		...cutovers.flatMap((cutover, index): Mistake[] => {
			if (!isRecord(cutover)) return [];
			const { exchange } = cutover;
			const at = ["cutovers", index];
			const strange =
				typeof exchange === "string" &&
				Array.isArray(hosts) &&
				!isHost(exchange);
			const own = checkCutover(
				cutover,
				known.find(({ name }) => name === exchange),
			);
			return [
				...(strange
					? [
							{
								at: [...at, "exchange"],
								what: "must be the name of one of the hosts",
							},
						]
					: []),
				...own.map(({ at: within, what }) => ({
					at: [...at, ...within],
					what,
				})),
			];
		}),
		...outlinePostOffices(cutovers)
			.filter(({ name }) => isHost(name))
			.map(({ at, name }) => ({
				at: [...at, "name"],
				what: `must not be the name of a host, as "${name}" is: credentials go by it`,
			})),
	];
}

/** Names are unique, whatever their case: credentials and the host's own records go by them. */
export function checkNames(hosts: readonly Outline[]): Mistake[] {
	const named = hosts.filter(({ name }) => HOST_NAME.test(name));
	const lower = named.map(({ name }) => name.toLowerCase());
	return named.flatMap(({ at, name }, index) => {
		const first = named[lower.indexOf(lower[index] as string)];
		if (first && first.at !== at)
			return {
				at: [...at, "name"],
				what: `must be unique, in capitals or not, but hosts[${String(first.at[1])}] is called "${first.name}"`,
			};
		const base = named.find((other) => name === `${other.name}-cycle`);
		// The trigger resource of a host is called so.
		return base
			? {
					at: [...at, "name"],
					what: `must not be another host's name with -cycle behind it, as is that of hosts[${String(base.at[1])}]`,
				}
			: [];
	});
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null && !Array.isArray(value);

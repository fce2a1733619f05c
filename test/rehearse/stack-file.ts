import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { parseConfig } from "../../src/config/load-config.ts";
import { defaultPort } from "../../src/model/host.ts";

/** How to reach a machine. What is not needed here is passed on as it is. */
export interface Login {
	host: string;
	port?: number;
	proxy?: Login;
	[key: string]: unknown;
}

/** An Exchange host of a stack file. */
export interface HostEntry {
	name: string;
	role: "requestor" | "server";
	ssh?: Login;
	samba?: Login & { legacy?: boolean; gateway?: Login };
	registryTool?: string;
	[key: string]: unknown;
}

/** A post office of a stack file. */
export interface OfficeEntry {
	name: string;
	role: "requestor" | "server";
	ssh: Login;
	drive: string;
	directory: string;
	admin: string;
	[key: string]: unknown;
}

export interface WaitEntry {
	seconds?: number;
	host?: string;
	command?: string;
	contains?: string;
	every?: number;
	timeout?: number;
}

export interface CutoverEntry {
	name: string;
	exchange: string;
	postOffices: OfficeEntry[];
	waits: { t1Delivered: WaitEntry; t2Delivered: WaitEntry };
	guards?: Record<string, unknown>;
	[key: string]: unknown;
}

/** What is rehearsed: the hosts and cutovers of a stack file, without its credentials. */
export interface Declared {
	hosts: HostEntry[];
	cutovers: CutoverEntry[];
	verify?: unknown;
}

/**
 * Reads hosts and cutovers of a stack file. Credentials are neither read nor decrypted.
 *
 * @throws Error with every mistake, as an update reports them, except those in credentials
 */
export async function readStackFile(
	file: string,
	stack: string,
): Promise<Declared> {
	const text = await readFile(file, "utf8").catch(() => {
		throw new Error(
			`rehearse: stack ${JSON.stringify(stack)} has no stack file, got none at ${file}; name a stack that has one`,
		);
	});
	const config = (parse(text)?.config ?? {}) as Record<string, unknown>;
	const { credentials: _, ...own } = Object.fromEntries(
		Object.entries(config)
			.filter(([key]) => !key.includes(":") || key.startsWith(NAMESPACE))
			.map(([key, value]) => [key.replace(NAMESPACE, ""), value]),
	);
	const list = (key: string) =>
		Array.isArray(own[key]) ? own[key].filter(isObject) : [];
	const declared = {
		...own,
		hosts: list("hosts") as HostEntry[],
		cutovers: list("cutovers") as CutoverEntry[],
	};
	parseConfig(
		{ ...asTexts(own), ...asTexts({ credentials: credentialsFor(declared) }) },
		stack,
	);
	return declared;
}

const NAMESPACE = "exchange-dirsync:";

const isObject = (value: unknown): boolean =>
	typeof value === "object" && value !== null;

/** Configuration as Pulumi passes it to a program. */
const asTexts = (values: Record<string, unknown>): Record<string, string> =>
	Object.fromEntries(
		Object.entries(values).map(([key, value]) => [
			key,
			typeof value === "string" ? value : JSON.stringify(value),
		]),
	);

/** A credential in place of each that the user has. */
const PLACEHOLDER = "rehearsal";

/** Credentials for all entries, in place of the user's. */
function credentialsFor({ hosts, cutovers }: Declared) {
	const login = (entry: Login | undefined) => ({
		password: PLACEHOLDER,
		...(entry?.proxy && { proxy: { password: PLACEHOLDER } }),
	});
	const offices = cutovers
		.flatMap(({ postOffices }) =>
			Array.isArray(postOffices) ? postOffices : [],
		)
		.filter(isObject);
	return Object.fromEntries([
		...hosts.map(({ name, ssh, samba }) => [
			name,
			samba
				? {
						password: PLACEHOLDER,
						...(samba.gateway && { gateway: login(samba.gateway) }),
					}
				: login(ssh),
		]),
		...offices.map(({ name, ssh }) => [
			name,
			{ ...login(ssh), adminPassword: PLACEHOLDER },
		]),
	]);
}

/** The machine that a login leads to. Post offices can share one. One address can be another machine elsewhere. */
export const machineOf = ({ host, port = 22, proxy }: Login): string =>
	`${host.toLowerCase()}:${port}${proxy ? ` through ${machineOf(proxy)}` : ""}`;

/** The machine of an entry, by its transport's default port. */
export const machineOfEntry = ({
	ssh,
	samba,
}: Pick<HostEntry, "ssh" | "samba">): string =>
	ssh
		? machineOf(ssh)
		: machineOf({
				...{ port: defaultPort(samba ?? {}), ...(samba as Login) },
				...(samba?.gateway && { proxy: samba.gateway }),
			});

/**
 * Restricts a stack to the named hosts and post offices. A cutover takes part with its named post offices if its Exchange
 * host is named.
 *
 * @throws Error if a name is unknown, or if a cutover cannot run with that part
 */
export function partOf(declared: Declared, names: readonly string[]): Declared {
	const known = entriesOf(declared).map(({ name }) => name);
	const strange = names.filter((name) => !known.includes(name));
	if (strange.length > 0)
		throw new Error(
			`rehearse: --hosts names what the stack does not have, got ${strange.map((name) => JSON.stringify(name)).join(", ")}; it has ${[...new Set(known)].join(", ")}`,
		);
	const isNamed = ({ name }: { name: string }) => names.includes(name);
	const cutovers = declared.cutovers
		.map((cutover) => ({
			...cutover,
			postOffices: cutover.postOffices.filter(isNamed),
		}))
		.filter(({ postOffices }) => postOffices.length > 0);
	for (const { name, exchange, postOffices } of cutovers) {
		const host = declared.hosts.find((each) => each.name === exchange);
		const missing = [
			...(names.includes(exchange) ? [] : [exchange]),
			...(host?.role === "requestor" &&
			!postOffices.some(({ role }) => role === "server")
				? ["dirsync server"]
				: []),
		];
		if (missing.length > 0)
			throw new Error(
				`rehearse: --hosts leaves out what cutover ${name} needs, got no ${missing.join(" and no ")}; name that too`,
			);
	}
	return { ...declared, hosts: declared.hosts.filter(isNamed), cutovers };
}

/** The Exchange hosts and post offices of a part, in the order of the stack file. */
export const entriesOf = ({
	hosts,
	cutovers,
}: Declared): Pick<HostEntry, "name" | "ssh" | "samba">[] => [
	...hosts,
	...cutovers.flatMap(({ postOffices }) => postOffices),
];

/** How the hosts and post offices of a part are reached, where that is not directly. */
export const throughOf = (part: Declared) =>
	entriesOf(part).flatMap(({ ssh, samba }) => [
		...(ssh?.proxy ? [{ kind: "jump host", login: ssh.proxy }] : []),
		...(samba?.gateway ? [{ kind: "gateway", login: samba.gateway }] : []),
	]);

/** Every machine that a part needs: Exchange hosts, post offices, jump hosts and gateways. */
export const machinesOf = (part: Declared): string[] => [
	...new Set(entriesOf(part).map(machineOfEntry)),
	// A jump host or gateway that is also a host of the stack gets a lab host of its own.
	...new Set(throughOf(part).map(({ login }) => `through ${machineOf(login)}`)),
];

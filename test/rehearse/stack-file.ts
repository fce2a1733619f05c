import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { parseConfig } from "../../src/config/load-config.ts";

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
			`rehearse: stack ${stack} has no stack file, got none at ${file}; name a stack that has one`,
		);
	});
	const config = (parse(text)?.config ?? {}) as Record<string, unknown>;
	const value = (key: string) => config[`exchange-dirsync:${key}`];
	const declared = {
		hosts: (value("hosts") ?? []) as HostEntry[],
		cutovers: (value("cutovers") ?? []) as CutoverEntry[],
		...(value("verify") !== undefined && { verify: value("verify") }),
	};
	validate(declared, stack);
	return declared;
}

/** A credential in place of each that the user has. */
const PLACEHOLDER = "rehearsal";

function validate({ hosts, cutovers, verify }: Declared, stack: string): void {
	const login = (entry: Login | undefined) => ({
		password: PLACEHOLDER,
		...(entry?.proxy && { proxy: { password: PLACEHOLDER } }),
	});
	const credentials: Record<string, unknown> = {};
	for (const { name, ssh, samba } of hosts)
		credentials[name] = samba
			? {
					password: PLACEHOLDER,
					...(samba.gateway && { gateway: login(samba.gateway) }),
				}
			: login(ssh);
	for (const { name, ssh } of cutovers.flatMap(
		(each) => each.postOffices ?? [],
	))
		credentials[name] = { ...login(ssh), adminPassword: PLACEHOLDER };
	const raw = { hosts, cutovers, credentials };
	parseConfig(
		{
			...Object.fromEntries(
				Object.entries(raw).map(([key, each]) => [key, JSON.stringify(each)]),
			),
			...(verify !== undefined && { verify: String(verify) }),
		},
		stack,
	);
}

/** The machine that a login leads to. Post offices can share one. */
export const machineOf = ({ host, port = 22 }: Login): string =>
	`${host.toLowerCase()}:${port}`;

/**
 * Restricts a stack to the named hosts and post offices. A cutover takes part with its named post offices if its Exchange
 * host is named.
 *
 * @throws Error if a name is unknown, or if a cutover cannot run with that part
 */
export function partOf(declared: Declared, names: readonly string[]): Declared {
	const offices = declared.cutovers.flatMap(({ postOffices }) => postOffices);
	const known = [...declared.hosts, ...offices].map(({ name }) => name);
	const strange = names.filter((name) => !known.includes(name));
	if (strange.length > 0)
		throw new Error(
			`rehearse: --hosts names what the stack does not have, got ${strange.join(", ")}; it has ${[...new Set(known)].join(", ")}`,
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
				? ["its dirsync server"]
				: []),
		];
		if (missing.length > 0)
			throw new Error(
				`rehearse: cutover ${name} cannot run with a part of it, which is missing ${missing.join(" and ")}; name that too`,
			);
	}
	return { ...declared, hosts: declared.hosts.filter(isNamed), cutovers };
}

/** Every machine that a part needs: Exchange hosts, post offices, jump hosts and gateways. */
export function machinesOf({ hosts, cutovers }: Declared): string[] {
	const logins = [
		...hosts.flatMap(({ ssh, samba }) => [ssh, samba, samba?.gateway]),
		...cutovers.flatMap(({ postOffices }) => postOffices.map(({ ssh }) => ssh)),
	].filter((login) => login !== undefined);
	return [
		...new Set(
			logins.flatMap((login) =>
				login.proxy
					? [machineOf(login), machineOf(login.proxy)]
					: [machineOf(login)],
			),
		),
	];
}

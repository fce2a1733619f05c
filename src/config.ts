import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import {
	CONFIG,
	type Credentials,
	type Host,
	type LoginCredentials,
} from "./config-schema";
import type { SshArgs, SshLoginArgs } from "./host";
import type { PauseKicksDXArgs } from "./pause-kicks-dx";

/** One host of the stack: its name and what its component takes. */
export interface HostConfig {
	name: string;
	args: PauseKicksDXArgs;
}

/** Reads and checks the stack's configuration, credentials included, before anything is registered. */
export function loadConfig(): HostConfig[] {
	const namespace = `${pulumi.getProject()}:`;
	const own = Object.entries(pulumi.runtime.allConfig())
		.filter(([key]) => key.startsWith(namespace))
		.map(([key, text]) => [key.slice(namespace.length), text]);
	return parseConfig(Object.fromEntries(own), pulumi.getStack());
}

/**
 * The configuration as the engine hands it over: text by key, JSON where it is a list or an object.
 *
 * @throws Error with every mistake, one a line: where, what is wrong, what is allowed; never a credential's value
 */
export function parseConfig(
	raw: Record<string, string>,
	stack: string,
): HostConfig[] {
	const mistakes: string[] = [];
	const given: Record<string, unknown> = {};
	for (const [key, text] of Object.entries(raw)) {
		given[key] = key === "verify" ? plainText(text) : structure(text);
		if (!(key in CONFIG)) mistakes.push(`${key}: is not known here`);
	}
	const read = <K extends keyof typeof CONFIG>(key: K) => {
		const result = CONFIG[key].safeParse(given[key]);
		if (!result.success)
			mistakes.push(
				...result.error.issues.flatMap((issue) => describe(issue, key)),
			);
		return result.data as z.output<(typeof CONFIG)[K]> | undefined;
	};
	const hosts = read("hosts");
	const verify = read("verify");
	read("cutovers");
	const credentials = read("credentials");
	const outlines = outline(given.hosts);
	mistakes.push(
		...checkNames(outlines),
		...checkCredentials(outlines, given.credentials ?? {}),
	);
	if (!hosts || !credentials || mistakes.length > 0) {
		const count =
			mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`;
		throw new Error(
			[
				`The configuration of stack ${stack} has ${count}:`,
				...mistakes.map((line) => `  ${line}`),
			].join("\n"),
		);
	}
	return hosts.map((host) => ({
		name: host.name,
		args: argsOf(host, entryFor(host.name, credentials)?.own, verify),
	}));
}

/** What is neither a list nor an object stays the text that it is; the schema then says what it should have been. */
function structure(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

/** `verify` is a text whatever it looks like: read as a number it would lose digits and with them changes. */
function plainText(text: string): unknown {
	const value = structure(text);
	return typeof value === "object" ? value : text;
}

/** zod's own words, with a path as in the stack file; a missing value is told as such. */
function describe(issue: z.core.$ZodIssue, key: string): string[] {
	const path = issue.path.reduce<string>(
		(at, part) =>
			at + (typeof part === "number" ? `[${part}]` : `.${String(part)}`),
		key,
	);
	if (issue.code === "unrecognized_keys")
		return issue.keys.map((unknown) => `${path}.${unknown}: is not known here`);
	return [`${path}: ${issue.message}`];
}

/** What the checks between entries need of a host, read from whatever is there: one bad field hides no other mistake. */
interface Outline {
	at: string;
	name: string;
	hasProxy: boolean;
}

function outline(hosts: unknown): Outline[] {
	if (!Array.isArray(hosts)) return [];
	return hosts.flatMap((host, index) =>
		typeof host?.name === "string" && host.name
			? {
					at: `hosts[${index}]`,
					name: host.name,
					hasProxy: Boolean(host.ssh?.proxy),
				}
			: [],
	);
}

function checkNames(hosts: Outline[]): string[] {
	const lower = hosts.map(({ name }) => name.toLowerCase());
	return hosts.flatMap(({ at, name }, index) => {
		const first = lower.indexOf(lower[index] as string);
		if (first < index)
			return `${at}.name: must be unique, but ${hosts[first]?.at} has the name "${name}" too`;
		const base = hosts.find((other) => name === `${other.name}-cycle`);
		// The trigger resource of a host is called so.
		return base
			? `${at}.name: must not be another host's name with -cycle behind it, as is that of ${base.at}`
			: [];
	});
}

/** The credentials of a host, and the name under which they stand; a name like `constructor` is no entry. */
function entryFor<T>(name: string, credentials: Record<string, T>) {
	for (const entry of [name, "default"])
		if (Object.hasOwn(credentials, entry))
			return { entry, own: credentials[entry] };
	return undefined;
}

function checkCredentials(hosts: Outline[], given: unknown): string[] {
	if (typeof given !== "object" || given === null || Array.isArray(given))
		return [];
	const credentials = given as Record<string, unknown>;
	const names = new Set(["default", ...hosts.map(({ name }) => name)]);
	const strangers = Object.keys(credentials)
		.filter((name) => !names.has(name))
		.map((name) => `${place(name)}: is neither default nor the name of a host`);
	const missing = hosts.flatMap(({ name, hasProxy }) => {
		const { entry, own } = entryFor(name, credentials) ?? { entry: name };
		const lines: string[] = [];
		if (!opensDoors(own))
			lines.push(
				`${place(entry)}: host ${name} needs a privateKey or a password; pulumi config set --secret --path '${place(entry)}.password'`,
			);
		if (hasProxy && !opensDoors((own as { proxy?: unknown })?.proxy))
			lines.push(
				`${place(entry)}.proxy: host ${name} goes through a proxy, which needs a privateKey or a password`,
			);
		return lines;
	});
	return [...strangers, ...missing];
}

/** As a path of `pulumi config set`, to which a dot is a step down. */
const place = (name: string) =>
	name.includes(".") ? `credentials["${name}"]` : `credentials.${name}`;

const opensDoors = (login: unknown): boolean => {
	const { password, privateKey } = (login ?? {}) as Record<string, unknown>;
	return Boolean(password) || Boolean(privateKey);
};

/** Credentials become secrets here, before anything else sees them. */
function argsOf(
	host: Host,
	credentials: Credentials[string] | undefined,
	verify: string | undefined,
): PauseKicksDXArgs {
	const { name: _, samba: __, ssh, ...args } = host;
	const { proxy, ...login } = ssh;
	return {
		...args,
		verify,
		ssh: {
			...withSecrets(login, credentials),
			...(proxy && { proxy: withSecrets(proxy, credentials?.proxy) }),
		} satisfies SshArgs,
	};
}

function withSecrets(
	login: SshLoginArgs,
	credentials: LoginCredentials | undefined,
): SshLoginArgs {
	const secret = (text: string | undefined) =>
		text === undefined ? undefined : pulumi.secret(text);
	return {
		...login,
		password: secret(credentials?.password),
		privateKey: secret(credentials?.privateKey),
		privateKeyPassword: secret(credentials?.privateKeyPassword),
	};
}

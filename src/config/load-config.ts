import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import type { PauseKicksDXArgs } from "../components/pause-kicks-dx";
import type { PostOfficeCutoverArgs } from "../model/cutover-args";
import type { Samba, Ssh, SshLogin } from "../model/host";
import { assertCheckpointsEnabled } from "../validation/cutover-rules";
import {
	formatIssues,
	HIDDEN_KEY_MESSAGE,
	isPrintableKey,
	issuesFromZod,
	type ValidationIssue,
} from "../validation/issues";
import {
	CONFIG,
	type Credentials,
	type Cutover,
	type Host,
	type LoginCredentials,
	parseJsonOrText,
} from "./config-schema";
import {
	credentialIssues,
	credentialsFor,
	partitionPrintableKeys,
} from "./credential-rules";
import {
	cutoverIssues,
	nameIssues,
	summarizeHosts,
	summarizePostOffices,
} from "./name-rules";
import { sameMachineIssues } from "./same-machine";

/** One host of the stack: its name and what its component takes. */
export interface HostConfig {
	name: string;
	args: PauseKicksDXArgs;
}

/** One cutover of the stack: its name and what its component takes. */
export interface CutoverConfig {
	name: string;
	args: PostOfficeCutoverArgs;
}

/** What the stack is to be. */
export interface StackConfig {
	hosts: HostConfig[];
	cutovers: CutoverConfig[];
}

/** Reads and checks the stack's configuration, credentials included, before anything is registered. */
export function loadConfig(): StackConfig {
	const own = projectConfig(pulumi.runtime.allConfig(), pulumi.getProject());
	const config = parseConfig(own, pulumi.getStack());
	if (config.cutovers.length > 0) assertCheckpointsEnabled();
	return config;
}

/**
 * What is in the namespace of the project, which is left out of its keys.
 *
 * @throws Error where the hosts are in another namespace
 */
export function projectConfig(
	all: Record<string, string>,
	project: string,
): Record<string, string> {
	const namespace = `${project}:`;
	const own = Object.entries(all)
		.filter(([key]) => key.startsWith(namespace))
		.map(([key, text]) => [key.slice(namespace.length), text]);
	const found = Object.keys(all).find((key) => /^[\w.-]+:hosts$/.test(key));
	if (found && !Object.hasOwn(all, `${namespace}hosts`))
		throw new Error(
			`The configuration has ${found}, but what is read is the namespace of the project, ${namespace}hosts and the keys beside it. Call them so in the stack file`,
		);
	return Object.fromEntries(own);
}

/**
 * The configuration as the engine hands it over: text by key, JSON where it is a list or an object.
 *
 * @throws Error with every mistake, one a line: where, what is wrong, what is allowed; never a credential's value
 */
export function parseConfig(
	raw: Record<string, string>,
	stack: string,
): StackConfig {
	const given = new Map<string, unknown>(
		Object.entries(raw).map(([key, text]) => [
			key,
			key === "verify" ? plainText(text) : parseJsonOrText(text),
		]),
	);
	const outlines = summarizeHosts(given.get("hosts"));
	const offices = summarizePostOffices(given.get("cutovers"));
	const all = [...outlines, ...offices];
	const { credentials: entries, mistakes: strangers } = partitionPrintableKeys(
		given.get("credentials"),
		all,
	);
	given.set("credentials", entries);
	const mistakes = unknownKeys(raw);
	const read = <K extends keyof typeof CONFIG>(key: K) => {
		const value = given.get(key);
		const result = CONFIG[key].safeParse(value);
		mistakes.push(...issuesFromZod(result.error?.issues ?? [], value, [key]));
		return result.data as z.output<(typeof CONFIG)[K]> | undefined;
	};
	const hosts = read("hosts");
	const verify = read("verify");
	const cutovers = read("cutovers");
	const credentials = read("credentials");
	mistakes.push(
		...nameIssues(outlines),
		...sameMachineIssues(given.get("hosts")),
		// Whose they are nobody can tell where the hosts cannot be read.
		...(Array.isArray(given.get("hosts")) ? strangers : []),
		...cutoverIssues(given.get("cutovers"), given.get("hosts")),
		...credentialIssues(all, entries ?? {}),
	);
	if (!hosts || !cutovers || !credentials || mistakes.length > 0)
		throw new Error(formatIssues(`configuration for stack ${stack}`, mistakes));
	const configs = hosts.map((host) => ({
		name: host.name,
		args: toHostArgs(host, credentialsFor(host.name, credentials)?.own, verify),
	}));
	return {
		hosts: configs,
		cutovers: cutovers.map((cutover) => ({
			name: cutover.name,
			args: toCutoverArgs(cutover, configs, credentials),
		})),
	};
}

const unknownKeys = (raw: Record<string, string>): ValidationIssue[] =>
	Object.entries(raw)
		.filter(([key]) => !Object.hasOwn(CONFIG, key))
		.map(([key, text]) =>
			isPrintableKey(key, text, true)
				? { path: [key], message: "is an unknown key" }
				: { path: ["exchange-dirsync"], message: HIDDEN_KEY_MESSAGE },
		);

/** `verify` is a text whatever it looks like: read as a number it would lose digits and with them changes. */
function plainText(text: string): unknown {
	const value = parseJsonOrText(text);
	return typeof value === "object" ? value : text;
}

/** Credentials become secrets here, before anything else sees them. */
function toHostArgs(
	host: Host,
	credentials: Credentials[string] | undefined,
	verify: string | undefined,
): PauseKicksDXArgs {
	const { name: _, ssh, samba, ...args } = host;
	return {
		...args,
		verify,
		...(ssh && { ssh: toSshArgs(ssh, credentials) }),
		...(samba && { samba: toSambaArgs(samba, credentials) }),
	};
}

function toCutoverArgs(
	{ name: _, exchange, postOffices, ...args }: Cutover,
	hosts: readonly HostConfig[],
	credentials: Credentials,
): PostOfficeCutoverArgs {
	const host = hosts.find(({ name }) => name === exchange) as HostConfig;
	const { role, ssh, samba, registryTool } = host.args;
	return {
		...args,
		exchange: { name: exchange, role, ssh, samba, registryTool },
		postOffices: postOffices.map((office) => {
			const own = credentialsFor(office.name, credentials)?.own;
			return {
				...office,
				ssh: toSshArgs(office.ssh, own),
				adminPassword: secret(own?.adminPassword),
			};
		}),
	};
}

function toSambaArgs(
	{ gateway, ...login }: NonNullable<Host["samba"]>,
	credentials: Credentials[string] | undefined,
): Samba {
	return {
		...login,
		// That there is one has been checked with the rest.
		password: pulumi.secret(credentials?.password as string),
		...(gateway && { gateway: toSshArgs(gateway, credentials?.gateway) }),
	};
}

function toSshArgs(
	{ proxy, ...login }: NonNullable<Host["ssh"]>,
	credentials: (LoginCredentials & { proxy?: LoginCredentials }) | undefined,
): Ssh {
	return {
		...withSecrets(login, credentials),
		...(proxy && { proxy: withSecrets(proxy, credentials?.proxy) }),
	};
}

const secret = (text: string | undefined) =>
	text === undefined ? undefined : pulumi.secret(text);

function withSecrets(
	login: SshLogin,
	credentials: LoginCredentials | undefined,
): SshLogin {
	return {
		...login,
		password: secret(credentials?.password),
		privateKey: secret(credentials?.privateKey),
		privateKeyPassword: secret(credentials?.privateKeyPassword),
	};
}

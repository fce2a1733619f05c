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
import { NAMESPACE } from "./schema-rules";

/** One host of the stack: its name and the arguments of its component. */
export interface HostConfig {
	name: string;
	args: PauseKicksDXArgs;
}

/** One cutover of the stack: its name and the arguments of its component. */
export interface CutoverConfig {
	name: string;
	args: PostOfficeCutoverArgs;
}

/** The declared hosts and cutovers of a stack. */
export interface StackConfig {
	hosts: HostConfig[];
	cutovers: CutoverConfig[];
}

/**
 * Reads and validates the stack's configuration, credentials included, before any resource is registered.
 *
 * @throws Error with every error in the configuration, or if `PULUMI_SKIP_CHECKPOINTS` is set and there are cutovers
 */
export function loadConfig(): StackConfig {
	const own = projectConfig(pulumi.runtime.allConfig(), pulumi.getProject());
	const config = parseConfig(own, pulumi.getStack());
	if (config.cutovers.length > 0) assertCheckpointsEnabled();
	return config;
}

/**
 * Returns the keys in the namespace of the project, without the namespace.
 *
 * @throws Error if a key is in the wrong namespace
 */
export function projectConfig(
	all: Record<string, string>,
	project: string,
): Record<string, string> {
	const namespace = `${project}:`;
	const own = Object.entries(all)
		.filter(([key]) => key.startsWith(namespace))
		.map(([key, text]) => [key.slice(namespace.length), text]);
	const misplaced = misplacedKey(all, namespace);
	if (misplaced)
		throw new Error(
			`The configuration has ${misplaced}, but this project reads ${misplaced.replace(/^.*?:/, namespace)}: the namespace of the keys is the project's name. Rename the keys in the stack file`,
		);
	return Object.fromEntries(own);
}

/**
 * Finds a key that was meant for this package: the hosts in any other namespace if the project has none, and every key in
 * the namespace of this package, which no other package reads.
 */
function misplacedKey(
	all: Record<string, string>,
	namespace: string,
): string | undefined {
	const others = Object.keys(all).filter((key) => !key.startsWith(namespace));
	const hosts = Object.hasOwn(all, `${namespace}hosts`)
		? undefined
		: others.find((key) => /^[\w.-]+:hosts$/.test(key));
	const isOurs = (key: string) =>
		key.startsWith(NAMESPACE) &&
		isPrintableKey(key.slice(NAMESPACE.length), all[key], true);
	return hosts ?? others.find(isOurs);
}

/**
 * Parses the configuration as the engine passes it: text by key, JSON for a list or an object.
 *
 * @throws Error with every error, one per line: its path, the problem and what is allowed; never the value of a
 * credential
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
	const { credentials: entries, issues: strangers } = partitionPrintableKeys(
		given.get("credentials"),
		all,
	);
	given.set("credentials", entries);
	const issues = unknownKeys(raw);
	const read = <K extends keyof typeof CONFIG>(key: K) => {
		const value = given.get(key);
		const result = CONFIG[key].safeParse(value);
		issues.push(...issuesFromZod(result.error?.issues ?? [], value, [key]));
		return result.data as z.output<(typeof CONFIG)[K]> | undefined;
	};
	const hosts = read("hosts");
	const verify = read("verify");
	const cutovers = read("cutovers");
	const credentials = read("credentials");
	issues.push(
		...nameIssues(outlines),
		...sameMachineIssues(given.get("hosts")),
		// Without a list of hosts the owner of an entry is unknown, so unknown keys are not reported.
		...(Array.isArray(given.get("hosts")) ? strangers : []),
		...cutoverIssues(given.get("cutovers"), given.get("hosts")),
		...credentialIssues(all, entries ?? {}),
	);
	if (!hosts || !cutovers || !credentials || issues.length > 0)
		throw new Error(formatIssues(`configuration for stack ${stack}`, issues));
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

/** `verify` is always a string. Parsed as a number it would lose digits, and changes in them would be lost. */
function plainText(text: string): unknown {
	const value = parseJsonOrText(text);
	return typeof value === "object" ? value : text;
}

/** Makes the credentials secrets before any other code receives them. */
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
		// `credentialIssues` has already required it.
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

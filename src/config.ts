import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import {
	HOST_NAME,
	OnDestroy,
	OnUncertain,
	RegistryTool,
	Role,
	type SshArgs,
	type SshLoginArgs,
} from "./host";
import type { PauseKicksDXArgs } from "./pause-kicks-dx";

/** One host of the stack: its name and what its component takes. */
export interface HostConfig {
	name: string;
	args: PauseKicksDXArgs;
}

/** Reads and checks the stack's configuration, credentials included, before anything is registered. */
export function loadConfig(): HostConfig[] {
	const config = new pulumi.Config();
	const raw = Object.fromEntries(KEYS.map((key) => [key, config.get(key)]));
	return parseConfig(raw, pulumi.getStack());
}

const KEYS = ["hosts", "verify", "cutovers", "credentials"] as const;

/**
 * The configuration as the engine hands it over: text by key, JSON where it is a list or an object.
 *
 * @throws Error with every mistake, one a line: where, what is wrong, what is allowed; never a credential's value
 */
export function parseConfig(
	raw: Record<string, string | undefined>,
	stack: string,
): HostConfig[] {
	const mistakes: string[] = [];
	const value = (key: string, fallback: unknown) => {
		const text = raw[key];
		if (text === undefined) return fallback;
		try {
			return JSON.parse(text);
		} catch {
			return text;
		}
	};
	const read = <T>(
		key: string,
		schema: z.ZodType<T>,
		fallback: unknown,
	): T | undefined => {
		const result = schema.safeParse(value(key, fallback));
		if (!result.success)
			mistakes.push(
				...result.error.issues.flatMap((issue) => describe(issue, key)),
			);
		return result.data;
	};
	const hosts = read("hosts", HOSTS, undefined);
	const verify = read("verify", z.optional(TEXT), undefined);
	read(
		"cutovers",
		z
			.array(z.unknown())
			.max(0, "cutovers are not in this version yet: leave the list empty"),
		[],
	);
	const credentials = read("credentials", CREDENTIALS, {});
	if (hosts && credentials)
		mistakes.push(...checkCredentials(hosts, credentials));
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
		args: argsOf(host, credentialsOf(host, credentials), verify),
	}));
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

/** A text; a number, which `pulumi config set` makes of digits, counts as its text. */
const TEXT = z
	.union([z.string(), z.number()], "must be a text")
	.transform(String);

const ADDRESS = z
	.string("must be a name or an address")
	.regex(
		/^[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?$/,
		"must be a host name or an IP address",
	);

const PORT = z
	.int("must be a whole number from 1 to 65535")
	.min(1, "must be from 1 to 65535")
	.max(65535, "must be from 1 to 65535");

const HOST_KEY = z
	.string("must be the server's public key, as in `ssh-ed25519 AAAA...`")
	.refine(
		isPublicKey,
		"must be a public key as ssh-keyscan prints it, `ssh-ed25519 AAAA...` or `ecdsa-sha2-nistp256 AAAA...`",
	);

/** The type in front must be the one that the key itself names: a cut or mistyped key is found here. */
function isPublicKey(text: string): boolean {
	const [type, body] = text.trim().split(/\s+/);
	if (!type || !body || !/^[A-Za-z0-9+/]+={0,2}$/.test(body)) return false;
	const blob = Buffer.from(body, "base64");
	return (
		blob.length > 4 + type.length &&
		blob.subarray(4, 4 + blob.readUInt32BE(0)).toString() === type
	);
}

const LOGIN = z.strictObject({
	host: ADDRESS,
	port: PORT.default(22),
	user: z
		.string("must be the user to log in as")
		.min(1, "must be the user to log in as"),
	hostKey: HOST_KEY.optional(),
	insecureIgnoreHostKey: z.boolean("must be true or false").default(false),
});

const needsHostKey = (
	login: { hostKey?: string; insecureIgnoreHostKey: boolean },
	context: z.RefinementCtx,
) => {
	if (!login.hostKey && !login.insecureIgnoreHostKey)
		context.addIssue({
			code: "custom",
			path: ["hostKey"],
			message:
				"is missing: take it from ssh-keyscan and check it, or set insecureIgnoreHostKey: true",
		});
	if (login.hostKey && login.insecureIgnoreHostKey)
		context.addIssue({
			code: "custom",
			path: ["insecureIgnoreHostKey"],
			message: "must not be true beside a hostKey: take one of the two out",
		});
};

const SSH = LOGIN.extend({
	proxy: LOGIN.superRefine(needsHostKey).optional(),
}).superRefine(needsHostKey);

const oneOf = <T extends Record<string, string>>(values: T) =>
	z.enum(values, `must be one of ${Object.values(values).join(", ")}`);

const HOST = z.strictObject({
	name: z
		.string("must be the host's name")
		.regex(
			HOST_NAME,
			'must begin with a letter or digit and hold letters, digits, ".", "_" and "-" only, 63 at most',
		)
		.refine(
			(name) => name !== "default",
			"must not be default: credentials.default is for all hosts",
		),
	role: oneOf(Role),
	ssh: SSH,
	samba: z
		.undefined("is not in this version yet: hosts are reached by ssh")
		.optional(),
	registryTool: oneOf(RegistryTool).default(RegistryTool.Auto),
	onDestroy: oneOf(OnDestroy).default(OnDestroy.Restore),
	cycle: z
		.strictObject({
			triggers: z
				.array(TEXT, "must be a list of texts")
				.min(1, "must hold at least one text"),
			onUncertain: oneOf(OnUncertain).default(OnUncertain.Fail),
		})
		.optional(),
});

const HOSTS = z
	.array(HOST, "must be a list of hosts")
	.superRefine((hosts, context) => {
		const seen = new Map<string, number>();
		for (const [index, { name }] of hosts.entries()) {
			const first = seen.get(name.toLowerCase());
			if (first !== undefined)
				context.addIssue({
					code: "custom",
					path: [index, "name"],
					message: `must be unique, but hosts[${first}] has the name "${name}" too`,
				});
			else seen.set(name.toLowerCase(), index);
		}
	});

const SECRET = z.string("must be a text").min(1, "must not be empty");

const LOGIN_CREDENTIALS = z
	.strictObject({
		privateKey: SECRET.regex(
			/^\s*-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----[\s\S]+-----END \1PRIVATE KEY-----\s*$/,
			"must be the contents of a private key file, from -----BEGIN to -----END",
		).optional(),
		privateKeyPassword: SECRET.optional(),
		password: SECRET.optional(),
	})
	.superRefine((credentials, context) => {
		if (credentials.privateKeyPassword && !credentials.privateKey)
			context.addIssue({
				code: "custom",
				path: ["privateKeyPassword"],
				message: "needs a privateKey beside it",
			});
	});

const CREDENTIALS = z.record(
	z.string(),
	LOGIN_CREDENTIALS.safeExtend({ proxy: LOGIN_CREDENTIALS.optional() }),
	"must hold an entry for each host, or default",
);

type Host = z.output<typeof HOST>;
type Credentials = z.output<typeof CREDENTIALS>;

const credentialsOf = (host: Host, credentials: Credentials) =>
	credentials[host.name] ?? credentials.default;

function checkCredentials(hosts: Host[], credentials: Credentials): string[] {
	const names = new Set(["default", ...hosts.map((host) => host.name)]);
	const strangers = Object.keys(credentials)
		.filter((name) => !names.has(name))
		.map(
			(name) =>
				`credentials.${name}: is neither default nor the name of a host`,
		);
	const missing = hosts.flatMap((host) => {
		const own = credentialsOf(host, credentials);
		const entry = credentials[host.name] || !own ? host.name : "default";
		const lines: string[] = [];
		if (!own?.password && !own?.privateKey)
			lines.push(
				`credentials.${entry}: host ${host.name} needs a privateKey or a password; pulumi config set --secret --path 'exchange-dirsync:credentials.${entry}.password'`,
			);
		if (host.ssh.proxy && !own?.proxy?.password && !own?.proxy?.privateKey)
			lines.push(
				`credentials.${entry}.proxy: host ${host.name} goes through a proxy, which needs a privateKey or a password`,
			);
		return lines;
	});
	return [...strangers, ...missing];
}

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
	credentials: z.output<typeof LOGIN_CREDENTIALS> | undefined,
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

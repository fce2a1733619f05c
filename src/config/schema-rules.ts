import { HOST_NAME } from "../model/host";

/*
 * JSON Schema's form of the rules that are code in zod: zod converts types, ranges and regular expressions, but no
 * refinement. Each constant names its rule. test/unit/config/stack-file-schema.test.ts compares both forms.
 */

type Rule = Record<string, unknown>;

/** Control characters, line breaks and lone surrogates, for use in brackets: `UNPRINTABLE` of fields.ts. */
const UNPRINTABLE = String.raw`\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff`;

const BLANKS = String.raw`\u00a0\u2007\u202f\u2060\ufeff`;

/** The engine's unknown value. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** `isTrigger`, and unquoted numbers that keep all of their digits. */
export const TRIGGER_TEXT = {
	type: ["string", "integer"],
	minimum: Number.MIN_SAFE_INTEGER,
	maximum: Number.MAX_SAFE_INTEGER,
	pattern: `^(?!${UNKNOWN}$)[^${UNPRINTABLE}]*[^\\s${UNPRINTABLE}][^${UNPRINTABLE}]*$`,
};

/** The engine passes every plain value as a string. */
export const ANY_TEXT = {
	type: ["string", "number", "boolean"],
};

const LABEL = "[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?";
const BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";

/**
 * `isAddress`. Of an IPv6 address it checks only the characters: the whole rule is too long for a pattern.
 *
 * @param end the pattern of what may follow the address
 */
const address = (end: string) => {
	const ip4 = `(?:${BYTE}\\.){3}${BYTE}`;
	const ip6 = "(?=[^:]*:[^:]*:)[0-9A-Fa-f:.]+(?:%[0-9A-Za-z.:-]+)?";
	const name = `(?=.{1,253}${end}$)(?:${LABEL}\\.)*(?![0-9]+${end}$)${LABEL}`;
	return { pattern: `^(?:${ip4}|${ip6}|${name})${end}$` };
};

/** `ADDRESS` */
export const ADDRESS_TEXT = address("");

/** `SSH_ADDRESS` */
export const SSH_ADDRESS_TEXT = address("\\.?");

/** One line without space at either end and without the given characters. */
const trimmedLine = (without: string) => ({
	pattern: `^(?!\\s)[^${UNPRINTABLE}${BLANKS}${without}]*[^\\s${UNPRINTABLE}${BLANKS}${without}]$`,
});

/** `USER` */
export const USER_TEXT = trimmedLine("");

/** `SAMBA_USER` */
export const SAMBA_USER_TEXT = trimmedLine("%@");

/** `SECRET` */
export const SECRET_TEXT = { pattern: `^[^${UNPRINTABLE}]+$` };

/** The types of public keys, and the length of those that have a fixed one. */
const PUBLIC_KEYS: [type: string, bytes?: number][] = [
	["ssh-ed25519", 51],
	["ecdsa-sha2-nistp256", 104],
	["ecdsa-sha2-nistp384", 136],
	["ecdsa-sha2-nistp521", 172],
	["ssh-rsa"],
	["ssh-dss"],
];

/** The pattern of one type's key: its base64 begins with the type's name. */
function publicKey([type, bytes]: [type: string, bytes?: number]): string {
	const head = Buffer.alloc(4);
	head.writeUInt32BE(type.length);
	const begin = Buffer.concat([head, Buffer.from(type)]);
	// The last character may contain bits of what follows.
	const prefix = begin
		.toString("base64")
		.slice(0, Math.floor((begin.length * 8) / 6));
	if (bytes === undefined) return `${type} +${prefix}[A-Za-z0-9+/]+={0,2}`;
	const padding = (3 - (bytes % 3)) % 3;
	const rest = Math.ceil(bytes / 3) * 4 - padding - prefix.length;
	return `${type} +${prefix}[A-Za-z0-9+/]{${rest}}${"=".repeat(padding)}`;
}

/** `isPublicKey`, apart from the fields within the key. */
export const PUBLIC_KEY_TEXT = {
	pattern: `^\\s*(?:${PUBLIC_KEYS.map(publicKey).join("|")})(?: [^${UNPRINTABLE}]*)?\\s*$`,
};

const PRIVATE_KEY_LABEL = "(?:(?:OPENSSH|RSA|EC|DSA) )?PRIVATE KEY";

/** `privateKeyError`, as far as it concerns the block's first and last line. */
export const PRIVATE_KEY_TEXT = {
	pattern: `(?:^|[\\r\\n])-----BEGIN ${PRIVATE_KEY_LABEL}-----[ \\t]*[\\r\\n][\\s\\S]*[\\r\\n]-----END ${PRIVATE_KEY_LABEL}-----`,
};

/** `ADMIN_PASSWORD` */
export const ADMIN_PASSWORD_TEXT = {
	pattern: "^[!#$&-~]{1,64}$",
};

/** The name of a host, where it is a reference or a key. */
export const NAME_TEXT = { pattern: HOST_NAME.source };

/** `NAME` without some names, regardless of case. JSON Schema's patterns have no flag for it. */
function nameExcept(...names: string[]) {
	const refused = names
		.join("|")
		.replace(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`);
	return { pattern: HOST_NAME.source.replace("^", `^(?!(?:${refused})$)`) };
}

/** `OWN_NAME` */
export const HOST_NAME_TEXT = nameExcept("default");

/** `OWN_NAME`, and the names that `distinctNameIssues` reserves for the steps of a cutover. */
export const OFFICE_NAME_TEXT = nameExcept(
	"default",
	"t1-delivered(?:-.*)?",
	"t2-delivered(?:-.*)?",
);

/** A rule that holds on a condition only. */
export const when = (condition: Rule, rule: Rule, otherwise?: Rule): Rule => ({
	if: condition,
	// biome-ignore lint/suspicious/noThenProperty: this is JSON Schema's keyword.
	then: rule,
	...(otherwise && { else: otherwise }),
});

/** `requireOneTransport` */
export const ONE_TRANSPORT: Rule = {
	allOf: [
		when(
			{ required: ["samba"] },
			{ properties: { ssh: false, registryTool: false } },
			{ required: ["ssh"] },
		),
		when(
			{ required: ["samba"], properties: { samba: has("legacy", true) } },
			{ properties: { name: { maxLength: 15 } } },
		),
	],
};

/** `requireHostKey` */
export const ONE_HOST_KEY = when(
	has("insecureIgnoreHostKey", true),
	{ properties: { hostKey: false } },
	{ required: ["hostKey"] },
);

/**
 * `validatePrivateKey`, as far as it concerns the keys, and `credentialIssues`: each entry needs a password or a private
 * key, and a pass phrase needs a private key.
 */
export const ONE_CREDENTIAL = when(
	{ required: ["privateKeyPassword"] },
	{ required: ["privateKey"] },
	{ anyOf: [{ required: ["password"] }, { required: ["privateKey"] }] },
);

/** The rule of `WAIT` in cutover-schema.ts: a fixed time, or a command. */
export const ONE_WAIT = when(
	{ required: ["seconds"] },
	{
		properties: {
			...{ host: false, command: false, contains: false },
			...{ every: false, timeout: false },
		},
	},
	{ required: ["host", "command", "contains"] },
);

/** The namespace of the configuration's keys in the project of this package. */
export const NAMESPACE = "exchange-dirsync:";

/** The pattern of a key of the stack file: without a namespace, or with the name of any project. */
const inAnyNamespace = (key: string): string => `^(?:[^:]+:)?${key}$`;

/** Requires the hosts. The pattern alone would give no good message: this one is "missing property". */
export const HOSTS_REQUIRED = when(
	{ propertyNames: { not: { pattern: inAnyNamespace("hosts") } } },
	{ required: ["hosts"] },
);

/** `checkRoles`, where all hosts have the same role. */
export const ROLES_OF_POST_OFFICES: Rule = {
	allOf: [
		when(
			everyHost(has("role", "requestor")),
			inEachCutover({ contains: has("role", "server"), maxContains: 1 }),
		),
		when(
			everyHost(has("role", "server")),
			inEachCutover({ items: has("role", "requestor") }),
		),
	],
};

function everyHost(host: Rule): Rule {
	return {
		...{ type: "object", ...HOSTS_REQUIRED },
		patternProperties: {
			[inAnyNamespace("hosts")]: { type: "array", items: host },
		},
	};
}

function inEachCutover(postOffices: Rule): Rule {
	const cutover = {
		type: "object",
		properties: { postOffices: { type: "array", ...postOffices } },
	};
	return {
		patternProperties: { [inAnyNamespace("cutovers")]: { items: cutover } },
	};
}

/** An object with that value. */
function has(key: string, value: unknown): Rule {
	return {
		type: "object",
		required: [key],
		properties: { [key]: { const: value } },
	};
}

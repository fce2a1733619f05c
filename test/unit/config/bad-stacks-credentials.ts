import {
	HOST_KEY,
	lockedKey,
	oldEncryptedKey,
	openSshKey,
	pem,
	pkcs8EncryptedKey,
	WORD,
} from "../validation/ssh-keys.ts";
import type { BadStack } from "./bad-stacks.ts";
import { host, proxy, SECRET, samba, ssh, throughProxy } from "./good-stack.ts";

type Row = [
	what: string,
	credentials: unknown,
	...mistakes: [at: string, says: string][],
];

const NEEDS = "host EXCH01 needs a privateKey or a password";
const KEYS = "must hold a password, or a privateKey";
const FILE = "must be the contents of a private key file, from -----BEGIN";
const CUT = "must be a whole private key";
const UNTOLD = "has an unknown key, which is not shown";
const AT = "credentials.EXCH01";
const own = (login: unknown) => ({ EXCH01: login });

/** Credentials of a stack with one host, EXCH01. */
const ENTRIES: Row[] = [
	["none", undefined, [AT, `${NEEDS}; pulumi config set --secret`]],
	["a text for all", SECRET, ["credentials", "must hold an entry for each"]],
	["a list", [SECRET], ["credentials", "must hold an entry for each"]],
	["a text for the host", own(SECRET), [AT, KEYS]],
	["null", own(null), [AT, KEYS]],
	["an empty entry", own({}), [AT, NEEDS]],
	[
		"an empty entry beside a good default",
		{ ...own({}), default: { password: SECRET } },
		[AT, NEEDS],
	],
	["an empty default", { default: {} }, ["credentials.default", NEEDS]],
	[
		"for nobody",
		{ EXCH09: { password: SECRET }, ...own({ password: SECRET }) },
		["credentials.EXCH09", "is neither default nor the name of a host"],
	],
	[
		"in other letters than the host's",
		{ exch01: { password: SECRET } },
		["credentials.exch01", "is neither default nor the name of a host"],
		[AT, NEEDS],
	],
	[
		"one level too high",
		{ password: SECRET },
		["credentials.password", KEYS],
		["credentials.password", "is neither default nor the name of a host"],
		[AT, NEEDS],
	],
	[
		"of a name with a dot, set without the brackets",
		{ EXCH01: { corp: { password: SECRET } } },
		[`${AT}.corp`, "is an unknown key"],
		[AT, NEEDS],
	],
	[
		"mistyped keys",
		own({ passwrod: SECRET, private_key: SECRET }),
		[`${AT}.passwrod`, "is an unknown key"],
		[`${AT}.private_key`, "is an unknown key"],
		[AT, NEEDS],
	],
	[
		"a key that is the secret: YAML reads {password hunter2} so",
		own({ [`password ${SECRET}`]: null }),
		[AT, UNTOLD],
		[AT, NEEDS],
	],
	[
		"a key that is the secret: YAML reads {password:hunter2} so",
		own({ [`password:${SECRET}`]: null, password: SECRET }),
		[AT, UNTOLD],
	],
	[
		"a key that is the secret and nothing else",
		own({ [WORD]: null, password: SECRET }),
		[AT, UNTOLD],
	],
	[
		"an entry that is the secret",
		{ [`EXCH01 ${SECRET}`]: null, [WORD]: null },
		["credentials", UNTOLD],
		[AT, NEEDS],
	],
];

const SECRETS: Row[] = [
	[
		"a password that is a number",
		own({ password: 4711 }),
		[`${AT}.password`, "must be a string: put digits in quotes"],
	],
	[
		"a password that is true",
		own({ password: true }),
		[`${AT}.password`, "must be a string"],
	],
	[
		"a password that is null",
		own({ password: null }),
		[`${AT}.password`, "must be a string"],
	],
	[
		"a password that is a list",
		own({ password: [SECRET] }),
		[`${AT}.password`, "must be a string"],
	],
	[
		"a password that is empty",
		own({ password: "" }),
		[`${AT}.password`, "must not be empty"],
	],
	[
		"a password with the line break of its file",
		own({ password: `${SECRET}\n` }),
		[`${AT}.password`, "must not hold line breaks or control characters"],
	],
	[
		"a private key for a password",
		own({ password: openSshKey() }),
		[`${AT}.password`, "must not hold line breaks"],
	],
	[
		"a password for a private key",
		own({ privateKey: SECRET }),
		[`${AT}.privateKey`, FILE],
	],
	[
		"a public key for a private one",
		own({ privateKey: HOST_KEY }),
		[`${AT}.privateKey`, "is a public key: the private one is in the file"],
	],
	[
		"the name of a key file",
		own({ privateKey: `/home/${WORD}/.ssh/id_rsa` }),
		[`${AT}.privateKey`, FILE],
	],
	[
		"a key of PuTTY's",
		own({ privateKey: `PuTTY-User-Key-File-3: ssh-rsa\n${SECRET}\n` }),
		[`${AT}.privateKey`, "is a key of PuTTY's: puttygen FILE"],
	],
	[
		"a key without its line breaks",
		own({ privateKey: openSshKey().replaceAll("\n", " ") }),
		[`${AT}.privateKey`, "has lost its line breaks: set it from its file"],
	],
	[
		"a key cut short",
		own({ privateKey: openSshKey({ cut: 30 }) }),
		[`${AT}.privateKey`, CUT],
	],
	[
		"a key of another text",
		own({ privateKey: pem("PRIVATE KEY", WORD.repeat(40)) }),
		[`${AT}.privateKey`, CUT],
	],
	[
		"an encrypted key without its pass phrase",
		own({ privateKey: openSshKey({ cipher: "aes256-ctr" }) }),
		[`${AT}.privateKey`, "is encrypted and needs its pass phrase"],
	],
	[
		"an older encrypted key without its pass phrase",
		own({ privateKey: oldEncryptedKey }),
		[`${AT}.privateKey`, "is encrypted and needs its pass phrase"],
	],
	[
		"a key that is encrypted in a way that nothing here reads",
		own({ privateKey: pkcs8EncryptedKey, privateKeyPassword: SECRET }),
		[`${AT}.privateKey`, "ssh-keygen -p"],
	],
	[
		"a pass phrase without a key, beside another mistake",
		own({ privateKeyPassword: SECRET, password: 1, comment: 22 }),
		[`${AT}.privateKeyPassword`, "requires privateKey"],
		[`${AT}.password`, "must be a string"],
		[`${AT}.comment`, "is an unknown key"],
	],
	[
		"a pass phrase that is a number",
		own({ privateKey: lockedKey(SECRET), privateKeyPassword: 4711 }),
		[`${AT}.privateKeyPassword`, "must be a string"],
	],
	[
		"for a proxy, where there is none",
		own({ password: SECRET, proxy: { password: SECRET } }),
		[`${AT}.proxy`, "host EXCH01 goes through no proxy: remove it"],
	],
];

/** Credentials of a stack with one host, which is reached through a proxy. */
const BEHIND: Row[] = [
	[
		"none for the proxy",
		own({ password: SECRET }),
		[`${AT}.proxy`, "goes through a proxy, which needs a privateKey or"],
	],
	[
		"none for the proxy, by default",
		{ default: { password: SECRET } },
		["credentials.default.proxy", "host EXCH01 goes through a proxy, which"],
	],
	[
		"a proxy's entry that is empty",
		own({ password: SECRET, proxy: {} }),
		[`${AT}.proxy`, "host EXCH01 goes through a proxy, which needs"],
	],
	[
		"a proxy's entry that is a text",
		own({ password: SECRET, proxy: SECRET }),
		[`${AT}.proxy`, KEYS],
	],
	[
		"a proxy's keys",
		own({
			password: SECRET,
			proxy: { privateKeyPassword: SECRET, pasword: SECRET },
		}),
		[`${AT}.proxy`, "host EXCH01 goes through a proxy, which needs"],
		[`${AT}.proxy.privateKeyPassword`, "requires privateKey"],
		[`${AT}.proxy.pasword`, "is an unknown key"],
	],
	[
		"a proxy of the proxy",
		own({ password: SECRET, proxy: { password: SECRET, proxy: {} } }),
		[`${AT}.proxy.proxy`, "is an unknown key"],
	],
];

/** Secrets in wrong places. */
const MISPLACED: BadStack[] = [
	{
		what: "secrets among the hosts",
		config: {
			hosts: [
				host({
					password: SECRET,
					ssh: ssh({ password: SECRET, privateKey: openSshKey() }),
				}),
			],
			credentials: own({ password: SECRET }),
		},
		mistakes: [
			["hosts[0].password", "is an unknown key: secrets belong under credent"],
			["hosts[0].ssh.password", "is an unknown key: secrets belong under"],
			["hosts[0].ssh.privateKey", "is an unknown key: secrets belong under"],
		],
	},
	{
		what: "a secret for the user, the role, the port and the verify",
		config: {
			hosts: [
				host({ role: SECRET, ssh: ssh({ user: `${SECRET}\n`, port: SECRET }) }),
			],
			credentials: own({ password: SECRET }),
			verify: [SECRET],
		},
		mistakes: [
			["hosts[0].role", "must be one of requestor, server"],
			["hosts[0].ssh.user", "must be the user to log in as"],
			["hosts[0].ssh.port", "must be a whole number"],
			["verify", "must be a string"],
		],
	},
	{
		what: "a secret beside the credentials",
		config: {
			hosts: [host()],
			credentials: own({ password: SECRET }),
			password: SECRET,
		},
		mistakes: [["password", "is an unknown key"]],
	},
	{
		what: "a dozen mistakes in all parts",
		config: {
			hosts: [
				host({ role: "x", ssh: ssh({ port: 0, host: "a b" }) }),
				host({ name: "exch01", cycle: { triggers: [] } }),
				host({ name: "EXCH 03", onDestroy: "never" }),
			],
			verify: {},
			credentials: {
				EXCH01: { pass: SECRET },
				"EXCH 03": { password: SECRET },
				EXCH09: {},
			},
		},
		mistakes: [
			["hosts[0].role", "must be one of"],
			["hosts[0].ssh.port", "must be from"],
			["hosts[0].ssh.host", "must be a host name"],
			["hosts[1].name", "must be unique"],
			["hosts[1].cycle.triggers", "must contain at least one"],
			["hosts[2].name", "must begin with"],
			["hosts[2].onDestroy", "must be one of"],
			["verify", "must be a string"],
			["credentials.EXCH01.pass", "is an unknown key"],
			[AT, NEEDS],
			["credentials.exch01", "host exch01 needs a privateKey or a password"],
			["credentials.EXCH09", "is neither default nor the name of a host"],
		],
	},
];

/** Credentials of a stack with one host, which is reached by samba through a gateway that has a proxy. */
const OVER_SAMBA: Row[] = [
	[
		"none for the host nor its gateway",
		own({}),
		[`${AT}.password`, "is missing: host EXCH01 is reached by samba"],
		[`${AT}.gateway`, "goes through a gateway, which needs a privateKey or"],
		[`${AT}.gateway.proxy`, "proxy before its gateway, which needs"],
	],
	[
		"a key in place of the password, and no proxy",
		own({ privateKey: openSshKey(), gateway: { password: SECRET } }),
		[`${AT}.password`, "is missing: host EXCH01 is reached by samba"],
		[`${AT}.privateKey`, "which takes a password only"],
		[
			`${AT}.gateway.proxy`,
			"goes through a proxy before its gateway, which needs a privateKey or",
		],
	],
	[
		"a password that begins with a blank",
		own({
			password: ` ${SECRET}`,
			gateway: { password: SECRET, proxy: { password: SECRET } },
		}),
		[`${AT}.password`, "must not begin with a space"],
	],
	[
		"a password of two lines, and a proxy in the wrong place",
		own({
			password: `${SECRET}\n`,
			proxy: { password: SECRET },
			gateway: { password: SECRET, proxy: { password: SECRET } },
		}),
		[`${AT}.password`, "must not hold line breaks"],
		[`${AT}.proxy`, "goes through no proxy: remove it"],
	],
];

/** Credentials of a stack with one host, which is reached by samba from the machine that runs Pulumi. */
const FROM_HERE: Row[] = [
	[
		"a gateway that there is not",
		own({ password: SECRET, gateway: { password: SECRET } }),
		[`${AT}.gateway`, "goes through no gateway: remove it"],
	],
];

const rows = (table: Row[], hosts: unknown[]): BadStack[] =>
	table.map(([what, credentials, ...mistakes]) => ({
		what: `credentials: ${what}`,
		config: { hosts, ...(credentials !== undefined && { credentials }) },
		mistakes,
	}));

export const CREDENTIALS_ROWS: BadStack[] = [
	...rows([...ENTRIES, ...SECRETS], [host()]),
	...rows(BEHIND, [throughProxy()]),
	...rows(OVER_SAMBA, [
		host({
			ssh: undefined,
			samba: samba({ gateway: proxy({ proxy: proxy() }) }),
		}),
	]),
	...rows(FROM_HERE, [host({ ssh: undefined, samba: samba() })]),
	...MISPLACED,
];

import { ECDSA_KEY, HOST_KEY, openSshKey } from "../validation/ssh-keys.ts";
import type { BadStack } from "./bad-stacks.ts";
import { host, proxy, SECRET, samba, ssh } from "./good-stack.ts";

export type Row = [
	what: string,
	hosts: unknown,
	...mistakes: [at: string, says: string][],
];

const PUBLIC_KEY = "must be a whole public key, `ssh-ed25519 AAAA...`";
const NAME = "must begin with a letter or digit";
const ADDRESS = "must be a host name or an IP address";
const LOGIN = "must contain the login: host, user and hostKey";
const SAMBA = "must contain the login: host and user";

const named = (...names: unknown[]) => names.map((name) => host({ name }));
const reached = (...changes: Record<string, unknown>[]) =>
	changes.map((change, index) =>
		host({
			name: `EXCH0${index + 1}`,
			ssh: ssh({ host: `10.0.0.${index + 1}`, port: 2200 + index, ...change }),
		}),
	);
const overSamba = (access: unknown, changes: Record<string, unknown> = {}) => [
	host({ ssh: undefined, samba: access, ...changes }),
];
const STRUCTURE: Row[] = [
	["hosts: a text", "EXCH01", ["hosts", "must be a list of hosts"]],
	["hosts: by name", { EXCH01: host() }, ["hosts", "must be a list of hosts"]],
	["a host that is null", [null, host()], ["hosts[0]", "must be a host: name"]],
	["a host that is a name", ["EXCH01"], ["hosts[0]", "must be a host: name"]],
	[
		"unknown keys at every level",
		[
			{
				...host({ roll: 1 }),
				ssh: ssh({ prot: 1, proxy: proxy({ "host key": 1 }) }),
				cycle: { triggers: ["a"], trigger: "b" },
			},
		],
		["hosts[0].roll", "is an unknown key"],
		["hosts[0].ssh.prot", "is an unknown key"],
		["hosts[0].ssh.proxy", "has an unknown key"],
		["hosts[0].cycle.trigger", "is an unknown key"],
	],
	[
		"neither ssh nor samba",
		[host({ ssh: undefined })],
		["hosts[0].ssh", LOGIN],
	],
	["ssh: a text", [host({ ssh: "exch01" })], ["hosts[0].ssh", LOGIN]],
	["ssh: a list", [host({ ssh: [ssh()] })], ["hosts[0].ssh", LOGIN]],
	["samba: a text", overSamba("nt02"), ["hosts[0].samba", SAMBA]],
	[
		"samba without a user",
		overSamba({ host: "10.0.0.9" }),
		["hosts[0].samba.user", "must be the user to log in as"],
	],
	[
		"samba with the words of ssh, and secrets",
		overSamba(samba({ hostKey: HOST_KEY, password: SECRET })),
		["hosts[0].samba.hostKey", "is an unknown key"],
		["hosts[0].samba.password", "secrets belong under credentials"],
	],
	[
		"ssh and samba",
		[host({ samba: samba() })],
		["hosts[0].samba", "cannot be combined with ssh: remove one of them"],
	],
	[
		"samba with a registry tool",
		overSamba(samba(), { registryTool: "reg" }),
		["hosts[0].registryTool", "is for hosts that are reached by ssh"],
	],
	[
		"samba with a password in its user, a legacy of yes, and a gateway without a host key",
		overSamba(
			samba({
				user: "Administrator%x",
				legacy: "yes",
				gateway: proxy({ hostKey: undefined }),
			}),
		),
		["hosts[0].samba.user", "must not hold a percent sign"],
		["hosts[0].samba.legacy", "must be true or false"],
		["hosts[0].samba.gateway.hostKey", "is missing: take it from ssh-keyscan"],
	],
	[
		"an NT 4 host by a name that is no NetBIOS name",
		overSamba(samba({ legacy: true }), { name: "EXCHANGE-HARBOR-01" }),
		["hosts[0].name", "must be the host's NetBIOS name, 15 characters at most"],
	],
	[
		"a proxy that is null",
		[host({ ssh: ssh({ proxy: null }) })],
		["hosts[0].ssh.proxy", LOGIN],
	],
	[
		"wrong words",
		[
			host({ role: "Requestor", registryTool: "regedt32", onDestroy: "leave" }),
			host({ name: "EXCH02", role: undefined }),
			host({ name: "EXCH03", role: null, onDestroy: null }),
		],
		["hosts[0].role", "must be one of requestor, server"],
		["hosts[0].registryTool", "must be one of auto, reg, regedit"],
		["hosts[0].onDestroy", "must be one of restore, keep"],
		["hosts[1].role", "must be one of requestor, server"],
		["hosts[2].role", "must be one of requestor, server"],
		["hosts[2].onDestroy", "must be one of restore, keep"],
	],
];

const NAMES: Row[] = [
	["no name", named(undefined), ["hosts[0].name", "must be a name"]],
	["an empty name", named(""), ["hosts[0].name", NAME]],
	["a name of 64", named("a".repeat(64)), ["hosts[0].name", NAME]],
	["a name with blanks", named(" EXCH01 "), ["hosts[0].name", NAME]],
	["a name with a command", named("EXCH01&calc"), ["hosts[0].name", NAME]],
	["a name with a variable", named("%COMSPEC%"), ["hosts[0].name", NAME]],
	["a name with a line break", named("EXCH01\n"), ["hosts[0].name", NAME]],
	["a name with an umlaut", named("B\u00dcRO"), ["hosts[0].name", NAME]],
	["a name that is an option", named("-EXCH01"), ["hosts[0].name", NAME]],
	[
		"a name that all credentials have",
		named("Default"),
		["hosts[0].name", "must not be default"],
	],
	[
		"the same name, and in other letters",
		named("EXCH01", "EXCH01", "exch01"),
		[
			"hosts[1].name",
			"must be unique, without regard to case, but hosts[0] is",
		],
		["hosts[2].name", 'hosts[0] is called "EXCH01"'],
	],
	[
		"the name of another host's trigger resource",
		named("EXCH01-cycle", "EXCH01"),
		["hosts[0].name", "followed by -cycle, as is that of hosts[1]"],
	],
];

const IN_TWO = "a second T2 within seconds can lose a full import (Q142841)";
const two = (first: object, second: object) => [
	host({ ssh: undefined, ...first }),
	host({ name: "EXCH02", ssh: undefined, ...second }),
];
const OTHER_KEY = HOST_KEY.replace("WE", "WF");
const jump = (changes: object) =>
	ssh({ proxy: proxy({ host: "jump1", ...changes }) });

const MACHINES: Row[] = [
	[
		"one machine under two names, by its host key, with a comment or without",
		two(
			{ ssh: ssh() },
			{ ssh: ssh({ host: "localhost", hostKey: `${HOST_KEY} a comment` }) },
		),
		[
			"hosts[1].ssh.hostKey",
			`"EXCH02" is the machine of hosts[0], "EXCH01": the same hostKey and port`,
		],
	],
	[
		"one machine under two names, by its address, with other keys of its own",
		two(
			{ ssh: ssh({ host: "exch01.corp" }) },
			{ ssh: ssh({ host: "EXCH01.corp.", hostKey: ECDSA_KEY, port: 22 }) },
		),
		["hosts[1].ssh.host", "the same address and port. Remove one of them"],
	],
	[
		"one machine under two names, by its address, whatever its host key",
		two(
			{ ssh: ssh({ hostKey: undefined, insecureIgnoreHostKey: true }) },
			{ ssh: ssh() },
		),
		["hosts[1].ssh.host", IN_TWO],
	],
	[
		"one machine under two names, behind one proxy under two names",
		two(
			{ ssh: jump({}) },
			{ ssh: { ...jump({ host: "jump2" }), host: "10.0.0.1" } },
		),
		["hosts[1].ssh.hostKey", IN_TWO],
	],
	[
		"one machine under three names",
		[...two({ ssh: ssh() }, { ssh: ssh() }), host({ name: "X", ssh: ssh() })],
		["hosts[1].ssh.host", 'hosts[0], "EXCH01"'],
		["hosts[2].ssh.host", 'hosts[0], "EXCH01"'],
	],
	[
		"one machine under two names, by samba",
		two(
			{ samba: samba({ host: "NT02.corp", legacy: true }) },
			{ samba: samba({ host: "nt02.corp", port: 139 }) },
		),
		["hosts[1].samba.host", "the same address and port"],
	],
	[
		"one machine under two names, by samba through one gateway",
		two(
			{ samba: samba({ gateway: proxy() }) },
			{ samba: samba({ gateway: proxy({ host: "ops2" }) }) },
		),
		["hosts[1].samba.host", IN_TWO],
	],
];

/** Pairs of hosts that are similar, but are two machines. */
export const TWO_MACHINES: [what: string, hosts: unknown[]][] = [
	["at two ports", two({ ssh: ssh() }, { ssh: ssh({ port: 23 }) })],
	[
		"with two addresses and host keys",
		two({ ssh: ssh() }, { ssh: ssh({ host: "a", hostKey: OTHER_KEY }) }),
	],
	["one of them behind a proxy", two({ ssh: ssh() }, { ssh: jump({}) })],
	[
		"behind two proxies",
		two({ ssh: jump({}) }, { ssh: jump({ host: "j", hostKey: OTHER_KEY }) }),
	],
	[
		"by samba at two addresses",
		two({ samba: samba() }, { samba: samba({ host: "10.0.0.10" }) }),
	],
	[
		"by samba, one of them through a gateway",
		two({ samba: samba() }, { samba: samba({ gateway: proxy() }) }),
	],
	["by samba and by ssh", two({ samba: samba() }, { ssh: ssh() })],
];

const LOGINS: Row[] = [
	[
		"ports out of range",
		reached({ port: 0 }, { port: 65536 }, { port: -22 }),
		["hosts[0].ssh.port", "must be from 1 to 65535"],
		["hosts[1].ssh.port", "must be from 1 to 65535"],
		["hosts[2].ssh.port", "must be from 1 to 65535"],
	],
	[
		"ports that are no whole numbers",
		reached({ port: "ssh" }, { port: "22" }, { port: 22.5 }, { port: null }),
		["hosts[0].ssh.port", "must be a whole number from 1 to 65535"],
		["hosts[1].ssh.port", "must be a whole number from 1 to 65535"],
		["hosts[2].ssh.port", "must be a whole number from 1 to 65535"],
		["hosts[3].ssh.port", "must be a whole number from 1 to 65535"],
	],
	[
		"a proxy's port",
		[host({ ssh: ssh({ proxy: proxy({ port: 0 }) }) })],
		["hosts[0].ssh.proxy.port", "must be from 1 to 65535"],
	],
	[
		"addresses with more than an address",
		reached({ host: "exch01:2222" }, { host: "ssh://exch01" }, { host: " a" }),
		["hosts[0].ssh.host", `${ADDRESS}; the port has a key of its own`],
		["hosts[1].ssh.host", ADDRESS],
		["hosts[2].ssh.host", ADDRESS],
	],
	[
		"addresses that are none",
		reached({ host: "10.0.0.256" }, { host: "a..b" }, { host: 10.1 }),
		["hosts[0].ssh.host", ADDRESS],
		["hosts[1].ssh.host", ADDRESS],
		["hosts[2].ssh.host", ADDRESS],
	],
	[
		"addresses with commands",
		reached(
			{ host: "a&calc" },
			{ host: "$(id)" },
			{ host: "-oProxyCommand=x" },
		),
		["hosts[0].ssh.host", ADDRESS],
		["hosts[1].ssh.host", ADDRESS],
		["hosts[2].ssh.host", ADDRESS],
	],
	[
		"an address that is too long",
		reached({ host: `${"a".repeat(250)}.org` }),
		["hosts[0].ssh.host", ADDRESS],
	],
	[
		"users that are none",
		reached({ user: "" }, { user: " \n" }, { user: "a\tb" }, { user: true }),
		["hosts[0].ssh.user", "must be the user to log in as"],
		["hosts[1].ssh.user", "must be the user to log in as"],
		["hosts[2].ssh.user", "has a control character or a no-break space"],
		["hosts[3].ssh.user", "must be the user to log in as"],
	],
	[
		"users whose backslash YAML has read as something else",
		reached(
			{ user: "CORP\x07dministrator" },
			{ user: "CORP\u00a0svc" },
			{ user: "CORP\backup" },
			{ user: "CORP\vinzent" },
		),
		["hosts[0].ssh.user", String.raw`in double quotes write \\, as in "CORP`],
		["hosts[1].ssh.user", String.raw`in double quotes write \\, as in "CORP`],
		["hosts[2].ssh.user", String.raw`in double quotes write \\, as in "CORP`],
		["hosts[3].ssh.user", String.raw`in double quotes write \\, as in "CORP`],
	],
	[
		"users with blanks that look like others",
		reached({ user: "CORP\\a\u202fb" }, { user: "a\ufeffb" }),
		["hosts[0].ssh.user", "without no-break spaces"],
		["hosts[1].ssh.user", "without no-break spaces"],
	],
	[
		"a user of a domain by another name than Samba's",
		overSamba(samba({ user: "admin@corp.example" })),
		[
			"hosts[0].samba.user",
			String.raw`must not hold an @: where samba is used, a user of a domain is written DOMAIN\user`,
		],
	],
	[
		"names that end with more than a dot, an address that ends with one, and samba's",
		[
			...reached({ host: "exch01.." }, { host: "." }, { host: "10.0.0.9.." }),
			host({ name: "N", ssh: undefined, samba: samba({ host: "nt02.corp." }) }),
		],
		["hosts[0].ssh.host", ADDRESS],
		["hosts[1].ssh.host", ADDRESS],
		["hosts[2].ssh.host", ADDRESS],
		["hosts[3].samba.host", ADDRESS],
	],
	[
		"no host keys, beside another mistake",
		[
			host({
				ssh: ssh({
					hostKey: undefined,
					port: 0,
					proxy: proxy({ hostKey: undefined, user: 4711 }),
				}),
			}),
		],
		["hosts[0].ssh.hostKey", "is missing: take it from ssh-keyscan"],
		["hosts[0].ssh.port", "must be from 1 to 65535"],
		["hosts[0].ssh.proxy.hostKey", "is missing"],
		["hosts[0].ssh.proxy.user", "must be the user to log in as"],
	],
	[
		"half a host key",
		reached(
			{ hostKey: HOST_KEY.slice(0, -20) },
			{ hostKey: HOST_KEY.split(" ")[1] },
			{ hostKey: "" },
			{ hostKey: HOST_KEY.replace("ed25519", "rsa") },
		),
		["hosts[0].ssh.hostKey", PUBLIC_KEY],
		["hosts[1].ssh.hostKey", PUBLIC_KEY],
		["hosts[2].ssh.hostKey", PUBLIC_KEY],
		["hosts[3].ssh.hostKey", PUBLIC_KEY],
	],
	[
		"another line than a host key's",
		reached(
			{ hostKey: `exch01,10.0.0.9 ${HOST_KEY}` },
			{ hostKey: "SHA256:n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg" },
			{ hostKey: `${HOST_KEY}\n${ECDSA_KEY}` },
		),
		["hosts[0].ssh.hostKey", "it follows the host's name"],
		["hosts[1].ssh.hostKey", PUBLIC_KEY],
		["hosts[2].ssh.hostKey", PUBLIC_KEY],
	],
	[
		"a private key for the host key",
		reached({ hostKey: openSshKey() }),
		["hosts[0].ssh.hostKey", PUBLIC_KEY],
	],
	[
		"a host key and any",
		reached({ insecureIgnoreHostKey: true }),
		["hosts[0].ssh.insecureIgnoreHostKey", "cannot be combined with hostKey"],
	],
	[
		"any host key, in a wrong word",
		reached({ hostKey: undefined, insecureIgnoreHostKey: "true" }),
		["hosts[0].ssh.insecureIgnoreHostKey", "must be true or false"],
		["hosts[0].ssh.hostKey", "is missing"],
	],
];

/** Stacks with errors only in their hosts. */
export const hostRows = (table: readonly Row[]): BadStack[] =>
	table.map(([what, hosts, ...mistakes]) => ({
		what,
		config: {
			hosts,
			credentials: {
				default: {
					password: SECRET,
					proxy: { password: SECRET },
					gateway: { password: SECRET },
				},
			},
		},
		mistakes,
	}));

export const HOST_ROWS = hostRows([
	...STRUCTURE,
	...NAMES,
	...MACHINES,
	...LOGINS,
]);

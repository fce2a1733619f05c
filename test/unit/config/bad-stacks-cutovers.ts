import type { BadStack } from "./bad-stacks.ts";
import { credentials, host, SECRET, samba, ssh } from "./good-stack.ts";

const office = (changes: Record<string, unknown> = {}) => ({
	name: "PO-HARBOR",
	role: "server",
	ssh: ssh(),
	drive: "X",
	directory: "C:\\MAILEXE",
	launcher: "forcedos",
	admin: "admin",
	...changes,
});

const asked = (changes: Record<string, unknown> = {}) => ({
	host: "PO-HARBOR",
	command: "type X:\\LOG\\RECV.LOG",
	contains: "EXCH01",
	...changes,
});

const cutover = (changes: Record<string, unknown> = {}) => ({
	name: "harbor",
	run: "rehearsal-1",
	exchange: "EXCH01",
	postOffices: [office()],
	waits: { t1Delivered: asked(), t2Delivered: { seconds: 120 } },
	...changes,
});

const passwords = {
	...credentials,
	"PO-HARBOR": { password: SECRET, adminPassword: "secret" },
};

/** The paths of the errors omit the common prefix, the path of the cutover. */
type Row = [
	what: string,
	cutover: Record<string, unknown>,
	...mistakes: [at: string, says: string][],
];

/** A valid stack. A test checks that it is accepted. */
export const GOOD_CUTOVER = {
	hosts: [host()],
	cutovers: [cutover()],
	credentials: passwords,
};

const ROWS: Row[] = [
	[
		"a cutover with everything wrong",
		cutover({
			name: "har bor",
			run: "",
			exchange: "EXCH09",
			postOffices: [
				office({ drive: "X:", directory: "MAILEXE", launcher: "a b" }),
			],
			waits: { t1Delivered: asked({ seconds: 1 }), t2Delivered: {} },
			onUncertain: "kick",
			guards: { minutesAroundHour: 30 },
			again: true,
		}),
		[".name", "must begin with a letter or digit"],
		[".run", "must be a string in one line"],
		[".exchange", "must be the name of one of the hosts"],
		[".postOffices[0].drive", "must be the letter of a drive"],
		[".postOffices[0].directory", "must be a folder of a Windows drive"],
		[".postOffices[0].launcher", "must be the name of a program"],
		[".waits.t1Delivered.host", "cannot be combined with seconds"],
		[".waits.t1Delivered.command", "cannot be combined with seconds"],
		[".waits.t1Delivered.contains", "cannot be combined with seconds"],
		[".waits.t2Delivered.host", "is missing"],
		[".waits.t2Delivered.command", "is missing"],
		[".waits.t2Delivered.contains", "is missing"],
		[".onUncertain", "must be one of fail, retry, accept"],
		[".guards.minutesAroundHour", "must be from 0 to 29"],
		[".again", "is an unknown key"],
	],
	[
		"a cutover of a requestor with no dirsync server",
		cutover({ postOffices: [office({ role: "requestor" })] }),
		[".postOffices", "exactly one post office of the role server"],
	],
	[
		"a cutover of a requestor with two dirsync servers",
		cutover({ postOffices: [office(), office({ name: "PO-PIER" })] }),
		[".postOffices", "got 2"],
	],
	[
		"post offices of one name",
		cutover({
			postOffices: [office(), office({ role: "requestor" })],
		}),
		[".postOffices[0].name", "must be unique"],
		[".postOffices[1].name", "must be unique"],
	],
	[
		"a post office called as a step is",
		cutover({ postOffices: [office({ name: "t1-delivered" })] }),
		[".postOffices[0].name", 'there is "t1-delivered"'],
		[".waits.t1Delivered.host", "one of the cutover's post offices"],
	],
	[
		"no post offices, no waits",
		cutover({ postOffices: [], waits: undefined }),
		[".postOffices", "must hold at least one post office"],
		[".waits", "must hold t1Delivered and t2Delivered"],
	],
	[
		"a wait on a host that is no part of it",
		cutover({
			waits: { t1Delivered: asked({ host: "PO-QUAY" }), t2Delivered: asked() },
		}),
		[".waits.t1Delivered.host", "one of the cutover's post offices"],
	],
	[
		"a command of two lines, a text with a quotation mark",
		cutover({
			waits: {
				t1Delivered: asked({ command: "dir\ndel" }),
				t2Delivered: asked({ contains: '"EXCH01"' }),
			},
		}),
		[".waits.t1Delivered.command", "one line"],
		[".waits.t2Delivered.contains", "without a quotation mark"],
	],
	[
		"a directory and an administrator with a command",
		cutover({
			postOffices: [office({ directory: 'C:\\A"&del', admin: "admin&del" })],
		}),
		[".postOffices[0].directory", "must be a folder"],
		[".postOffices[0].admin", "administrator's mailbox"],
	],
];

const BY_RPC: Row[] = [
	[
		"a post office reached by samba",
		cutover({ postOffices: [office({ samba: samba() })] }),
		[".postOffices[0].samba", "is not for post offices"],
	],
	[
		"a wait on an Exchange host that is reached by samba",
		cutover({
			waits: {
				t1Delivered: asked({ host: "EXCH01" }),
				t2Delivered: asked(),
			},
		}),
		[".waits.t1Delivered.host", "no command can be run over RPC"],
	],
];

const PASSWORDS: [sign: string, says: string][] = [
	["a b", "without a space"],
	['a"b', "must not hold a quotation mark"],
	["a%b", "must not hold a percent sign"],
	["\u00e4", "printable ASCII"],
];

const LOOSE: BadStack[] = [
	{
		what: "two cutovers, one called like the steps of the other",
		config: {
			...GOOD_CUTOVER,
			cutovers: [cutover(), cutover({ name: "harbor-2" })],
		},
		mistakes: [["cutovers[1].name", 'there is "harbor"']],
	},
	{
		what: "a post office without its administrator's password",
		config: {
			...GOOD_CUTOVER,
			credentials: { ...passwords, "PO-HARBOR": { password: SECRET } },
		},
		mistakes: [["credentials.PO-HARBOR.adminPassword", "IMPORT needs it"]],
	},
	{
		what: "a host with an administrator's password",
		config: {
			...GOOD_CUTOVER,
			credentials: {
				...passwords,
				EXCH01: { password: SECRET, adminPassword: "secret" },
			},
		},
		mistakes: [["credentials.EXCH01.adminPassword", "host EXCH01 is none"]],
	},
	{
		what: "a post office called like a host",
		config: {
			hosts: [host(), host({ name: "PO-HARBOR" })],
			cutovers: [cutover()],
			credentials: { default: { password: SECRET, adminPassword: "secret" } },
		},
		mistakes: [
			["cutovers[0].postOffices[0].name", "must not be the name of a host"],
		],
	},
];

const rows = (table: Row[], exchange: object): BadStack[] =>
	table.map(([what, own, ...mistakes]) => ({
		what,
		config: {
			hosts: [exchange],
			cutovers: [own],
			credentials: {
				...credentials,
				default: { password: SECRET, adminPassword: "secret" },
			},
		},
		mistakes: mistakes.map(([at, says]): [string, string] => [
			`cutovers[0]${at}`,
			says,
		]),
	}));

export const CUTOVER_ROWS: BadStack[] = [
	...rows(ROWS, host()),
	...rows(BY_RPC, host({ ssh: undefined, samba: samba() })),
	...PASSWORDS.map(([adminPassword, says]) => ({
		what: `an administrator's password that IMPORT does not take: ${says}`,
		config: {
			...GOOD_CUTOVER,
			credentials: {
				...passwords,
				"PO-HARBOR": { password: SECRET, adminPassword },
			},
		},
		mistakes: [["credentials.PO-HARBOR.adminPassword", says]] as [
			string,
			string,
		][],
	})),
	...LOOSE,
];

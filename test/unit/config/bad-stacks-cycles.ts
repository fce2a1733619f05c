import { HOST_KEY } from "../validation/ssh-keys.ts";
import type { BadStack } from "./bad-stacks.ts";
import { hostRows, type Row } from "./bad-stacks-hosts.ts";
import { credentials, host, SECRET } from "./good-stack.ts";

const ONE_LINE =
	"must be a string in one line, not empty, without control characters";

const cycled = (...cycles: unknown[]) =>
	cycles.map((cycle, index) => host({ name: `EXCH0${index + 1}`, cycle }));
const triggered = (...triggers: unknown[]) => cycled({ triggers });

const CYCLES: Row[] = [
	[
		"no trigger",
		triggered(),
		["hosts[0].cycle.triggers", "at least one string"],
	],
	[
		"cycles without triggers",
		cycled({}, null, ["a"], "a"),
		["hosts[0].cycle.triggers", "must be a list of strings"],
		["hosts[1].cycle", "must hold triggers, or be left out"],
		["hosts[2].cycle", "must hold triggers, or be left out"],
		["hosts[3].cycle", "must hold triggers, or be left out"],
	],
	[
		"triggers: a text",
		cycled({ triggers: "initial-import" }),
		["hosts[0].cycle.triggers", "must be a list of strings"],
	],
	[
		"triggers that say nothing",
		triggered("a", "", " \t"),
		["hosts[0].cycle.triggers[1]", ONE_LINE],
		["hosts[0].cycle.triggers[2]", ONE_LINE],
	],
	[
		"triggers on several lines",
		triggered("a\nb", "a\r\n", "a\u2028b"),
		["hosts[0].cycle.triggers[0]", ONE_LINE],
		["hosts[0].cycle.triggers[1]", ONE_LINE],
		["hosts[0].cycle.triggers[2]", ONE_LINE],
	],
	[
		"triggers with control characters",
		triggered("\u001b[2J", "a\0b", "a\u009bb"),
		["hosts[0].cycle.triggers[0]", ONE_LINE],
		["hosts[0].cycle.triggers[1]", ONE_LINE],
		["hosts[0].cycle.triggers[2]", ONE_LINE],
	],
	[
		"triggers that are no texts",
		triggered(true, null, ["a"], { a: 1 }),
		["hosts[0].cycle.triggers[0]", "must be a string"],
		["hosts[0].cycle.triggers[1]", "must be a string"],
		["hosts[0].cycle.triggers[2]", "must be a string"],
		["hosts[0].cycle.triggers[3]", "must be a string"],
	],
	[
		"a trigger that the engine takes for an unknown value",
		triggered("04da6b54-80e4-46f7-96ec-b56ff0331ba9"),
		["hosts[0].cycle.triggers[0]", ONE_LINE],
	],
	[
		"a wrong onUncertain",
		cycled({ triggers: ["a"], onUncertain: "kick" }),
		["hosts[0].cycle.onUncertain", "must be one of fail, retry, accept"],
	],
];

const head = (line: string) => `
exchange-dirsync:credentials: { default: { password: ${SECRET} } }
exchange-dirsync:hosts:
  - name: EXCH01
    role: requestor
    ssh: { host: 127.0.0.1, user: Administrator, hostKey: ${HOST_KEY} }
${line}`;

/** Text that YAML does not read as the user means it. */
const YAML: [what: string, text: string, ...mistakes: [string, string][]][] = [
	[
		"names of digits, with a zero in front or not",
		`
exchange-dirsync:credentials: { default: { password: ${SECRET} } }
exchange-dirsync:hosts:
  - { name: 0123, role: server, ssh: { host: a, user: b, insecureIgnoreHostKey: true } }
  - { name: 4711, role: server, ssh: { host: c, user: b, insecureIgnoreHostKey: true } }`,
		["hosts[0].name", "must be a name, a string"],
		["hosts[1].name", "must be a name, a string"],
	],
	[
		"yes for true",
		head("").replace("hostKey: ", "insecureIgnoreHostKey: yes, hostKey: "),
		["hosts[0].ssh.insecureIgnoreHostKey", "must be true or false"],
	],
	[
		"keys with nothing behind them",
		head("    cycle:\n    onDestroy:\n  -"),
		["hosts[0].cycle", "must hold triggers, or be left out"],
		["hosts[0].onDestroy", "must be one of restore, keep"],
		["hosts[1]", "must be a host: name"],
	],
	[
		"numbers that lose digits",
		head("    cycle: { triggers: [1.10, 20261122163820001, 1e300] }"),
		["hosts[0].cycle.triggers[0]", "in quotes"],
		["hosts[0].cycle.triggers[1]", "in quotes"],
		["hosts[0].cycle.triggers[2]", "in quotes"],
	],
	[
		"an entry that is not indented",
		`${head("")}\nexchange-dirsync:role: server`,
		["role", "is an unknown key"],
	],
	[
		"a list without its keys",
		"\nexchange-dirsync:hosts:\nexchange-dirsync:credentials:\nexchange-dirsync:cutovers:",
		["hosts", "must be a list of hosts"],
		["credentials", "must hold an entry for each host"],
		["cutovers", "must be a list"],
	],
];

/** Keys of the namespace other than hosts and credentials. */
const KEYS: BadStack[] = [
	{
		what: "nothing at all",
		config: {},
		mistakes: [["hosts", "must be a list of hosts"]],
	},
	{
		what: "mistyped keys of the namespace, one that every object has",
		config: { hosts: [host()], credentials, verfy: "x", toString: "x" },
		mistakes: [
			["verfy", "is an unknown key"],
			["toString", "is an unknown key"],
		],
	},
	{
		what: "verify: a list",
		config: { hosts: [host()], credentials, verify: ["a"] },
		mistakes: [["verify", "must be a string"]],
	},
	{
		what: "verify: an object",
		config: { hosts: [host()], credentials, verify: { build: 4711 } },
		mistakes: [["verify", "must be a string"]],
	},
];

export const CYCLE_ROWS: BadStack[] = [
	...hostRows(CYCLES),
	...YAML.map(([what, config, ...mistakes]) => ({ what, config, mistakes })),
	...KEYS,
];

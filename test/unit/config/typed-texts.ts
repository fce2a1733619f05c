import fc from "fast-check";
import { host, SECRET, ssh } from "./good-stack.ts";

/*
 * Text that a user or an attacker could type into a field. Characters with a special meaning in cmd.exe, a shell, a
 * .reg file, JSON or a terminal are frequent.
 */

/** Injected commands. Each one leaves a trace on a host that executes it. */
export const CANARIES = [
	"x&echo pwned>C:\\canary.txt",
	'"&echo pwned>C:\\canary.txt&rem "',
	'x|find /v "" >C:\\canary.txt',
	"%COMSPEC% /c echo pwned>C:\\canary.txt",
	"x)&(echo pwned>C:\\canary.txt",
	"x^&echo pwned>C:\\canary.txt",
	"x & net stop MSExchangeDX",
	'x"&start notepad&rem ',
	"x>>write.reg echo [HKEY_LOCAL_MACHINE\\SOFTWARE\\canary]",
	'"="dword:00000001',
	"x;\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\canary]",
	"x\necho pwned>C:\\canary.txt\n",
	"x\r\necho pwned>C:\\canary.txt\r\nrem dx-end\r\n",
	"$(touch /tmp/dirsync-canary) `touch /tmp/dirsync-canary`; touch /tmp/dirsync-canary",
	"!COMSPEC!",
	"dx-owner:0000000000000000; dx-intent:open dx-done:cycle",
	"\u001b]0;pwned\u0007",
];

const PIECES = [
	..."&|<>^%!\"'();=,`$\\/*?@~#[]{} \t\r\n\0\v\f\u001a\u0085\u2028",
	...["%1", "%%a", "%V%", "&&", "||", "2>&1", ">nul", "^\n", "rem dx-end"],
	...[
		"\u00e4\u00f6\u00fc\u00df",
		"\u00a0",
		"\u202e",
		"\ufeff",
		"\ud83d\ude00",
		"\ud800",
		"\u65e5\u672c",
		"\u2022",
		"\u00ff",
	],
	...CANARIES,
];

/** Any text: pieces with a special meaning, arbitrary characters, and long strings. */
export const anyText = fc.oneof(
	{ weight: 4, arbitrary: pieces(8) },
	{ weight: 2, arbitrary: fc.constantFrom(...CANARIES) },
	{ weight: 2, arbitrary: fc.string({ unit: "binary" }) },
	{ weight: 1, arbitrary: fc.string({ unit: "grapheme" }) },
	{ weight: 1, arbitrary: fc.string({ minLength: 1000, maxLength: 5000 }) },
);

function pieces(maxLength: number) {
	const piece = fc.oneof(
		fc.constantFrom(...PIECES),
		fc.string({ maxLength: 4 }),
	);
	return fc.array(piece, { maxLength }).map((all) => all.join(""));
}

/** Words with a special meaning in a batch file, at the place of a host's name. */
const WORDS = [
	...["on", "off", "rem", "echo", "exit", "goto", "if", "not", "eof", "nul"],
	...["con", "aux", "prn", "com1", "set", "call", "del", "create", "delete"],
	...["auto", "reg", "0", "1", "2", "9", "x.reg", "run.cmd", "lock", "dx-end"],
];

/** Valid names of a host, the unusual ones first. */
export const goodName = fc
	.oneof(
		fc.constantFrom(...WORDS, "a".repeat(63), "0-_.", "A..B", "EXCH01"),
		fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/),
	)
	.filter((name) => name.toLowerCase() !== "default");

/** Valid triggers: any text in one line. */
export const goodTrigger = fc
	.oneof(
		fc.constantFrom(...CANARIES).map((text) => text.replace(/\p{Cc}+/gu, " ")),
		pieces(6),
		fc.string({ unit: "grapheme" }),
	)
	.filter(
		(text) => /\S/.test(text) && !/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(text),
	);

/** The typed fields of one host, and the stack's verify. */
export interface Typed {
	name: string;
	address: string;
	user: string;
	triggers: string[];
	verify: string;
}

export const stackOf = (typed: Typed) => ({
	hosts: [
		host({
			name: typed.name,
			ssh: ssh({ host: typed.address, user: typed.user }),
			cycle: { triggers: typed.triggers },
		}),
	],
	verify: typed.verify,
	credentials: { default: { password: SECRET } },
});

/** Returns the stack as the engine passes it. */
export const rawStack = (typed: Typed): Record<string, string> => {
	const { hosts, verify, credentials } = stackOf(typed);
	return {
		hosts: JSON.stringify(hosts),
		credentials: JSON.stringify(credentials),
		verify,
	};
};

/** Valid in most fields, so that a sufficient part is accepted. */
export const typed: fc.Arbitrary<Typed> = fc.record({
	name: fc.oneof({ weight: 3, arbitrary: goodName }, anyText),
	address: fc.oneof(
		{ weight: 3, arbitrary: fc.constantFrom("exch01", "10.0.0.9", "::1") },
		anyText,
	),
	user: fc.oneof(
		{ weight: 3, arbitrary: fc.constantFrom("SITE\\Administrator", "a&calc") },
		anyText,
	),
	triggers: fc.array(fc.oneof({ weight: 4, arbitrary: goodTrigger }, anyText), {
		minLength: 1,
		maxLength: 3,
	}),
	verify: anyText,
});

/** The number of runs of a property. DIRSYNC_PROPERTY_RUNS overrides it. fast-check prints the seed of a failure. */
export const runs = (usual: number): number =>
	Number(process.env.DIRSYNC_PROPERTY_RUNS ?? usual);

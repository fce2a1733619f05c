import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildReport } from "../../../../src/cli/report/build-report.ts";
import { readLog } from "../../../../src/cli/report/log.ts";
import type { Log, Report, Watch } from "../../../../src/cli/report/model.ts";
import { ssh } from "../../config/good-stack.ts";

/* What Pulumi prints for a stack with one cutover, in the observed format of `stack export` and `config --json`. */

export const REQUESTOR: string = "EXCH01 requestor";
export const SERVER: string = "EXCH01 server";

const office = (name: string, role: string, host: string) => ({
	name,
	role,
	ssh: ssh({ host }),
	drive: "X",
	directory: "C:\\MAILEXE",
	admin: "admin",
});

/** Has two post offices on separate machines. If Exchange is a requestor, the first one is the dirsync server. */
export const harbor = (exchange = REQUESTOR, changes = {}) => ({
	name: "harbor",
	run: "rehearsal-1",
	exchange: exchange.split(" ")[0],
	postOffices: [
		office(
			"PO-HARBOR",
			exchange === REQUESTOR ? "server" : "requestor",
			"10.0.0.1",
		),
		office("PO-PIER", "requestor", "10.0.0.2"),
	],
	waits: {
		t1Delivered: {
			host: "PO-HARBOR",
			command: "type X:\\LOG\\RECV.LOG",
			contains: "EXCH01",
		},
		t2Delivered: { seconds: 120 },
	},
	...changes,
});

/** The output of `pulumi config --json`, which contains the key of the credentials without their value. */
export const configOf = (
	cutovers: unknown[] = [harbor()],
	exchange = REQUESTOR,
) => {
	const [name, role] = exchange.split(" ");
	return Object.fromEntries([
		["exchange-dirsync:credentials", { secret: true }],
		...Object.entries({ hosts: [{ name, role, ssh: ssh() }], cutovers }).map(
			([key, value]) => [
				`exchange-dirsync:${key}`,
				{ value: JSON.stringify(value), objectValue: value, secret: false },
			],
		),
	]);
};

/** A step in the state: its name, its start, its duration in seconds and its evidence. */
export type Done = readonly [
	name: string,
	start: string,
	took: number,
	evidence?: string,
];

const T0 = "2026-11-25T22:00:";

/** A complete run in which Exchange is a requestor. */
export const WHOLE: readonly Done[] = [
	[
		"PO-HARBOR-reqmain-t",
		`${T0}05Z`,
		4,
		"REQMAIN 3.2\nStatus report sent to PO-HARBOR",
	],
	["PO-PIER-reqmain-t", `${T0}05Z`, 9, "REQMAIN 3.2\n12 updates sent"],
	[
		"EXCH01-kick",
		`${T0}15Z`,
		2,
		'"Receipt"="dx-done:cutover-harbor 2f1a 2026-11-25T22:00:15Z net pause"\nT1 started: net pause answered NET HELPMSG 3539 as expected, the service runs',
	],
	[
		"t1-delivered",
		`${T0}18Z`,
		190,
		"22:03 received from EXCH01: directory update",
	],
	["PO-HARBOR-srvmain-r", "2026-11-25T22:03:29Z", 41, "2 requests processed"],
	["PO-HARBOR-srvmain-t", "2026-11-25T22:04:11Z", 22, "2 answers sent"],
	["t2-delivered", "2026-11-25T22:04:34Z", 120, "waited"],
	["PO-HARBOR-reqmain-r", "2026-11-25T22:06:35Z", 7, "1 answer received"],
	[
		"PO-HARBOR-import",
		"2026-11-25T22:06:43Z",
		35,
		"IMPORT 3.2\n214 names imported, 0 errors",
	],
	["PO-HARBOR-rebuild", "2026-11-25T22:07:19Z", 260, "Rebuild complete"],
	["PO-PIER-reqmain-r", "2026-11-25T22:06:35Z", 9, "1 answer received"],
	["PO-PIER-import", "2026-11-25T22:06:45Z", 61, "214 names imported"],
	["PO-PIER-rebuild", "2026-11-25T22:07:47Z", 305, "Rebuild complete"],
];

/** The output of `pulumi stack export`. */
export function exportOf(
	done: readonly Done[],
	{
		exchange = REQUESTOR,
		run = "rehearsal-1",
		of = "harbor1",
		project = "exchange-dirsync",
		component = "exchange-dirsync:index:PostOfficeCutover",
		...more
	}: {
		exchange?: string;
		run?: unknown;
		project?: string;
		/** The types of the cutover's component, after those of the components around it. */
		component?: string;
		/** The output of the component after a complete run. */
		steps?: { step: string; host: string }[];
		/** The post offices that depend on the first one, because they are on its machine. */
		onOneMachine?: string[];
		/** The participants of the run. */
		parts?: string[];
		/** The id of the run to which the steps belong. */
		of?: string;
		/** The steps that an update is running. */
		pending?: string[];
	} = {},
) {
	const parts = more.parts ?? [
		exchange,
		`PO-HARBOR ${exchange === REQUESTOR ? "server" : "requestor"}`,
		"PO-PIER requestor",
	];
	const urn = (types: string, name: string) =>
		`urn:pulumi:lab::${project}::${types}::${name}`;
	const resource = (kind: string, name: string, more: object) => ({
		urn: urn(`${component}$command:${kind}:Command`, name),
		...more,
	});
	const [first = "", ...others] = parts
		.slice(1)
		.map((part) => `harbor-${part.split(" ")[0]}`);
	const office = (name: string, dependencies: string[]) =>
		resource("remote", name, {
			dependencies: [
				urn(`${component}$command:local:Command`, "harbor"),
				...dependencies,
			],
			outputs: { stdout: "took about 1 s\r\nThe post office is not locked\r" },
		});
	return {
		version: 3,
		deployment: {
			manifest: { time: "2026-11-25T22:13:00.5Z" },
			resources: [
				{ urn: urn("pulumi:pulumi:Stack", `${project}-lab`) },
				{ urn: urn(component, "harbor"), outputs: { steps: more.steps } },
				resource("local", "harbor", {
					id: "harbor1",
					inputs: { triggers: [run, ...parts] },
				}),
				office(first, []),
				...others.map((name) =>
					office(
						name,
						more.onOneMachine?.includes(name.replace("harbor-", ""))
							? [urn(`${component}$command:remote:Command`, first)]
							: [],
					),
				),
				...done.map(([name, start, took, evidence = "ended well"]) =>
					resource("remote", `harbor-${name}`, {
						id: `harbor-${name}1`,
						inputs: { triggers: [of] },
						outputs: {
							stdout: `began ${start}\r\n${evidence}\r\ntook about ${took} s\r`,
						},
					}),
				),
			],
			pending_operations: more.pending?.map((name) => ({
				type: "creating",
				resource: resource("remote", `harbor-${name}`, {}),
			})),
		},
	};
}

/** The output of `pulumi up` with these failures, by the resource's name. */
export const logOf = (failures: Record<string, string>, stack = "lab") => `
Updating (${stack}):

 +  command:remote:Command harbor-PO-HARBOR-srvmain-r creating (1s) error: Process exited with status 1: running "..."
Diagnostics:
  pulumi:pulumi:Stack (exchange-dirsync-${stack}):
    error: update failed

${Object.entries(failures)
	.map(
		([name, text]) => `  command:remote:Command (${name}):
${text.replace(/^/gm, "    ")}
`,
	)
	.join("\n")}
Resources:
    + 10 created
    2 errored

Duration: 13s
`;

/** A step's failure as the plugin prints it: the loader, which contains another message, then the host's output. */
export const failed = (text: string) =>
	`error: Process exited with status 1: running "echo [use'-cmd-exe]';exit 1 #>nul&set work=%SystemRoot%\\\\dx-work&%ComSpec% /c \\"call %work%.cmd 012345 create^&echo [in^complete]\\"":\n${text}`;

export const MISMATCH =
	"PO-HARBOR, srvmain -r: the program reported an error [program-failed, number 156]. See the number below and the post office's DIRSYNC.LOG, then run pulumi up again: it continues with this step. See Q96001 to Q96004.\n156: the dirsync passwords of requestor and server differ\nError [156] passwords differ";

/** The report of a stack with one cutover. The project is that of the state, if it has resources. */
export const reportOf = (
	state: unknown,
	{
		config = configOf(),
		log,
		watch,
	}: { config?: unknown; log?: Log | string; watch?: Watch } = {},
): Report =>
	buildReport({
		stack: "lab",
		project:
			/"urn:pulumi:.*?::(.*?)::/.exec(JSON.stringify(state))?.[1] ??
			"exchange-dirsync",
		state,
		config,
		log: typeof log === "string" ? readLog(log) : log,
		watch,
	});

/** One event of an update of this fixture's cutover: the second at which it was written, and what it is about. */
export type Event = readonly [
	second: number,
	kind: "begin" | "end" | "fail" | "error" | "succeeded" | "failed",
	/** The name of the resource; with an error, its message. */
	resource?: string,
	more?: string,
];

/** The second from which the fixture's events count. */
export const BEGAN = Date.parse("2026-11-25T22:00:00Z");

/**
 * The events of an update, in the format of `failed.jsonl`.
 *
 * @param planning whether it is the preview before the update
 */
export const updateOf = (
	events: readonly Event[],
	{ planning = false, op = "create" } = {},
): string =>
	[
		event(0, { preludeEvent: { config: {} } }),
		...events.map(([second, kind, name = "", more]) => {
			if (kind === "succeeded" || kind === "failed")
				return event(second, {
					summaryEvent: { isPreview: planning, result: kind },
				});
			const urn = urnOf(name);
			if (kind === "error")
				return event(second, {
					diagnosticEvent: { urn, message: more, severity: "error" },
				});
			const resource = {
				...{ urn, custom: true, id: `${name}1` },
				inputs: { triggers: [name === "harbor" ? "rehearsal-1" : "harbor1"] },
				outputs: kind === "end" ? { stdout: more } : {},
			};
			const metadata = { op, urn, old: null, new: resource };
			const field = {
				begin: "resourcePreEvent",
				end: "resOutputsEvent",
				fail: "resOpFailedEvent",
			}[kind];
			return event(second, { [field]: { metadata, planning } });
		}),
	].join("");

const event = (second: number, more: object) =>
	`${JSON.stringify({ sequence: second, timestamp: BEGAN / 1000 + second, ...more })}\n`;

/** The URN of a resource of the cutover, or of the enforcement of a host. */
const urnOf = (name: string) => {
	const component = name.startsWith("harbor")
		? "exchange-dirsync:index:PostOfficeCutover"
		: "exchange-dirsync:index:PauseKicksDX";
	const kind = name === "harbor" ? "local" : "remote";
	return `urn:pulumi:lab::exchange-dirsync::${component}$command:${kind}:Command::${name}`;
};

/** A program that uses the library: its own project, and a component of its own around the cutover. */
export const PROGRAM = {
	project: "bay",
	component: "corp:mail:Site$exchange-dirsync:index:PostOfficeCutover",
};

/**
 * Events that the Pulumi CLI 3.276.0 wrote for such a program, without debug messages, with shorter scripts and with the
 * names of this fixture.
 */
export const eventsOf = (
	file: "failed" | "json-in-colour" | "thrown" | "unreachable",
): string =>
	readFileSync(join(import.meta.dirname, `events/${file}.jsonl`), "utf8");

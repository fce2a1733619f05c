import { marker } from "./host-record";
import {
	escapeNonAscii,
	parseRegistryValue,
	parseString,
	type RegistryValue,
	unescapeString,
} from "./registry-value";

/*
 * What a look at a host prints, whatever the way in: parts, each behind a line `dx-look <part>`, the last one `end`.
 *
 *   service   the service's key as a .reg file has it; empty where there is none
 *   record    the host record, the same
 *   state     its state as sc.exe tells it, `STATE : 4 RUNNING` and what controls it takes
 *   started   the names of the services that run, as `net start` lists them: where nothing tells the state
 *
 * Whoever prints it need not know more than these forms; a part that cannot be had is left empty.
 */

/** The step of a look, for messages. */
export const CHECK_STEP = "check";

/** What a look runs, and what it is given on stdin. */
export interface InspectCommands {
	command: string;
	stdin: string;
}

/** The line before a part. */
export const sectionHeader = (name: string) => `dx-look ${name}`;

/** What the service does, as far as can be told without a control. */
export type ServiceState =
	| "running"
	/** Before Windows XP nothing tells them apart. */
	| "running or paused"
	| "paused"
	| "stopped"
	/** Starting, stopping, pausing, continuing. */
	| "pending"
	| "not installed";

/** The receipt of a cycle that was started, or an intent to start one. */
export interface CycleEntry {
	/** `cycle` is the host's own; a cutover's goes by another name. */
	cycle: string;
	token: string;
	/** ISO 8601, UTC, by the clock of the machine that ran Pulumi. */
	at: string;
	/** What the host answered, in ASCII; of an intent nothing is known. */
	evidence: string;
}

/** The host record, as far as it can be read. */
export interface HostRecord {
	/** `organization/project/stack` */
	stack: string;
	/** See `ownerOf`. */
	owner: string;
	/** What was there before this package; null where the value was absent. */
	previous: RegistryValue | null;
	restartOwed: boolean;
	receipts: CycleEntry[];
	/** A kick whose outcome is not known. */
	intent: CycleEntry | null;
	/** Whether a T2 waits for its T3. */
	t2Open: boolean;
}

/** What was seen on a host. */
export interface Inspection {
	service: ServiceState;
	/** PauseKicksDX; null where it is absent. */
	value: RegistryValue | null;
	/** Whether the running service takes a pause: sc.exe tells, and the service control manager by RPC. */
	takesPause: boolean | null;
	/** Null where there is none. */
	record: HostRecord | null;
}

/** Reads what a look printed, byte by byte a character; undefined where it is not whole. */
export function parseInspection(printed: string): Inspection | undefined {
	const parts = new Map<string, string>();
	for (const text of printed.split(/^dx-look /m).slice(1)) {
		const [name = ""] = /^\w+/.exec(text) ?? [];
		parts.set(name, text.slice(name.length));
	}
	if (!parts.has("end")) return undefined;
	const text = (name: string) => parts.get(name) ?? "";
	const service = parseValues(text("service"));
	// A service that has a state has a key: who looked may not read it.
	if (!service && STATE.test(text("state"))) return undefined;
	const record = parseValues(text("record"));
	return {
		service:
			service && !NO_SERVICE.test(text("state"))
				? parseState(text("state"), text("started"), service)
				: "not installed",
		value: parseOptional(service?.get("pausekicksdx")),
		takesPause: takesPause(text("state")),
		record: record ? parseRecord(record) : null,
	};
}

/** The values of the first key in a .reg file, by their names in lower case; undefined where there is none. */
function parseValues(reg: string): Map<string, string> | undefined {
	const [, own] = /^\[.*\]\r?\n([\s\S]*?)(?=^\[|$(?![\s\S]))/m.exec(reg) ?? [];
	if (own === undefined) return undefined;
	const lines = own.replaceAll(/\\\r?\n\s*/g, "");
	return new Map(
		[...lines.matchAll(/^"((?:\\.|[^"\\])*)"=(.*?)\r?$/gm)].map(
			([, name = "", data = ""]) => [unescapeString(name).toLowerCase(), data],
		),
	);
}

const parseOptional = (exported: string | undefined): RegistryValue | null =>
	exported === undefined ? null : parseRegistryValue(exported);

/** A key may stay behind without its service: `FAILED 1060:`, in any language. */
const NO_SERVICE = /\b1060:/;

/** The numbers and names of a state are the same in every language; what stands before them is not. */
const STATE =
	/:\s*([1-7])\s+(STOPPED|START_PENDING|STOP_PENDING|RUNNING|CONTINUE_PENDING|PAUSE_PENDING|PAUSED)\b/;

function parseState(
	state: string,
	started: string,
	service: Map<string, string>,
): ServiceState {
	const [, , told] = STATE.exec(state) ?? [];
	if (told)
		return told.endsWith("PENDING")
			? "pending"
			: (told.toLowerCase() as "running" | "paused" | "stopped");
	const name = parseString(service.get("displayname")) || "MSExchangeDX";
	const isListed = started
		.split(/\r?\n/)
		.map((line) => line.trim())
		.some((line) => line === name || matchesIgnoringNonAscii(name).test(line));
	return isListed ? "running or paused" : "stopped";
}

/** NT 4 has letters outside ASCII in one code page in a registry file, and in another in what NET prints. */
const matchesIgnoringNonAscii = (name: string) =>
	new RegExp(
		`^${name
			.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")
			.replaceAll(/[^ -~]+/g, "[^ -~]+")}$`,
	);

/** `(STOPPABLE, PAUSABLE, ...)`, behind the state. */
function takesPause(state: string): boolean | null {
	const [, not] = /[(\s](NOT_)?PAUSABLE\b/.exec(state) ?? [];
	if (not) return false;
	return /[(\s]PAUSABLE\b/.test(state) ? true : null;
}

/** Without an owner, which is written last, it is none. */
function parseRecord(values: Map<string, string>): HostRecord | null {
	const held = (name: string) => escapeNonAscii(parseString(values.get(name)));
	const of = (name: string, mark: string) => {
		const text = held(name);
		return text.startsWith(mark) ? text.slice(mark.length).split(";")[0] : "";
	};
	const owner = of("owner", marker.anyOwner);
	if (!owner) return null;
	return {
		stack: of("stack", marker.anyStack) ?? "",
		owner,
		previous: parseOptional(values.get("pausekicksdx")),
		restartOwed: held("restart") === marker.restartOwed,
		receipts: [...values.keys()]
			.filter((name) => name.startsWith("receipt."))
			.sort()
			.flatMap((name) => parseCycleEntry(held(name), marker.receipt("")) ?? []),
		intent: parseCycleEntry(held("intent"), `${marker.intentOpen} `) ?? null,
		t2Open: held("t2") === marker.t2Open,
	};
}

/** `<cycle> <token> <time> <evidence>;` behind its mark. */
function parseCycleEntry(text: string, mark: string): CycleEntry | undefined {
	if (!text.startsWith(mark)) return undefined;
	const [cycle = "", token = "", at = "", ...evidence] = text
		.slice(mark.length)
		.replace(/;.*$/s, "")
		.split(" ");
	return { cycle, token, at, evidence: evidence.join(" ") };
}

import { marker } from "./host-record";
import {
	escapeNonAscii,
	parseRegistryValue,
	parseString,
	type RegistryValue,
	unescapeString,
} from "./registry-value";

/*
 * The output of an inspection, the same for every transport: sections, each after a line `dx-section <name>`, the last
 * one `end`.
 *
 *   service   the service's key in the format of a .reg file; empty if the key does not exist
 *   record    the host record, in the same format
 *   state     the state of the service in the format of sc.exe: `STATE : 4 RUNNING` and the accepted controls
 *   started   the names of the running services as `net start` lists them, for hosts that report no state
 *
 * A script produces only these formats. A section that it cannot read is empty.
 */

/** The step of an inspection, for messages. */
export const CHECK_STEP = "check";

/** The command of an inspection, and its stdin. */
export interface InspectCommands {
	command: string;
	stdin: string;
}

/** The line before a section. */
export const sectionHeader = (name: string) => `${SECTION_PREFIX}${name}`;

const SECTION_PREFIX = "dx-section ";

/** The state of the service, as far as it can be read without sending a control. */
export type ServiceState =
	| "running"
	/** Before Windows XP no program on the host distinguishes the two. */
	| "running or paused"
	| "paused"
	| "stopped"
	/** Starting, stopping, pausing or continuing. */
	| "pending"
	| "not installed";

/** The receipt of a cycle that was started, or the intent to start one. */
export interface CycleEntry {
	/** `cycle` for the host's own cycle, another name for a cutover's. */
	cycle: string;
	token: string;
	/** ISO 8601, UTC, by the clock of the machine that ran Pulumi. */
	at: string;
	/** What the host reported, in ASCII; empty for an intent. */
	evidence: string;
}

/** The host record, as far as it can be read. */
export interface HostRecord {
	/** `organization/project/stack` */
	stack: string;
	/** See `hostOwner`. */
	owner: string;
	/** The value before this package set it; null if it was absent. */
	previous: RegistryValue | null;
	restartPending: boolean;
	receipts: CycleEntry[];
	/** A kick whose outcome is unknown. */
	intent: CycleEntry | null;
	/** Whether a T2 has no T3 yet. */
	t2Open: boolean;
}

/** The result of an inspection. */
export interface Inspection {
	service: ServiceState;
	/** The data of PauseKicksDX; null if it is absent. */
	value: RegistryValue | null;
	/**
	 * Whether the running service accepts a pause, from sc.exe or from the service control manager over RPC; null if
	 * neither reports it.
	 */
	takesPause: boolean | null;
	/** False if the key of the service shows that it would not start: it is disabled, marked for deletion, or has no program. */
	canStart: boolean;
	/** Null if there is no record. */
	record: HostRecord | null;
}

/**
 * Parses the output of an inspection.
 *
 * @param printed one character per byte
 * @returns undefined if the output is not complete
 */
export function parseInspection(printed: string): Inspection | undefined {
	const parts = new Map<string, string>();
	for (const text of printed
		.split(new RegExp(`^${SECTION_PREFIX}`, "m"))
		.slice(1)) {
		const [name = ""] = /^\w+/.exec(text) ?? [];
		parts.set(name, text.slice(name.length));
	}
	if (!parts.has("end")) return undefined;
	const text = (name: string) => parts.get(name) ?? "";
	const service = parseValues(text("service"));
	// A service with a state has a key, so the user of this inspection has no right to read it.
	if (!service && STATE.test(text("state"))) return undefined;
	const record = parseValues(text("record"));
	return {
		service:
			service && !NO_SERVICE.test(text("state"))
				? parseState(text("state"), text("started"), service)
				: "not installed",
		value: parseOptional(service?.get("pausekicksdx")),
		takesPause: takesPause(text("state")),
		canStart: service !== undefined && canStart(service),
		record: record ? parseRecord(record) : null,
	};
}

/** Parses the values of the first key in a .reg file, by name in lower case; undefined if there is no key. */
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

/** A key can remain after its service is deleted. sc.exe then prints `FAILED 1060:`, in any language. */
const NO_SERVICE = /\b1060:/;

/** The numbers and names of the states are the same in every language. The label before them is not. */
const STATE =
	/:\s*([1-7])\s+(STOPPED|START_PENDING|STOP_PENDING|RUNNING|CONTINUE_PENDING|PAUSE_PENDING|PAUSED)\b/;

function parseState(
	state: string,
	started: string,
	service: Map<string, string>,
): ServiceState {
	const [, , stateName] = STATE.exec(state) ?? [];
	if (stateName)
		return stateName.endsWith("PENDING")
			? "pending"
			: (stateName.toLowerCase() as "running" | "paused" | "stopped");
	const name = parseString(service.get("displayname")) || "MSExchangeDX";
	const isListed = started
		.split(/\r?\n/)
		.map((line) => line.trim())
		.some((line) => line === name || matchesIgnoringNonAscii(name).test(line));
	return isListed ? "running or paused" : "stopped";
}

/**
 * Matches a name without its characters outside ASCII. NT 4 writes them in one code page to a .reg file and in another
 * to the output of NET.
 */
const matchesIgnoringNonAscii = (name: string) =>
	new RegExp(
		`^${name
			.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")
			.replaceAll(/[^ -~]+/g, "[^ -~]+")}$`,
	);

/** The same conditions as in the scripts. */
const canStart = (service: Map<string, string>): boolean =>
	service.get("start") !== "dword:00000004" &&
	service.get("deleteflag") !== "dword:00000001" &&
	service.has("imagepath");

/** Reads `(STOPPABLE, PAUSABLE, ...)`, which follows the state; null if it is absent. */
function takesPause(state: string): boolean | null {
	const [, not] = /[(\s](NOT_)?PAUSABLE\b/.exec(state) ?? [];
	if (not) return false;
	return /[(\s]PAUSABLE\b/.test(state) ? true : null;
}

/** Parses the host record. The owner is written last: without it, the key does not count as a record. */
function parseRecord(values: Map<string, string>): HostRecord | null {
	const stringValue = (name: string) =>
		escapeNonAscii(parseString(values.get(name)));
	const of = (name: string, mark: string) => {
		const text = stringValue(name);
		return text.startsWith(mark) ? text.slice(mark.length).split(";")[0] : "";
	};
	const owner = of("owner", marker.anyOwner);
	if (!owner) return null;
	return {
		stack: of("stack", marker.anyStack) ?? "",
		owner,
		previous: parseOptional(values.get("pausekicksdx")),
		restartPending: stringValue("restart") === marker.restartPending,
		receipts: [...values.keys()]
			.filter((name) => name.startsWith("receipt."))
			.sort()
			.flatMap(
				(name) => parseCycleEntry(stringValue(name), marker.receipt("")) ?? [],
			),
		intent:
			parseCycleEntry(stringValue("intent"), `${marker.intentOpen} `) ?? null,
		t2Open: stringValue("t2") === marker.t2Open,
	};
}

/** Parses `<cycle> <token> <time> <evidence>;`, which follows the mark. */
function parseCycleEntry(text: string, mark: string): CycleEntry | undefined {
	if (!text.startsWith(mark)) return undefined;
	const [cycle = "", token = "", at = "", ...evidence] = text
		.slice(mark.length)
		.replace(/;.*$/s, "")
		.split(" ");
	return { cycle, token, at, evidence: evidence.join(" ") };
}

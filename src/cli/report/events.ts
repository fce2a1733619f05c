import { stripVTControlCharacters } from "node:util";
import { parseUrn } from "../urn";
import { classifyPluginError, parseOwnFailure } from "./failure";
import type {
	EndedResource,
	Failure,
	Log,
	Operation,
	UpdateProgress,
} from "./model";

/** An event of Pulumi's engine, as far as it is needed here. Each event has exactly one of these or other fields. */
interface EngineEvent {
	/** Seconds since 1970. */
	timestamp: number;
	preludeEvent?: object;
	diagnosticEvent?: {
		/** Missing for an error of the program, or of the whole update. */
		urn?: string;
		message: string;
		severity: string;
		/** Whether the message was shown only while an operation ran. */
		ephemeral?: boolean;
	};
	resourcePreEvent?: ResourceEvent;
	resOutputsEvent?: ResourceEvent;
	resOpFailedEvent?: ResourceEvent;
	/** The end of a preview or of an update. */
	summaryEvent?: { isPreview: boolean; result: string };
	/** The last event, also after a summary. */
	cancelEvent?: object;
}

/** The begin or the end of an operation on a resource. */
interface ResourceEvent {
	metadata: {
		op: string;
		urn: string;
		/** Null for a deletion. */
		new: EventResource | null;
		old: EventResource | null;
	};
	/** Whether it belongs to a preview. */
	planning?: boolean;
}

interface EventResource extends Omit<EndedResource, "end"> {
	/** Whether it is a resource of a plugin, not a component. */
	custom?: boolean;
}

/** The first field of every event. */
const EVENT = '{"sequence":';

/** Colours in a message: `<{%fg 1%}>`. The engine leaves them to the program that shows the message. */
const COLOUR = /<\{%.*?%\}>/g;

/** The engine's last error. It only says that there were others. */
const FAILED = /^(update|preview) failed$/;

/** What a failure is said to be of that belongs to no resource. */
const UPDATE = "the update";

/**
 * Parses the events of the last update in an event log: the file of `pulumi up --event-log`, or the output of `pulumi up
 * --json`.
 *
 * @returns undefined if there are no events
 */
export const readEvents = (text: string): Log | undefined =>
	toLog(lastUpdate(text));

/**
 * Parses an event log also for how far its last update has come. A preview before the update counts as a part of it.
 *
 * @returns neither if there are no events, and no progress if they are not those of an update from its beginning
 */
export function readEventsAndProgress(text: string): {
	log?: Log;
	progress?: UpdateProgress;
} {
	const events = lastUpdate(text);
	return { log: toLog(events), progress: toProgress(events) };
}

function toLog(events: readonly EngineEvent[]): Log | undefined {
	if (events.length === 0) return undefined;
	const urn = events.map(urnOf).find((one) => one !== undefined);
	return {
		stack: urn && parseUrn(urn).stack,
		failures: [...errorsByUrn(events)].map(([urn, lines]) =>
			toFailure(urn, lines),
		),
	};
}

function toProgress(
	events: readonly EngineEvent[],
): UpdateProgress | undefined {
	const [first] = events;
	if (!first?.preludeEvent) return undefined;
	const running = new Map<string, Operation>();
	const ended = new Map<string, EndedResource>();
	let continues = true;
	for (const event of events) {
		const time = event.timestamp * 1000;
		const { resourcePreEvent: begun, resOutputsEvent: done } = event;
		const over = done ?? event.resOpFailedEvent;
		if (over) running.delete(over.metadata.urn);
		if (begun && isWork(begun)) running.set(...toOperation(begun, time));
		if (isFailure(event)) continues = false;
		else if (begun && isWork(begun)) continues = true;
		if (done && isWork(done) && MAKES.has(done.metadata.op)) {
			const { urn, id, inputs, outputs } = done.metadata.new as EventResource;
			ended.set(urn, { urn, id, inputs, outputs, end: time });
		}
	}
	const end = events.find(
		({ summaryEvent, cancelEvent }) => summaryEvent || cancelEvent,
	);
	const state = stateAfter(events);
	return {
		state,
		start: first.timestamp * 1000,
		end: end && state !== "preview" ? end.timestamp * 1000 : undefined,
		running: end ? [] : [...running.values()],
		continues: continues && state === "running",
		ended: [...ended.values()],
	};
}

const isFailure = ({ resOpFailedEvent, diagnosticEvent }: EngineEvent) =>
	resOpFailedEvent !== undefined ||
	(diagnosticEvent !== undefined && errorLines(diagnosticEvent).length > 0);

/** The operations after which the resource is as its event describes it. */
const MAKES = new Set(["create", "create-replacement", "update"]);

/** Whether an update does it, and a plugin takes its time for it. */
const isWork = ({ metadata, planning }: ResourceEvent): boolean =>
	!planning && (metadata.new ?? metadata.old)?.custom === true;

function toOperation(
	{ metadata: { op, urn } }: ResourceEvent,
	start: number,
): [string, Operation] {
	const { name, types } = parseUrn(urn);
	const deletes = op.startsWith("delete");
	return [urn, { resource: name, types, start, deletes }];
}

function stateAfter(events: readonly EngineEvent[]): UpdateProgress["state"] {
	const summary = events.find((event) => event.summaryEvent)?.summaryEvent;
	const isPreview = events.some(
		({ resourcePreEvent, summaryEvent }) =>
			resourcePreEvent?.planning || summaryEvent?.isPreview,
	);
	if (isPreview && (summary?.result ?? "succeeded") === "succeeded")
		return "preview";
	if (summary) return summary.result === "succeeded" ? "succeeded" : "failed";
	return events.some(({ cancelEvent }) => cancelEvent) ? "failed" : "running";
}

/** Parses the events of the last update. Events of a part of an update have no prelude. */
function lastUpdate(text: string): EngineEvent[] {
	const all = parseEvents(text);
	const begin = all
		.map(({ preludeEvent }) => preludeEvent !== undefined)
		.lastIndexOf(true);
	return all.slice(Math.max(begin, 0));
}

/** Parses all events of a log, in order. */
export const parseEvents = (text: string): EngineEvent[] =>
	text.split(/\r?\n/).flatMap(parseEvent);

/**
 * Parses one line; empty if it is no event. `pulumi up --json` first prints a preview, which has another format. The last
 * line is incomplete if the update was killed. A pipeline may have put a time before each line.
 */
function parseEvent(line: string): EngineEvent[] {
	const begin = line.indexOf(EVENT);
	if (begin < 0) return [];
	try {
		return [JSON.parse(line.slice(begin))];
	} catch {
		return [];
	}
}

const urnOf = (event: EngineEvent): string | undefined =>
	event.diagnosticEvent?.urn ??
	(event.resourcePreEvent ?? event.resOpFailedEvent)?.metadata.urn;

/**
 * Collects the lines of the errors of each resource. The key is empty for errors that belong to none. A resource whose
 * operation failed without a message has no lines.
 */
function errorsByUrn(events: readonly EngineEvent[]): Map<string, string[]> {
	const errors = new Map<string, string[]>();
	for (const { diagnosticEvent, resOpFailedEvent } of events) {
		const lines = diagnosticEvent ? errorLines(diagnosticEvent) : [];
		const urn = diagnosticEvent?.urn ?? resOpFailedEvent?.metadata.urn ?? "";
		if (lines.length > 0 || resOpFailedEvent)
			errors.set(urn, [...(errors.get(urn) ?? []), ...lines]);
	}
	return errors;
}

/** The lines of an error; none if the message is no error, or only says that there was one. */
function errorLines({
	message,
	severity,
	ephemeral,
}: NonNullable<EngineEvent["diagnosticEvent"]>): string[] {
	if (severity !== "error" || ephemeral) return [];
	return stripVTControlCharacters(message.replace(COLOUR, ""))
		.split("\n")
		.map((line) => line.trim())
		.filter((line) => line !== "" && !FAILED.test(line));
}

function toFailure(urn: string, lines: readonly string[]): Failure {
	const failure =
		parseOwnFailure(lines) ??
		classifyPluginError(
			lines.length > 0 ? lines : ["failed, and Pulumi gives no reason"],
		);
	if (urn === "") return { ...failure, resource: UPDATE };
	const { name, types } = parseUrn(urn);
	return { ...failure, resource: name, types };
}

import { stripVTControlCharacters } from "node:util";
import { parseUrn } from "../urn";
import { classifyPluginError, parseOwnFailure } from "./failure";
import type { Failure, Log } from "./model";

/** An event of Pulumi's engine, as far as a report needs it. Each event has exactly one of these or other fields. */
interface EngineEvent {
	preludeEvent?: object;
	diagnosticEvent?: {
		/** Missing for an error of the program, or of the whole update. */
		urn?: string;
		message: string;
		severity: string;
		/** Whether the message was shown only while an operation ran. */
		ephemeral?: boolean;
	};
	resourcePreEvent?: { metadata: { urn: string } };
	resOpFailedEvent?: { metadata: { urn: string } };
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
export function readEvents(text: string): Log | undefined {
	const all = text.split(/\r?\n/).flatMap(parseEvent);
	if (all.length === 0) return undefined;
	const begin = all
		.map(({ preludeEvent }) => preludeEvent !== undefined)
		.lastIndexOf(true);
	const events = all.slice(Math.max(begin, 0));
	const urn = events.map(urnOf).find((one) => one !== undefined);
	return {
		stack: urn && parseUrn(urn).stack,
		failures: [...errorsByUrn(events)].map(([urn, lines]) =>
			toFailure(urn, lines),
		),
	};
}

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

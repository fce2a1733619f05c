/** What one `pulumi` run did, read from the engine's own event log. */
export interface Run {
	/** Operations carried out, in order, as `create a`; `same` and the stack's own are left out. */
	ops: string[];
	/** The error text of a resource, whole. */
	error(name: string): string;
	/** Lasting warnings of a resource. */
	warnings(name: string): string[];
	/** Lines that appear only while a resource is worked on. */
	status(name: string): string[];
	/** How many whole seconds a resource that failed was worked on. */
	seconds(name: string): number;
	/** All that the CLI printed. */
	text: string;
}

interface Metadata {
	op: string;
	urn: string;
	type: string;
}

interface EngineEvent {
	timestamp: number;
	diagnosticEvent?: {
		urn?: string;
		message: string;
		severity: string;
		ephemeral?: boolean;
	};
	resourcePreEvent?: { metadata: Metadata };
	resOpFailedEvent?: { metadata: Metadata };
}

/** The last part of a URN: the name the program gave. */
export const nameOf = (urn = "") => urn.slice(urn.lastIndexOf("::") + 2);

/** Reads an event log, one JSON document a line. */
export function readRun(log: string, text: string): Run {
	const events: EngineEvent[] = log
		.split("\n")
		.filter(Boolean)
		.map((line) => JSON.parse(line));
	const messages = (name: string, severity: string, ephemeral = false) =>
		events
			.map((event) => event.diagnosticEvent)
			.filter((d) => d !== undefined)
			.filter(
				(d) =>
					nameOf(d.urn) === name &&
					d.severity === severity &&
					Boolean(d.ephemeral) === ephemeral,
			)
			.map((d) => d.message.replace(/<\{%.*?%\}>/g, "").trimEnd());
	return {
		ops: events
			.map((event) => event.resourcePreEvent?.metadata)
			.filter((m) => m !== undefined)
			.filter((m) => !m.type.startsWith("pulumi:") && m.op !== "same")
			.map((m) => `${m.op} ${nameOf(m.urn)}`),
		error: (name) => messages(name, "error").join("\n"),
		warnings: (name) => messages(name, "warning"),
		status: (name) => messages(name, "info", true),
		seconds: (name) => {
			const at = (key: "resourcePreEvent" | "resOpFailedEvent") =>
				events.find((event) => nameOf(event[key]?.metadata.urn) === name)
					?.timestamp ?? Number.NaN;
			return at("resOpFailedEvent") - at("resourcePreEvent");
		},
		text,
	};
}

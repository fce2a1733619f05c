/** The effects of one `pulumi` run, parsed from the engine's event log. */
export interface Run {
	/** The operations in order, such as `create a`, without `same` and those of the stack. */
	ops: string[];
	/** The complete error text of a resource. */
	error(name: string): string;
	/** The permanent warnings of a resource. */
	warnings(name: string): string[];
	/** The lines that appear only while an operation on the resource runs. */
	status(name: string): string[];
	/** The duration of a failed operation on a resource, in full seconds. */
	seconds(name: string): number;
	/** The complete output of the CLI. */
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

/** The last part of a URN: the name in the program. */
export const nameOf = (urn = "") => urn.slice(urn.lastIndexOf("::") + 2);

/** Parses an event log, which has one JSON document per line. */
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

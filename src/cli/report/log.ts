import { stripVTControlCharacters } from "node:util";
import {
	connectionOutcomes,
	loaderCode,
	outcomes,
} from "../../protocol/outcomes";
import type { Failure } from "./model";

/** The output of `pulumi up`, as far as a report needs it. */
export interface Log {
	/** The stack that was updated; undefined if the log is incomplete. */
	stack?: string;
	failures: Failure[];
}

/** The heading of a resource in the diagnostics: `  command:remote:Command (harbor-EXCH01-kick):`. */
const HEADING = /^ {2}(\S+) \((.+)\):$/;

/** A failure message of this package, in the format of `message` in protocol/outcomes.ts. */
const OWN =
	/^(?<host>[\w.-]+), (?<step>[^:]+): (?<problem>.+) \[(?<code>[a-z0-9-]+)(?:, (?<number>[^\]]+))?\]\. (?<remedy>.+)$/;

/** The first line of the plugin's error. It contains the loader, some hundred characters that do not help the user. */
const LOADER = / running ".*":?$/;

const UPDATING = /^Updating \((.+)\)/;

/** The timestamp that some pipelines add to each line. */
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z /;

/** Parses the output of the last update in a log. */
export function readLog(text: string): Log {
	const all = stripVTControlCharacters(text)
		.split(/\r?\n/)
		.map((line) => line.replace(TIME, ""));
	const begin = all.map((line) => UPDATING.test(line)).lastIndexOf(true);
	const lines = all.slice(Math.max(begin, 0));
	const stack = UPDATING.exec(lines[0] ?? "")?.[1];
	const diagnostics = lines.indexOf("Diagnostics:");
	const failures =
		diagnostics < 0
			? splitMessages(lines).map((piece) => parseFailure(piece))
			: splitBlocks(lines.slice(diagnostics + 1)).map((block) =>
					parseFailure(block.lines, block.resource),
				);
	return { stack, failures: failures.filter((one) => one !== undefined) };
}

interface Block {
	resource: string;
	lines: string[];
}

/** Splits Pulumi's diagnostics by resource. They end at the next line without indentation. */
function splitBlocks(lines: readonly string[]): Block[] {
	const blocks: Block[] = [];
	for (const line of lines) {
		if (/^\S/.test(line)) break;
		const resource = HEADING.exec(line)?.[2];
		if (resource !== undefined) blocks.push({ resource, lines: [] });
		else blocks.at(-1)?.lines.push(line);
	}
	return blocks;
}

/**
 * Splits a log without Pulumi's headings, for example a copied excerpt. Each block is a message of this package and the
 * lines directly below it.
 */
function splitMessages(lines: readonly string[]): string[][] {
	return lines.flatMap((line, index) => {
		if (!OWN.test(line.trim())) return [];
		const rest = lines.slice(index + 1);
		const end = rest.findIndex(
			(below) => below.trim() === "" || OWN.test(below.trim()),
		);
		return [[line, ...(end < 0 ? rest : rest.slice(0, end))]];
	});
}

function parseFailure(
	raw: readonly string[],
	resource?: string,
): Failure | undefined {
	const lines = raw
		.map((line) => line.trim())
		.filter((line) => line !== "" && line !== "error: update failed");
	const parsed = lines.map((line) => OWN.exec(line.replace(/^error: /, "")));
	const at = parsed.findIndex(
		(match) => match && Object.hasOwn(outcomes, match.groups?.code ?? ""),
	);
	if (at >= 0)
		return {
			...(parsed[at]?.groups as unknown as Failure),
			resource,
			details: lines.slice(at + 1),
		};
	// A warning alone is not a failure.
	return lines.some((line) => line.startsWith("error: "))
		? classifyPluginError(lines, resource)
		: undefined;
}

/** Converts an error message of the command plugin or of Pulumi to a failure. */
function classifyPluginError(
	lines: readonly string[],
	resource?: string,
): Failure {
	const words = lines.map((line) =>
		line.replace(/^error: /, "").replace(LOADER, ""),
	);
	const printed = words.join("\n");
	const loader = loaderCode(printed);
	const known = loader
		? ([loader, outcomes[loader]] as const)
		: Object.entries(connectionOutcomes).find(([, { pattern }]) =>
				pattern.test(printed),
			);
	if (!known) {
		const [problem = "", ...details] = words;
		return { resource, problem, details };
	}
	const [code, { problem, remedy }] = known;
	return { resource, code, problem, remedy, details: words };
}

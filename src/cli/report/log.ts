import { stripVTControlCharacters } from "node:util";
import { classifyPluginError, isOwnMessage, parseOwnFailure } from "./failure";
import type { Failure, Log } from "./model";

/** The heading of a resource in the diagnostics: `  command:remote:Command (harbor-EXCH01-kick):`. */
const HEADING = /^ {2}(\S+) \((.+)\):$/;

const UPDATING = /^Updating \((.+)\)/;

/** The start of an error message. Pulumi prints other severities in the same place. */
const ERROR = /^error: /;

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
		if (!isOwnMessage(line.trim())) return [];
		const rest = lines.slice(index + 1);
		const end = rest.findIndex(
			(below) => below.trim() === "" || isOwnMessage(below.trim()),
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
	// A warning alone is not a failure.
	const failure =
		parseOwnFailure(lines) ??
		(lines.some((line) => ERROR.test(line))
			? classifyPluginError(lines.map((line) => line.replace(ERROR, "")))
			: undefined);
	return failure && { ...failure, resource };
}

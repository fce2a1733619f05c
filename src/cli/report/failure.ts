import {
	connectionOutcomes,
	loaderCode,
	outcomes,
} from "../../protocol/outcomes";
import type { Failure } from "./model";

/** A failure message of this package, in the format of `message` in protocol/outcomes.ts. In a log it follows `error: `. */
const OWN =
	/^(?:error: )?(?<host>[\w.-]+), (?<step>[^:]+): (?<problem>.+) \[(?<code>[a-z0-9-]+)(?:, (?<number>[^\]]+))?\]\. (?<remedy>.+)$/;

/** The first line of the plugin's error. It contains the loader, some hundred characters that do not help the user. */
const LOADER = / running ".*":?$/;

/** Whether a line looks like a failure message of this package. */
export const isOwnMessage = (line: string): boolean => OWN.test(line);

/**
 * Finds this package's message in the lines of an error.
 *
 * @param lines trimmed, and without empty ones
 * @returns undefined if there is none
 */
export function parseOwnFailure(lines: readonly string[]): Failure | undefined {
	for (const [index, line] of lines.entries()) {
		const groups = OWN.exec(line)?.groups;
		if (groups && Object.hasOwn(outcomes, groups.code ?? ""))
			return {
				...(groups as unknown as Failure),
				details: lines.slice(index + 1),
			};
	}
	return undefined;
}

/** Converts an error of the command plugin or of Pulumi to a failure. */
export function classifyPluginError(lines: readonly string[]): Failure {
	const words = lines.map((line) => line.replace(LOADER, ""));
	const printed = words.join("\n");
	const loader = loaderCode(printed);
	const known = loader
		? ([loader, outcomes[loader]] as const)
		: Object.entries(connectionOutcomes).find(([, { pattern }]) =>
				pattern.test(printed),
			);
	if (!known) {
		const [problem = "", ...details] = words;
		return { problem, details };
	}
	const [code, { problem, remedy }] = known;
	return { code, problem, remedy, details: words };
}

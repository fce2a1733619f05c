import { parse } from "yaml";
import { CREDENTIALS_ROWS } from "./bad-stacks-credentials.ts";
import { CUTOVER_ROWS } from "./bad-stacks-cutovers.ts";
import { CYCLE_ROWS } from "./bad-stacks-cycles.ts";
import { HOST_ROWS } from "./bad-stacks-hosts.ts";

/*
 * Invalid stacks and their errors. The tests of the parser, of the component's constructor and of the real engine share
 * this table.
 */

/** A configuration that must be refused. */
export interface BadStack {
	what: string;
	/** Values by key of the namespace, or the text of a stack file if the error comes from YAML. */
	config: Record<string, unknown> | string;
	/** All errors, and no others: the path, and a part of the message. */
	mistakes: [at: string, says: string][];
}

export const BAD_STACKS: BadStack[] = [
	...HOST_ROWS,
	...CYCLE_ROWS,
	...CREDENTIALS_ROWS,
	...CUTOVER_ROWS,
];

/** Returns the expected errors that are not in the text, or an empty list. The text may contain more. */
export function untold(text: string, { mistakes }: BadStack): string[] {
	const count =
		mistakes.length === 1 ? "(1 error)" : `(${mistakes.length} errors)`;
	const lines = text.split("\n").map((line) => line.trim());
	return [
		...mistakes
			.filter(
				([at, says]) =>
					!lines.some(
						(line) => line.startsWith(`${at}: `) && line.includes(says),
					),
			)
			.map(([at, says]) => `${at}: ... ${says} ...`),
		...(text.includes(` ${count}:`) ? [] : [`${count}:`]),
	];
}

/** Returns a configuration as the engine passes it: a string by key, JSON for lists and objects, empty for null. */
export function handedOver(config: BadStack["config"]): Record<string, string> {
	const values: Record<string, unknown> =
		typeof config === "string" ? (parse(config) ?? {}) : config;
	return Object.fromEntries(
		Object.entries(values).map(([key, value]) => [
			key.replace(/^exchange-dirsync:/, ""),
			typeof value === "string"
				? value
				: value === null
					? ""
					: JSON.stringify(value),
		]),
	);
}

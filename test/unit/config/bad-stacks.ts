import { parse } from "yaml";
import { CREDENTIALS_ROWS } from "./bad-stacks-credentials.ts";
import { CUTOVER_ROWS } from "./bad-stacks-cutovers.ts";
import { CYCLE_ROWS } from "./bad-stacks-cycles.ts";
import { HOST_ROWS } from "./bad-stacks-hosts.ts";

/*
 * Malformed stacks and what each is told: one table for the parser alone, for the component's constructor and for the
 * real engine.
 */

/** A configuration that must be refused. */
export interface BadStack {
	what: string;
	/** Values by key of the namespace; or a stack file's own text, where it is YAML that makes the mistake. */
	config: Record<string, unknown> | string;
	/** All that is told, no more and no less: where, and some of what is said there. */
	mistakes: [at: string, says: string][];
}

export const BAD_STACKS: BadStack[] = [
	...HOST_ROWS,
	...CYCLE_ROWS,
	...CREDENTIALS_ROWS,
	...CUTOVER_ROWS,
];

/** What is not told as it was agreed; empty where all is well. The text may have more around it. */
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

/** As the engine hands it over: text by key, JSON where it is a list or an object, empty for null. */
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

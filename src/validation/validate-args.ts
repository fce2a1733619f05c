import { InputPropertiesError, RunError } from "@pulumi/pulumi";
import type { z } from "zod";
import { HOST_NAME } from "../model/host";
import { NAME, netBiosNameError } from "./fields";
import { formatIssues, formatPath, issuesFromZod } from "./issues";

/**
 * Throws where a component's name or arguments are not as they should be, with all mistakes in one error. With a stack, the language host would print the whole module
 * tree along with it: half a minute and gigabytes.
 */
export function assertValidArgs(
	type: string,
	name: string,
	schema: z.ZodType,
	args: unknown,
): void {
	const netBios = netBiosNameError(name, (args as { samba?: unknown })?.samba);
	const mistakes = [
		...issuesFromZod(NAME.safeParse(name).error?.issues ?? [], name, ["name"]),
		...(netBios ? [{ path: ["name"], message: netBios }] : []),
		...issuesFromZod(schema.safeParse(args).error?.issues ?? [], args),
	];
	if (mistakes.length === 0) return;
	const refusal = new InputPropertiesError({
		message: formatIssues(
			`${type} ${HOST_NAME.test(name) ? name : "with that name"}`,
			mistakes,
		),
		errors: mistakes.map(({ path, message }) => ({
			propertyPath: formatPath(path),
			reason: message,
		})),
	});
	refusal.stack = undefined;
	throw refusal;
}

/**
 * The function with its errors told in one line. Any other error than a RunError without a stack is printed as above.
 */
export function withOneLineErrors<A extends unknown[], T>(
	read: (...args: A) => T,
): (...args: A) => T {
	return (...args) => {
		try {
			return read(...args);
		} catch (error) {
			throw oneLineError(
				error instanceof Error ? error.message : String(error),
			);
		}
	};
}

/** An error of the program that the language host prints as one line. */
export function oneLineError(text: string): RunError {
	const refusal = new RunError(text);
	refusal.stack = undefined;
	return refusal;
}

import { InputPropertiesError, Output, RunError } from "@pulumi/pulumi";
import type { z } from "zod";
import { HOST_NAME } from "../model/host";
import { NAME, netBiosNameError } from "./fields";
import {
	formatIssues,
	formatPath,
	issuesFromZod,
	type ValidationIssue,
} from "./issues";

/**
 * Validates the name and the arguments of a component.
 *
 * @throws InputPropertiesError with every error, without a stack: with a stack, the language host prints the whole
 * module tree (half a minute and gigabytes)
 */
export function assertValidArgs(
	type: string,
	name: string,
	schema: z.ZodType,
	args: unknown,
): void {
	const netBios = netBiosNameError(name, (args as { samba?: unknown })?.samba);
	const issues = [
		...issuesFromZod(NAME.safeParse(name).error?.issues ?? [], name, ["name"]),
		...(netBios ? [{ path: ["name"], message: netBios }] : []),
		...issuesFromZod(schema.safeParse(args).error?.issues ?? [], args).map(
			(issue) => issueOfOutput(issue, args) ?? issue,
		),
	];
	if (issues.length === 0) return;
	const error = new InputPropertiesError({
		message: formatIssues(
			`${type} ${HOST_NAME.test(name) ? name : "with that name"}`,
			issues,
		),
		errors: issues.map(({ path, message }) => ({
			propertyPath: formatPath(path),
			reason: message,
		})),
	});
	error.stack = undefined;
	throw error;
}

/** The issue of an output in place of a plain value, if it is the cause of an issue. */
function issueOfOutput(
	{ path }: ValidationIssue,
	args: unknown,
): ValidationIssue | undefined {
	let value = args;
	for (const [index, part] of path.entries()) {
		value = (value as Record<PropertyKey, unknown> | undefined)?.[part];
		if (Output.isInstance(value))
			return {
				path: path.slice(0, index + 1),
				message:
					"must be a plain value: it can be neither secret nor an output that is not known yet",
			};
	}
	return undefined;
}

/**
 * Wraps a function so that anything it throws becomes a RunError without a stack, which Pulumi prints as one line. With
 * a stack, the language host prints the whole module tree.
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

/** Creates an error that the language host prints as one line. */
export function oneLineError(text: string): RunError {
	const error = new RunError(text);
	error.stack = undefined;
	return error;
}

import type { z } from "zod";

/** A key that is shown in a message. Any other may hold more than a key: `{password hunter2}` is one, without a value. */
const PLAIN_KEY = /^[\w.-]{1,63}$/;

/** Whether a message may show an unknown key. Among credentials, one without a value may itself be the secret. */
export function isPrintableKey(
	key: string,
	value: unknown,
	secret: boolean,
): boolean {
	return PLAIN_KEY.test(key) && !(secret && (value ?? "") === "");
}

/** A path as in the stack file, and as `pulumi config set --path` takes it: to it a dot is a step down. */
export function formatPath(parts: readonly PropertyKey[]): string {
	return parts.reduce<string>((path, part) => {
		if (typeof part === "number") return `${path}[${part}]`;
		const key = String(part);
		if (!/^[\w-]+$/.test(key)) return `${path}[${quoted(key)}]`;
		return path ? `${path}.${key}` : key;
	}, "");
}

/** In ASCII: what a key holds is not to steer a terminal. */
const quoted = (text: string): string =>
	JSON.stringify(text).replace(
		/[^ -~]/g,
		(char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
	);

/** What is wrong with a value, and what is allowed. */
export interface ValidationIssue {
	path: readonly PropertyKey[];
	message: string;
}

export const HIDDEN_KEY_MESSAGE =
	"has an unknown key, which is not shown because it may hold a secret";

/** Converts zod's issues, with one for each unknown key. A key whose value is undefined does not count. */
export function issuesFromZod(
	issues: readonly z.core.$ZodIssue[],
	given: unknown,
	root: readonly PropertyKey[] = [],
): ValidationIssue[] {
	return issues.flatMap((issue) => {
		const path = [...root, ...issue.path];
		if (issue.code !== "unrecognized_keys")
			return [{ path, message: issue.message }];
		const holder = issue.path.reduce<unknown>(
			(value, part) => (value as Record<PropertyKey, unknown>)[part],
			given,
		) as Record<string, unknown>;
		return issue.keys
			.filter((key) => holder[key] !== undefined)
			.map((key) =>
				isPrintableKey(key, holder[key], root[0] !== "hosts")
					? { path: [...path, key], message: unknownKey(key, root[0]) }
					: { path, message: HIDDEN_KEY_MESSAGE },
			);
	});
}

function unknownKey(key: string, root: PropertyKey | undefined): string {
	const misplaced =
		root === "hosts" &&
		["password", "privateKey", "privateKeyPassword"].includes(key);
	return misplaced
		? "is an unknown key: secrets belong under credentials, set with pulumi config set --secret --path"
		: "is an unknown key";
}

/**
 * Formats all issues as one message, one a line.
 *
 * @param subject what is invalid: `PauseKicksDX EXCH01`
 */
export function formatIssues(
	subject: string,
	issues: readonly ValidationIssue[],
): string {
	const lines = issues.map(
		({ path, message }) => `  ${formatPath(path)}: ${message}`,
	);
	const all = [...new Set(lines)];
	const count = all.length === 1 ? "1 error" : `${all.length} errors`;
	return [`Invalid ${subject} (${count}):`, ...all].join("\n");
}

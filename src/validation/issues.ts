import type { z } from "zod";

/**
 * The keys that messages may show. Any other key may contain a secret: YAML reads `{password hunter2}` as one key
 * without a value.
 */
const PLAIN_KEY = /^[\w.-]{1,63}$/;

/**
 * Whether a message may show an unknown key. Among credentials, a key without a value may be the secret itself.
 *
 * @param secret whether the key is among credentials
 */
export function isPrintableKey(
	key: string,
	value: unknown,
	secret: boolean,
): boolean {
	return PLAIN_KEY.test(key) && !(secret && (value ?? "") === "");
}

/** Formats a path as in the stack file and for `pulumi config set --path`, where a dot separates keys. */
export function formatPath(parts: readonly PropertyKey[]): string {
	return parts.reduce<string>((path, part) => {
		if (typeof part === "number") return `${path}[${part}]`;
		const key = String(part);
		if (!/^[\w-]+$/.test(key)) return `${path}[${quoted(key)}]`;
		return path ? `${path}.${key}` : key;
	}, "");
}

/** Escapes characters outside ASCII, so that a key cannot control a terminal. */
const quoted = (text: string): string =>
	JSON.stringify(text).replace(
		/[^ -~]/g,
		(char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
	);

/** A validation error: the path of the value, then the problem and what is allowed. */
export interface ValidationIssue {
	path: readonly PropertyKey[];
	message: string;
}

export const HIDDEN_KEY_MESSAGE =
	"has an unknown key, which is not shown because it may hold a secret";

/**
 * Converts zod's issues. Each unknown key becomes one issue, except a key whose value is undefined.
 *
 * @param root the path of `given`
 */
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
 * Formats all issues as one message, one issue per line, without duplicates.
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

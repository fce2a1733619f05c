import type { z } from "zod";

/** A key that is shown in a message. Any other may hold more than a key: `{password hunter2}` is one, without a value. */
const PLAIN_KEY = /^[\w.-]{1,63}$/;

/** Whether an unknown key may be told; one without a value, where credentials are, may be the credential itself. */
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

/** A mistake: where, what is wrong and what is allowed. */
export interface ValidationIssue {
	path: readonly PropertyKey[];
	message: string;
}

export const HIDDEN_KEY_MESSAGE =
	"has a key that is not known here; it is not shown, for it may hold a secret";

/** zod's issues as mistakes, unknown keys one by one; a key that is undefined is none. */
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
		? "is not known here: secrets stand under credentials, set with pulumi config set --secret --path"
		: "is not known here";
}

/** All mistakes in one text, one a line. */
export function formatIssues(
	head: string,
	mistakes: readonly ValidationIssue[],
): string {
	const lines = mistakes.map(
		({ path, message }) => `  ${formatPath(path)}: ${message}`,
	);
	const all = [...new Set(lines)];
	const count = all.length === 1 ? "1 mistake" : `${all.length} mistakes`;
	return [`${head} has ${count}:`, ...all].join("\n");
}

import { createHash } from "node:crypto";

/**
 * What this package remembers on a host, in a registry key of its own, so that every run and every way in to the host
 * finds it: who owns the enforcement, what the value was before, whether a restart is still owed, and the receipt of
 * the last kick.
 */
export const HOST_RECORD_KEY = "HKEY_LOCAL_MACHINE\\SOFTWARE\\exchange-dirsync";

/** The cycle that a host declares for itself; a cutover's kicks go by other names and leave this receipt alone. */
export const OWN_CYCLE = "cycle";

/**
 * Words that stand in the data of the record's values. A script looks for them with FIND, so each is whole, ASCII,
 * free of quotes, and cannot be the beginning of another one.
 */
export const marker = {
	owner: (owner: string) => `dx-owner:${owner};`,
	anyOwner: "dx-owner:",
	restartOwed: "dx-restart:owed;",
	restartDone: "dx-restart:none;",
	intentOpen: "dx-intent:open",
	intentClosed: "dx-intent:none",
	receipt: (cycle: string) => `dx-done:${cycle}`,
} as const;

/**
 * The owner of a host's enforcement. A renamed host or another way in is another owner: it takes the record over, and
 * the `delete` of the one before then does nothing.
 */
export function ownerOf(stack: string, host: string, access: string): string {
	return digest(["owner", stack, host, access]);
}

/** Names one wish for a cycle: the same token is never kicked twice. */
export function kickToken(
	stack: string,
	cycle: string,
	triggers: readonly string[],
): string {
	return digest(["kick", stack, cycle, ...triggers]);
}

/** 16 hexadecimal digits: an argument on a command line, so short and of a harmless alphabet. */
export function digest(parts: readonly string[]): string {
	return createHash("sha256")
		.update(JSON.stringify(parts))
		.digest("hex")
		.slice(0, 16);
}

import { createHash } from "node:crypto";

/**
 * What this package remembers on a host, in a registry key of its own, so that every run and every way in to the host
 * finds it: which stack enforces it and under which name, what the value was before, whether a restart is still owed,
 * and the receipt of the last kick.
 */
export const HOST_RECORD_KEY = "HKEY_LOCAL_MACHINE\\SOFTWARE\\exchange-dirsync";

/** The cycle that a host declares for itself; a cutover's kicks go by other names and leave this receipt alone. */
export const HOST_CYCLE = "cycle";

/**
 * Words that stand in the data of the record's values. A script looks for them with FIND, so each is whole, ASCII,
 * free of quotes, and cannot be the beginning of another one.
 */
export const marker = {
	stack: (stack: string) => `dx-stack:${stack};`,
	anyStack: "dx-stack:",
	owner: (owner: string) => `dx-owner:${owner};`,
	anyOwner: "dx-owner:",
	restartOwed: "dx-restart:owed;",
	restartDone: "dx-restart:none;",
	intentOpen: "dx-intent:open",
	intentClosed: "dx-intent:none",
	receipt: (cycle: string) => `dx-done:${cycle}`,
	t2Open: "dx-t2:open;",
	t2Closed: "dx-t2:none;",
} as const;

/**
 * The owner of a host's enforcement within its stack. A renamed host or another way in is another owner: it takes the
 * record over, and the `delete` of the one before then does nothing.
 */
export function hostOwner(host: string, access: string): string {
	return digest(["owner", host, access]);
}

/**
 * Names one wish for a cycle: the same token is never kicked twice. A host belongs to one stack, so neither the stack's
 * name nor the host's is part of it: both may change without anybody wishing for a cycle.
 */
export function kickToken(cycle: string, triggers: readonly string[]): string {
	return digest(["kick", cycle, ...triggers]);
}

/** A time as a registry number in hexadecimal digits, which cmd.exe can compare one by one. */
export const toHexSeconds = (at: string) =>
	(Date.parse(at) / 1000).toString(16).padStart(8, "0");

/** 16 hexadecimal digits: an argument on a command line, so short and of a harmless alphabet. */
export function digest(parts: readonly string[]): string {
	return createHash("sha256")
		.update(JSON.stringify(parts))
		.digest("hex")
		.slice(0, 16);
}

import { createHash } from "node:crypto";

/**
 * The host record: a registry key of this package on the host. It stores which stack enforces the host and under which
 * name, the value before, whether a restart is pending, and the receipt of the last kick. Every run finds it, over
 * every transport.
 */
export const HOST_RECORD_KEY = "HKEY_LOCAL_MACHINE\\SOFTWARE\\exchange-dirsync";

/** The beginning of the path of every file of this package on a Windows host. */
export const HOST_FILE = "%SystemRoot%\\dx-";

/**
 * The name of the cycle that a host declares for itself. The kicks of cutovers have other names and do not change its
 * receipt.
 */
export const HOST_CYCLE = "cycle";

/** In the last line of every script, before its digest. A script without that line is incomplete and does not run. */
export const END_MARK = "dx-end";

/**
 * The strings in the data of the record's values. Scripts search for them with FIND. So each one is complete, ASCII,
 * free of quotes, and never the beginning of another one.
 */
export const marker = {
	stack: (stack: string) => `dx-stack:${stack};`,
	anyStack: "dx-stack:",
	owner: (owner: string) => `dx-owner:${owner};`,
	anyOwner: "dx-owner:",
	restartPending: "dx-restart:pending;",
	restartDone: "dx-restart:none;",
	intentOpen: "dx-intent:open",
	intentClosed: "dx-intent:none",
	receipt: (cycle: string) => `dx-done:${cycle}`,
	t2Open: "dx-t2:open;",
	t2Closed: "dx-t2:none;",
	/** A program of MS Mail that sends. The token follows, for `done` and `open`. */
	programDone: (program: string) => `dx-step:done ${program} `,
	programOpen: (program: string) => `dx-step:open ${program} `,
	programClosed: "dx-step:none;",
	/** The run of a cutover that has checked the post office. */
	run: (run: string) => `dx-run:${run};`,
} as const;

/**
 * Computes the owner of a host's enforcement within its stack. A new host name or transport is a new owner: it takes
 * over the record, and the `delete` of the earlier owner then does nothing.
 *
 * @param access the kind of the transport, as in `Access.kind`
 * @returns 16 hexadecimal digits
 */
export function hostOwner(host: string, access: string): string {
	return digest(["owner", host, access]);
}

/**
 * Computes the token of one requested cycle: a token is never kicked twice. The names of stack and host are not part of
 * it. A host belongs to one stack, and a new name of either must not start a cycle.
 *
 * @returns 16 hexadecimal digits
 */
export function kickToken(cycle: string, triggers: readonly string[]): string {
	return digest(["kick", cycle, ...triggers]);
}

/**
 * Formats a time as a DWORD of a .reg file, in 8 hexadecimal digits, in seconds since 1970. cmd.exe can compare them
 * digit by digit.
 *
 * @param at ISO 8601
 */
export const toHexSeconds = (at: string) =>
	(Date.parse(at) / 1000).toString(16).padStart(8, "0");

/**
 * Computes 16 hexadecimal digits of SHA-256. They are arguments on command lines, so they are short and need no quotes.
 */
export function digest(parts: readonly string[]): string {
	return createHash("sha256")
		.update(JSON.stringify(parts))
		.digest("hex")
		.slice(0, 16);
}

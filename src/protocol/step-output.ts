import { HOST_CYCLE } from "./host-record";
import { message } from "./outcomes";
import { formatRegistryValue, parseRegistryValue } from "./registry-value";

/* What the scripts print when they succeed, and the parsers for it: the same for every transport. */

/** The steps on an Exchange host, for messages. */
export const REGISTRY_STEP = "registry";
export const KICK_STEP = "kick";
export const T3_DONE_STEP = "T3 done";

/** What a kick prints if it sent nothing because the cycle was started before. */
export const alreadyKicked = (cycle: string): string =>
	`was already started for these triggers, nothing was sent; to start another one change ${cycle === HOST_CYCLE ? "cycle.triggers" : "the cutover's run"}`;
export const KICK_ACCEPTED = "accepted as done, nothing was sent";

/** What the last step prints when it has recorded the T3 of a T2. */
export const T3_DONE = "T3 has been run on every post office";

/** The text before the seconds that the work took. */
export const DURATION_PREFIX = "took about ";

/** The output of the enforcement script. */
export interface EnforceResult {
	/** The value before this package set it: `absent`, `REG_DWORD 0`, `REG_SZ 1`, ... */
	previous: string;
	restarted: boolean;
}

/** The receipt of a kick, as stored on the host. */
export interface Receipt {
	/** When the update sent the control: ISO 8601, UTC, by the clock of the machine that runs Pulumi. */
	kickedAt: string;
	/** What the host reported, in ASCII, with its number. */
	evidence: string;
}

/** The result of a step that succeeded. */
export interface StepResult {
	/** ISO 8601, UTC, by the clock of the machine that runs Pulumi; empty if it cannot be read. */
	start: string;
	/** `start` plus the seconds that the host counted; empty if `start` is. */
	end: string;
	/** What the host reported, in ASCII. */
	evidence: string;
}

/**
 * Parses the output of the enforcement script.
 *
 * @throws Error with the code `not-understood` and the output
 */
export function parseEnforceOutput(
	host: string,
	stdout: string,
): EnforceResult {
	const previous = /^before: (.+?)\r?$/m.exec(stdout)?.[1];
	const restarted = /service restarted: (yes|no)\r?$/m.exec(stdout)?.[1];
	if (previous === undefined || restarted === undefined)
		throw new Error(
			`${message(host, REGISTRY_STEP, "not-understood")} It was ${JSON.stringify(stdout)}`,
		);
	return {
		previous: formatRegistryValue(
			previous === "absent" ? null : parseRegistryValue(previous),
		),
		restarted: restarted === "yes",
	};
}

/**
 * Parses the receipt in the output of a kick.
 *
 * @throws Error with the code `not-understood` and the output
 */
export function parseReceipt(host: string, stdout: string): Receipt {
	const [, kickedAt, evidence] =
		/dx-done:\S+ \S+ (\S+) ([^";]+)/.exec(stdout) ?? [];
	if (kickedAt === undefined || evidence === undefined)
		throw new Error(
			`${message(host, KICK_STEP, "not-understood")} It was ${JSON.stringify(stdout)}`,
		);
	return { kickedAt, evidence };
}

/** Parses the output of any step, a kick included. It never throws: what it cannot read is empty. */
export function parseStepOutput(stdout: string): StepResult {
	const start =
		/^began (\S+)/m.exec(stdout)?.[1] ??
		/dx-(?:step:)?done\S* (?:\S+ )+?(\d{4}-\S+?Z)/.exec(stdout)?.[1] ??
		"";
	const evidence = stdout
		.split(/\r?\n/)
		.map((line) => line.trim())
		.filter(
			(line) =>
				line !== "" && !/^(began |took about |another run holds |")/.test(line),
		)
		.join("; ");
	const end = new Date(Date.parse(start) + parseDuration(stdout) * 1000);
	return {
		start,
		end: Number.isNaN(end.valueOf())
			? ""
			: end.toISOString().replace(".000", ""),
		evidence,
	};
}

const parseDuration = (stdout: string): number =>
	Number(new RegExp(`^${DURATION_PREFIX}(\\d+) s`, "m").exec(stdout)?.[1] ?? 0);

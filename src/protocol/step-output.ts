import { HOST_CYCLE, marker } from "./host-record";
import { message } from "./outcomes";
import { formatRegistryValue, parseRegistryValue } from "./registry-value";

/* What the scripts print when they succeed, and the parsers for it: the same for every transport. */

/** The steps on an Exchange host, for messages. */
export const REGISTRY_STEP = "registry";
export const KICK_STEP = "kick";
export const T3_DONE_STEP = "T3 done";

/** The step on the host of a post office that precedes its programs, for messages. */
export const POST_OFFICE_STEP = "post office";

/** What a kick prints if it sent nothing because the cycle was started before. */
export const alreadyKicked = (cycle: string): string =>
	`was already started for these triggers, nothing was sent; to start another cycle, change ${cycle === HOST_CYCLE ? "cycle.triggers" : "the cutover's run"}`;
export const KICK_ACCEPTED = "accepted as done, nothing was sent";

/** What the last step prints when it has recorded the T3 of a T2. */
export const T3_DONE = "T3 has been run on every post office";

/** The text before the time at which a step began. */
export const STARTED_PREFIX = "began ";

/** The text before the seconds that the work took. */
export const DURATION_PREFIX = "took about ";

/** The text before the data that PauseKicksDX had before this package set it, and the word for no value. */
export const PREVIOUS_PREFIX = "before: ";
export const ABSENT = "absent";

/** The text before `yes` or `no`. */
export const RESTARTED_PREFIX = "PauseKicksDX is 1, service restarted: ";

/** What a run prints while it waits for another one. */
export const WAITING_PREFIX = "another run uses this host: ";

const NO_EVIDENCE = [STARTED_PREFIX, DURATION_PREFIX, WAITING_PREFIX, '"'];

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
	const previous = findLine(stdout, PREVIOUS_PREFIX);
	const restarted = findLine(stdout, RESTARTED_PREFIX);
	if (!previous || (restarted !== "yes" && restarted !== "no"))
		throw notUnderstood(host, REGISTRY_STEP, stdout);
	return {
		previous: formatRegistryValue(
			previous === ABSENT ? null : parseRegistryValue(previous),
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
	const [, kickedAt, evidence] = RECEIPT.exec(stdout) ?? [];
	if (kickedAt === undefined || evidence === undefined)
		throw notUnderstood(host, KICK_STEP, stdout);
	return { kickedAt, evidence };
}

/** Parses the output of any step, a kick included. It never throws: what it cannot read is empty. */
export function parseStepOutput(stdout: string): StepResult {
	const start =
		findLine(stdout, STARTED_PREFIX) ?? RECEIPT_TIME.exec(stdout)?.[1] ?? "";
	const evidence = stdout
		.split(/\r?\n/)
		.map((line) => line.trim())
		.filter(
			(line) =>
				line !== "" && !NO_EVIDENCE.some((prefix) => line.startsWith(prefix)),
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
	Number.parseInt(findLine(stdout, DURATION_PREFIX) ?? "0", 10);

/** `<cycle> <token> <time> <evidence>` after the mark of a receipt. */
const RECEIPT = new RegExp(`${marker.receipt("")}\\S+ \\S+ (\\S+) ([^";]+)`);

/** The time in a receipt of a kick or of an MS Mail program. */
const RECEIPT_TIME = new RegExp(
	`(?:${marker.receipt("")}|${marker.programDone("").trimEnd()})\\S* (?:\\S+ )+?(\\d{4}-\\S+?Z)`,
);

/**
 * Finds the line that begins with the prefix and returns what follows it. The plugin removes the last line feed only, so
 * the output can end with a carriage return.
 */
const findLine = (stdout: string, prefix: string): string | undefined =>
	stdout
		.split(/\r?(?:\n|$)/)
		.find((line) => line.startsWith(prefix))
		?.slice(prefix.length);

const notUnderstood = (host: string, step: string, stdout: string) =>
	new Error(
		`${message(host, step, "not-understood")} The output was ${JSON.stringify(stdout)}`,
	);

import { HOST_CYCLE } from "./host-record";
import { message } from "./outcomes";
import { formatRegistryValue, parseRegistryValue } from "./registry-value";

/*
 * What the commands print where they end well, and how it is read: the same whatever the way in to the host.
 */

/** The steps on an Exchange host, for messages. */
export const REGISTRY_STEP = "registry";
export const KICK_STEP = "kick";
export const T3_DONE_STEP = "T3 done";

/** What a kick says where it sent nothing, and all is well. */
export const alreadyKicked = (cycle: string): string =>
	`was already started for these triggers, nothing was sent; to start another one change ${cycle === HOST_CYCLE ? "cycle.triggers" : "the cutover's run"}`;
export const KICK_ACCEPTED = "accepted as done, nothing was sent";

/** What a note says that a T2 has had its T3. */
export const T3_DONE = "T3 has been run on every post office";

/** Behind it stand the seconds that the work took. */
export const DURATION_PREFIX = "took about ";

/** What the enforcement's command prints. */
export interface EnforceResult {
	/** What was there before this package: `absent`, `REG_DWORD 0`, `REG_SZ 1`, ... */
	previous: string;
	restarted: boolean;
}

/** What the host keeps of a kick. */
export interface Receipt {
	/** When the update sent the control: ISO 8601, UTC, by the clock of the machine that runs Pulumi. */
	kickedAt: string;
	/** What the host answered, in ASCII, with its number. */
	evidence: string;
}

/** What is known of a step that ended well. */
export interface StepResult {
	/** By the clock of the machine that runs Pulumi: ISO 8601, UTC. */
	start: string;
	/** `start`, and the seconds that the host counted. */
	end: string;
	/** What the host answered, in ASCII. */
	evidence: string;
}

/** Reads what the script printed. */
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

/** Reads the receipt that the script printed. */
export function parseReceipt(host: string, stdout: string): Receipt {
	const [, kickedAt, evidence] =
		/dx-done:\S+ \S+ (\S+) ([^";]+)/.exec(stdout) ?? [];
	if (kickedAt === undefined || evidence === undefined)
		throw new Error(
			`${message(host, KICK_STEP, "not-understood")} It was ${JSON.stringify(stdout)}`,
		);
	return { kickedAt, evidence };
}

/** Reads what a step printed, a kick's own words among them. */
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

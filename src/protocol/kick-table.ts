import type { OutcomeCode } from "./outcomes";

/**
 * A kick, step by step: what is done next for each thing that a step may find. The receipt on the host is what makes it
 * safe: an *intent* is open from before the control until its outcome is known, and the outcome closes it.
 *
 * The scripts are made from this table, and a test explores it: two runs on one host, every interleaving, a crash at
 * every step.
 */
export const kickSteps = {
	/**
	 * Reads the record. `later`: a run that began after this one has been here, so this is the late echo of a broken-off
	 * update. `own`: an intent of these triggers is open; `foreign`: one of others or of a cutover.
	 */
	look: {
		unreadable: "record-not-written",
		done: "already",
		later: "overtaken",
		own: "uncertain",
		foreign: "unsettled",
		none: "hour",
	},
	/** An earlier attempt for these triggers broke off. Asks `onUncertain`. */
	uncertain: { fail: "outcome-unknown", retry: "hour", accept: "accept" },
	/** An earlier attempt for something else broke off. To accept it leaves this wish to be fulfilled. */
	unsettled: { fail: "outcome-unknown", retry: "hour", accept: "hour" },
	/** A cutover's guard: scheduled cycles start at the full hour. */
	hour: { near: "near-hour", none: "t3" },
	/** A cutover's guard: an earlier T2, or one that may have been sent, has no T3 yet. */
	t3: { missing: "t3-missing", none: "ready" },
	/** A run that broke off may have stopped the service for a restart. */
	ready: { owed: "restart", none: "intend" },
	/**
	 * Opens the intent and reads it back. `taken`: over Samba, where a lock is no more than a key, the run was held up for so
	 * long that another one has taken its lock for a dead run's.
	 */
	intend: { kept: "control", lost: "record-not-written", taken: "overtaken" },
	/** Pauses the service; where that was a kick and the service runs, writes the receipt, which closes the intent. */
	control: {
		"no-files": "record-not-written",
		kicked: "settle",
		died: "not-running-after",
		refused: "refused",
		"not-running": "not-running",
		"not-installed": "not-installed",
		"takes-no-control": "takes-no-control",
		"access-denied": "access-denied",
		unknown: "unknown",
		paused: "resume",
	},
	/** Reads the receipt back. */
	settle: { kept: "started", lost: "receipt-not-written" },
	/** Not delivered. With the value in place the service started before it was written, which NT 4 does not show. */
	refused: { missing: "value-missing", again: "not-recognised", first: "owe" },
	/** Closes the intent that this run opened, for nothing was sent, and notes the restart. */
	owe: { kept: "restart", lost: "record-not-written" },
	/** Stops and starts the service, unless its key says that it would not start again. */
	restart: {
		running: "intend",
		stuck: "cannot-restart",
		denied: "access-denied",
		"not-stopped": "stop-failed",
		"not-started": "start-failed",
	},
	/** Really paused: continues it. */
	resume: { runs: "paused", stuck: "paused-stuck" },
	/** Writes a receipt without a kick and reads it back. */
	accept: { kept: "accepted", lost: "record-not-written" },
} as const satisfies Record<string, Record<string, string>>;

export type KickSteps = typeof kickSteps;
export type KickStep = keyof KickSteps;

/** How a kick ends. */
export type KickEnding = {
	[S in KickStep]: Exclude<KickSteps[S][keyof KickSteps[S]], KickStep>;
}[KickStep] &
	// The table names only endings that there are.
	(OutcomeCode | "started" | "already" | "accepted");

/**
 * The endings that close the intent which this run opened: nothing was sent, or it is known what came of it. An intent
 * that was open when the run began stays open until a receipt closes it.
 */
export const INTENT_CLOSING_OUTCOMES = [
	"not-running",
	"not-installed",
	"takes-no-control",
	"access-denied",
	"not-recognised",
	"value-missing",
	"paused",
	"paused-stuck",
] as const satisfies readonly KickEnding[];

/** The endings that leave record and intent as they are: the next update asks where an intent is open. */
export const INTENT_KEEPING_OUTCOMES = [
	"unknown",
	"not-running-after",
	"outcome-unknown",
	"near-hour",
	"t3-missing",
	"overtaken",
	"record-not-written",
	"receipt-not-written",
	"cannot-restart",
	"stop-failed",
	"start-failed",
] as const satisfies readonly KickEnding[];

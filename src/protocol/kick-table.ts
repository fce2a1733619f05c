import type { OutcomeCode } from "./outcomes";

/**
 * A kick as a table: for each step, the next step for each result. The host record makes it safe. An *intent* is open
 * from before the control is sent until its outcome is known, and the outcome closes it.
 *
 * The scripts are generated from this table. A test explores it exhaustively: two runs on one host, every interleaving,
 * a crash at every step.
 */
export const kickSteps = {
	/**
	 * Reads the record. `later`: a run that began after this one has written to it, so this is a stale run of an
	 * interrupted update. `own`: an intent of these triggers is open. `foreign`: an intent of other triggers or of a
	 * cutover is open.
	 */
	inspect: {
		unreadable: "record-not-written",
		done: "already",
		later: "overtaken",
		own: "uncertain",
		foreign: "unsettled",
		none: "check-hour",
	},
	/** An earlier attempt for these triggers was interrupted. `onUncertain` decides. */
	uncertain: { fail: "outcome-unknown", retry: "check-hour", accept: "accept" },
	/**
	 * An earlier attempt for other triggers was interrupted. `onUncertain` decides. `accept` still sends the cycle for
	 * the current triggers.
	 */
	unsettled: {
		fail: "outcome-unknown",
		retry: "check-hour",
		accept: "check-hour",
	},
	/** Guard of a cutover: scheduled cycles start at the full hour. */
	"check-hour": { near: "near-hour", none: "check-t3" },
	/** Guard of a cutover: an earlier T2, or one that may have been sent, has no T3 yet. */
	"check-t3": { missing: "t3-missing", none: "check-restart" },
	/** Checks for a pending restart: an interrupted run may have stopped the service. */
	"check-restart": { pending: "restart", none: "open-intent" },
	/**
	 * Opens the intent and reads it back. `taken`: another run has taken over the lock, because this run was delayed so
	 * long that it seemed dead. That happens over Samba only, where the lock is a registry key.
	 */
	"open-intent": {
		kept: "control",
		lost: "record-not-written",
		taken: "overtaken",
	},
	/**
	 * Pauses the service. If the answer is that of a kick and the service runs, writes the receipt, which closes the
	 * intent.
	 */
	control: {
		"no-files": "record-not-written",
		kicked: "confirm",
		stopped: "not-running-after",
		refused: "refused",
		"not-running": "not-running",
		"not-installed": "not-installed",
		"takes-no-control": "takes-no-control",
		"access-denied": "access-denied",
		unknown: "unknown",
		paused: "resume",
	},
	/** Reads the receipt back. */
	confirm: { kept: "started", lost: "receipt-not-written" },
	/**
	 * The pause was refused. If the value is in place, the service started before the value was written, which NT 4 does
	 * not report.
	 */
	refused: {
		missing: "value-missing",
		again: "not-recognised",
		first: "plan-restart",
	},
	/** Closes the intent of this run, since nothing was sent, and records the restart as pending. */
	"plan-restart": { kept: "restart", lost: "record-not-written" },
	/** Stops and starts the service, unless its key shows that it would not start again. */
	restart: {
		running: "open-intent",
		stuck: "cannot-restart",
		denied: "access-denied",
		"not-stopped": "stop-failed",
		"not-started": "start-failed",
	},
	/** The service really paused: continues it. */
	resume: { runs: "paused", stuck: "paused-stuck" },
	/** Writes a receipt without a kick and reads it back. */
	accept: { kept: "accepted", lost: "record-not-written" },
} as const satisfies Record<string, Record<string, string>>;

export type KickSteps = typeof kickSteps;
export type KickStep = keyof KickSteps;

/** The results of a kick. */
export type KickEnding = {
	[S in KickStep]: Exclude<KickSteps[S][keyof KickSteps[S]], KickStep>;
}[KickStep] &
	// The compiler rejects an unknown outcome in the table.
	(OutcomeCode | "started" | "already" | "accepted");

/**
 * The outcomes that close the intent which this run opened: nothing was sent, or the result is known. An intent that
 * was open when the run began stays open until a receipt closes it.
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

/**
 * The outcomes that keep record and intent as they are. If an intent is open, `onUncertain` decides in the next update.
 */
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

/** One way in which a step on a host can end other than well. */
export interface Outcome {
	/** Stable; tests, pipelines and the README go by it. */
	readonly code: string;
	/** The numbers with which Windows says so (`NET HELPMSG n`, `System error n`). */
	readonly numbers: readonly number[];
	/** One sentence: what happened. */
	readonly what: string;
	/** One sentence: what to do. */
	readonly todo: string;
}

/**
 * Every failure that a script on a host can name. Texts are ASCII without `%`, `!`, `&`, `|`, `<`, `>`, `^` and `"`:
 * they travel in a batch file.
 */
export const outcomes = {
	"not-installed": {
		numbers: [1060, 2185],
		what: "this host has no service MSExchangeDX",
		todo: "Check the host's address, or install the MS Mail Connector's directory synchronization on it.",
	},
	"not-running": {
		numbers: [2184, 3521, 1062],
		what: "the service MSExchangeDX is not started, so no control was sent",
		todo: "Start it, then run pulumi up again.",
	},
	"not-recognised": {
		numbers: [1052, 2191],
		what: "the pause was refused even after a restart of the service with PauseKicksDX = 1",
		todo: "See Q146738; pause the service by hand once and look at the Application log.",
	},
	"value-missing": {
		numbers: [1052, 2191],
		what: "the pause was refused because PauseKicksDX is no longer REG_DWORD 1, someone changed it since the last update that looked",
		todo: "Set exchange-dirsync:verify to a new text, then run pulumi up again.",
	},
	"takes-no-control": {
		numbers: [1061, 2189, 3533],
		what: "the service is starting, stopping or in another state that takes no control, so no cycle was started",
		todo: "Wait until it is started, then run pulumi up again.",
	},
	paused: {
		numbers: [],
		what: "the service really paused instead of starting a cycle; it has been continued",
		todo: "Check that this is Exchange 4.0 to 5.5 with PauseKicksDX = 1, then run pulumi up again.",
	},
	"paused-stuck": {
		numbers: [3538],
		what: "the service really paused instead of starting a cycle, and could not be continued",
		todo: "Run net continue MSExchangeDX on the host, then run pulumi up again.",
	},
	"access-denied": {
		numbers: [5],
		what: "access was denied",
		todo: "Log in as a user, an administrator for instance, who may control the service and write the registry.",
	},
	unknown: {
		numbers: [1053, 2186, 2187],
		what: "the pause may or may not have started a cycle: the service gave no timely or no known answer, and a kick may still come",
		todo: "Look whether the cycle ran; then run pulumi up again with onUncertain: kick or accept.",
	},
	"outcome-unknown": {
		numbers: [],
		what: "an earlier attempt broke off before its outcome was known: its cycle may or may not have run. Nothing was sent now",
		todo: "Look whether the cycle ran; then set cycle.onUncertain to kick, which sends another, or accept, which counts it as done, and run pulumi up again.",
	},
	"not-running-after": {
		numbers: [],
		what: "the pause was answered as a kick is, but the service had stopped by then; it has been started again, and the cycle may or may not have run",
		todo: "Look at the Application log; then run pulumi up again with onUncertain: kick or accept.",
	},
	"cannot-carry": {
		numbers: [],
		what: "PauseKicksDX has a type or data that cannot be remembered and restored exactly. Nothing was changed",
		todo: "Note it, delete the value by hand, then run pulumi up again.",
	},
	"record-not-written": {
		numbers: [],
		what: "the host record in HKLM\\SOFTWARE\\exchange-dirsync could not be written and read back, so nothing else was done",
		todo: "Check the user's rights on the registry and the free disk space.",
	},
	"receipt-not-written": {
		numbers: [],
		what: "the cycle was started, but the host did not keep the receipt of it",
		todo: "Check the free disk space; then run pulumi up again with onUncertain: accept.",
	},
	"value-not-written": {
		numbers: [],
		what: "the registry did not take the value PauseKicksDX",
		todo: "Check the user's rights on the key of the service.",
	},
	"stop-failed": {
		numbers: [1051, 3528],
		what: "PauseKicksDX is 1, but the service did not stop for the restart that makes it count",
		todo: "Restart the service by hand or run pulumi up again: the restart is still owed and remembered.",
	},
	"start-failed": {
		numbers: [2140, 1069, 1068, 3523, 3534, 3547],
		what: "PauseKicksDX is 1, but the service stopped for its restart and did not start again",
		todo: "See Q171260 and Q185225 for 2140 on start; start it, then run pulumi up again.",
	},
	"not-restored": {
		numbers: [],
		what: "the registry did not take back what it held before this package came",
		todo: "Check the user's rights, then run pulumi destroy again: what is to be restored is still remembered.",
	},
} as const satisfies Record<string, Omit<Outcome, "code">>;

export type OutcomeCode = keyof typeof outcomes;

/** Answers of `net stop` and `net pause` that mean: the service was not active. */
export const NOT_STARTED: readonly number[] = outcomes["not-running"].numbers;

/** `net pause`: "failed to pause" - the control was delivered and the service stayed: the success (5.0 release notes, Q146738). */
export const FAILED_TO_PAUSE = 3539;

/** `net start`: "already started" - in any language, the proof that the service runs. */
export const ALREADY_STARTED = 2182;

/** A failure of a step on a host. */
export interface Outcome {
	/** The numbers that Windows reports for it (`NET HELPMSG n`, `System error n`). */
	readonly numbers: readonly number[];
	/** One sentence: what happened. */
	readonly problem: string;
	/** One sentence: what to do. */
	readonly remedy: string;
	/** The Knowledge Base articles about it. */
	readonly reference?: string;
}

/**
 * Every failure, by its code. The codes are stable: tests, pipelines and docs/troubleshooting.md use them. The texts
 * are ASCII without `%`, `!`, `&`, `|`, `<`, `>`, `^`, `(`, `)` and `"`, because they are part of batch files.
 */
export const outcomes = {
	"not-installed": {
		numbers: [1060, 2185],
		problem: "this host has no service MSExchangeDX",
		remedy:
			"Check the host's address, or install the MS Mail Connector's directory synchronization on it.",
	},
	"not-running": {
		numbers: [2184, 3521, 1062],
		problem: "the service MSExchangeDX is not started, so no control was sent",
		remedy: "Start it, then run pulumi up again.",
	},
	"not-recognised": {
		numbers: [1052, 2191],
		problem:
			"the pause was refused even after a restart of the service with PauseKicksDX = 1",
		remedy: "Pause the service by hand once and check the Application log.",
		reference: "Q146738",
	},
	"value-missing": {
		numbers: [1052, 2191],
		problem:
			"the pause was refused because PauseKicksDX is no longer REG_DWORD 1, another program or user changed it since the last update that inspected the host",
		remedy: "Set verify to a new string, then run pulumi up again.",
		reference: "Q146738",
	},
	"takes-no-control": {
		numbers: [1061, 2189, 3533],
		problem:
			"the service is starting, stopping or in another state in which it accepts no control, so no cycle was started",
		remedy: "Wait until it is started, then run pulumi up again.",
	},
	paused: {
		numbers: [],
		problem:
			"the service really paused instead of starting a cycle; it has been continued",
		remedy:
			"Check that this is Exchange 4.0 to 5.5 with PauseKicksDX = 1, then run pulumi up again.",
		reference: "Q146738",
	},
	"paused-stuck": {
		numbers: [3538, 3540],
		problem:
			"the service really paused instead of starting a cycle, and could not be continued",
		remedy:
			"Run net continue MSExchangeDX on the host, then run pulumi up again.",
	},
	"access-denied": {
		numbers: [5],
		problem: "access was denied",
		remedy:
			"Log in as a user, an administrator for instance, who may control the service and write the registry.",
	},
	unknown: {
		numbers: [1053, 2186, 2187, 3541],
		problem:
			"the pause may or may not have started a cycle: the service did not answer in time or gave an unknown answer, and may still start one",
		remedy:
			"Check whether the cycle ran; then set onUncertain, of this cycle or cutover, to retry or accept and run pulumi up again.",
	},
	"outcome-unknown": {
		numbers: [],
		problem:
			"an earlier attempt was interrupted before its outcome was known: its cycle may or may not have run. Nothing was sent now",
		remedy:
			"Check whether the cycle ran; then set onUncertain, of this cycle or cutover, to retry, which sends another, or accept, which treats the earlier one as done, and run pulumi up again.",
	},
	overtaken: {
		numbers: [],
		problem:
			"a run that began later has since worked on this host, so nothing was sent",
		remedy:
			"Run pulumi up again; if this is reported again, compare the clocks of the machines that run Pulumi.",
	},
	"near-hour": {
		numbers: [],
		problem:
			"scheduled cycles start at the full hour, which is near; nothing was sent",
		remedy:
			"Run pulumi up again in a few minutes, or change guards.minutesAroundHour.",
		reference: "Q180297",
	},
	"t3-missing": {
		numbers: [],
		problem:
			"T3 has not, or may not have, run on every post office since an earlier T2, and another T2 could lose a full import; nothing was sent",
		remedy:
			"Finish that cutover, or run T3 by hand and set guards.t3BeforeT2 to false for one update.",
		reference: "Q142841",
	},
	"not-running-after": {
		numbers: [],
		problem:
			"the answer to the pause was that of a kick, but the service had stopped by then; it was started again if possible, and the cycle may or may not have run",
		remedy:
			"Check the Application log; then set onUncertain, of this cycle or cutover, to retry or accept and run pulumi up again.",
	},
	"cannot-preserve": {
		numbers: [],
		problem:
			"PauseKicksDX has a type or data that cannot be recorded and restored exactly. Nothing was changed",
		remedy: "Note it, delete the value by hand, then run pulumi up again.",
	},
	"another-stack": {
		numbers: [],
		problem:
			"another stack enforces this host, named below. Nothing was changed",
		remedy:
			"Remove the host from one of the two; if that stack is lost, create a stack of that name again, run pulumi up and pulumi destroy there.",
	},
	"record-not-written": {
		numbers: [],
		problem:
			"the host record in HKLM\\SOFTWARE\\exchange-dirsync could not be written and read back, so nothing else was done",
		remedy: "Check the user's rights on the registry and the free disk space.",
	},
	"receipt-not-written": {
		numbers: [],
		problem: "the cycle was started, but the host did not keep its receipt",
		remedy:
			"Check the free disk space; then set onUncertain, of this cycle or cutover, to accept and run pulumi up again.",
	},
	"value-not-written": {
		numbers: [],
		problem:
			"the registry did not accept the value PauseKicksDX, or has another value after it was written",
		remedy: "Check the user's rights on the key of the service.",
	},
	"stop-failed": {
		numbers: [1051, 3528],
		problem:
			"PauseKicksDX is 1, but the service did not stop for the restart after which it takes effect",
		remedy:
			"Restart the service by hand or run pulumi up again: the restart is recorded as pending.",
	},
	"start-failed": {
		// If an answer contains several of these numbers, the message has the last one in this list.
		numbers: [3523, 3534, 3547, 2140, 1058, 1068, 1069, 1072, 1075],
		problem:
			"PauseKicksDX is 1, but the service stopped for its restart and did not start again",
		remedy:
			"Remove the cause, then run pulumi up again: the start is recorded as pending.",
		reference: "Q171260 and Q185225 for 2140 on start",
	},
	"not-restored": {
		numbers: [],
		problem:
			"the registry did not accept the value that it had before this package changed it",
		remedy:
			"Check the user's rights, then run pulumi destroy again: the earlier value is still recorded.",
	},
	"cannot-restart": {
		numbers: [],
		problem:
			"the service is disabled, marked for deletion or without a program, and would not start again, so it was not stopped",
		remedy:
			"Set its start type to Manual or Automatic, or install it again, then run pulumi up again.",
	},
	"no-drive": {
		numbers: [],
		problem:
			"GLB\\MASTER.GLB was not found, so this session has no post office on the drive; nothing was done",
		remedy:
			"Check drive, and that it is mapped in the sessions of the SSH server: a session that logged in by key has no rights on other machines.",
		reference: "Q104870",
	},
	"no-directory": {
		numbers: [],
		problem:
			"the directory of the MS Mail programs was not found; nothing was done",
		remedy:
			"Check directory, and that the drive is mapped in sessions of this user.",
	},
	"no-program": {
		numbers: [],
		problem: "the program was not found, nothing was done",
		remedy:
			"Check directory and launcher: the MS Mail programs run only from the directory that holds them.",
		reference: "Q148309",
	},
	"not-begun": {
		numbers: [],
		problem:
			"the program printed nothing, and the host reported an error when it was started: it may not have run",
		remedy:
			"Run its command line on the host by hand to see why; then run pulumi up again.",
	},
	"bad-admin": {
		numbers: [],
		problem:
			"IMPORT refused the administrator or the password, and imported nothing",
		remedy: "Check admin and adminPassword.",
		reference: "Q148771",
	},
	"program-failed": {
		numbers: [],
		problem: "the program reported an error",
		remedy:
			"See the number below and the post office's DIRSYNC.LOG, then run pulumi up again: it continues with this step.",
		reference: "Q96001 to Q96004",
	},
	"program-unknown": {
		numbers: [],
		problem:
			"an earlier attempt at this step was interrupted before its outcome was known: the program may have run. Nothing was done now",
		remedy:
			"Check the post office's DIRSYNC.LOG; then set the cutover's onUncertain to retry, which runs it again, or accept, which treats it as done, and run pulumi up again.",
	},
	"post-office-locked": {
		numbers: [],
		problem:
			"another program, for example ADMIN.EXE, has locked the post office; nothing was sent",
		remedy: "End it, then run pulumi up again.",
		reference: "Q148705, number 91",
	},
	"address-list-open": {
		numbers: [],
		problem:
			"a user or program has the global address list open, so REBUILD would fail with 203; nothing was sent",
		remedy: "Have users exit and sign out of Mail, then run pulumi up again.",
		reference: "Q99117",
	},
	"wait-timeout": {
		numbers: [],
		problem: "the wait timed out before its string appeared",
		remedy:
			"Find out why the mail is late, then run pulumi up again: it waits again and repeats no completed step.",
	},
	unreachable: {
		numbers: [],
		problem: "the host, or the proxy in front of it, cannot be reached",
		remedy:
			"Check address, port and network; an NT 4 host with the transport samba needs legacy: true.",
	},
	"no-log-in": {
		numbers: [],
		problem:
			"the host rejected the user, password or key, or the key cannot be read with this pass phrase",
		remedy: "Check the credentials.",
	},
	"no-net": {
		numbers: [],
		problem:
			"the machine that controls this host lacks net, awk, grep, sed, tail, tr, or a printf in its sh",
		remedy:
			"Install what is missing, or use another samba.gateway. On Debian, net is in samba-common-bin.",
	},
	busy: {
		numbers: [],
		problem: "another run uses this host, nothing was done",
		remedy: "Wait until it has ended, then run pulumi up again.",
	},
	"no-lock": {
		numbers: [],
		problem: "the user cannot create files on this host, nothing was done",
		remedy:
			"Log in as an administrator, who may write to the Windows folder, and check the free disk space.",
	},
	"not-exclusive": {
		numbers: [],
		problem:
			"this host lets two programs write to one file, so no run can lock it; nothing was done",
		remedy: "Make sure that the Windows folder is on a local disk of the host.",
	},
	"wrong-folder": {
		numbers: [],
		problem:
			"cmd.exe on this host does not change to the work folder; nothing was done",
		remedy:
			"Check the user's rights on the Windows folder, and AutoRun of cmd.exe in the registry.",
	},
	"use-cmd-exe": {
		numbers: [],
		problem:
			"the SSH server passes commands to a shell other than cmd.exe, nothing was done",
		remedy:
			"Make cmd.exe the server's shell, with DefaultShell in Win32-OpenSSH, or use the transport samba.",
	},
	incomplete: {
		numbers: [],
		problem: "the script arrived incomplete, nothing was done",
		remedy:
			"Check the connection and the free disk space, then run pulumi up again.",
	},
	"no-copy": {
		numbers: [],
		problem: "its script was deleted from the Windows folder, nothing was done",
		remedy:
			"Run pulumi up --replace with the URN of this cutover's resource of the post office: it restores the script and continues with this step. The command pulumi stack --show-urns lists the URNs.",
	},
	"time-limit": {
		numbers: [],
		problem:
			"the work did not end within the time limit: the program that hangs was abandoned, and its result is unknown",
		remedy:
			"End that program on the host or wait for its end, then run pulumi up again.",
	},
	interrupted: {
		numbers: [],
		problem:
			"the script was ended on the host, or could not write its result to a full disk",
		remedy:
			"Inspect the host, then run pulumi up again: it uses the host record.",
	},
	"not-understood": {
		numbers: [],
		problem: "the output of the step cannot be parsed",
		remedy:
			"Run pulumi up again with a new verify; if this is reported again, a program on the host writes into the output of every session.",
	},
} as const satisfies Record<string, Outcome>;

export type OutcomeCode = keyof typeof outcomes;

/** The outcome of an enforcement whose restart failed. */
export const RESTART_FAILURES = {
	denied: "access-denied",
	"not-stopped": "stop-failed",
	"not-started": "start-failed",
} as const satisfies Record<string, OutcomeCode>;

/**
 * The failures of a connection. The command plugin reports them in its own words, and all but `connection-lost` before any
 * command runs on the host. If several patterns match, the first one in this list applies.
 */
export const connectionOutcomes = {
	"host-key-type": {
		pattern: /no common algorithm for host key/,
		problem:
			"the server has no host key of the configured type, or no longer supports SHA-1 if that type is ssh-rsa",
		remedy:
			"Get its ed25519 or ecdsa key with ssh-keyscan, verify it, and set it as hostKey.",
	},
	"no-forwarding": {
		pattern: /administratively prohibited/,
		problem: "the proxy does not forward connections to the host",
		remedy:
			"Allow AllowTcpForwarding and PermitOpen for the proxy's user in its sshd_config.",
	},
	"dead-agent": {
		pattern: /dial unix /,
		problem:
			"the SSH agent of SSH_AUTH_SOCK does not answer, and the command plugin uses it even if a key is configured",
		remedy: "Unset SSH_AUTH_SOCK where pulumi runs, or start the agent.",
	},
	"connection-lost": {
		pattern: /remote command exited without exit status/,
		problem:
			"the connection broke while the command ran, whose work on the host may continue",
		remedy: "Run pulumi up again: it reads the result on the host.",
	},
	unreachable: {
		...outcomes.unreachable,
		pattern:
			/connection refused|i\/o timeout|no route to host|no such host|rejected: connect failed|EOF$/m,
	},
	"no-log-in": {
		...outcomes["no-log-in"],
		pattern:
			/unable to authenticate|failed to parse private key|decryption password incorrect/,
	},
	"wrong-host-key": {
		pattern: /host key mismatch/,
		problem:
			"the host key is not the configured one: another machine answers, or the host has a new key",
		remedy:
			"Ask the host's administrator for its key; only then change hostKey.",
	},
} as const;

/**
 * Formats the message of a failure: host, step, problem, code, number, remedy, reference.
 *
 * @param number follows the code: `, Windows 1053`. @default none
 */
export function message(
	host: string,
	step: string,
	code: OutcomeCode,
	number = "",
): string {
	const { problem, remedy } = messageParts(code);
	return `${host}, ${step}: ${problem} [${code}${number}]. ${remedy}`;
}

/** The two parts of a message that depend only on its code: what precedes and what follows the code. */
export function messageParts(code: OutcomeCode): {
	problem: string;
	remedy: string;
} {
	const { problem, remedy, reference }: Outcome = outcomes[code];
	return {
		problem,
		remedy: reference ? `${remedy} See ${reference}.` : remedy,
	};
}

/** Answers of `net stop` and `net pause` that mean: the service was not active. */
export const NOT_STARTED_NUMBERS: readonly number[] =
	outcomes["not-running"].numbers;

/**
 * Answers of a pause that has started a cycle: the control was delivered and the service did not pause. `net pause`
 * reports 3539 (5.0 release notes), the Services applet reports 2140 (Q146738). Only for *pause* is either of them a
 * success.
 */
export const KICK_SUCCESS_NUMBERS = [3539, 2140] as const;

/** The answer "already started" of `net start`: in any language, the proof that the service runs. */
export const ALREADY_STARTED_NUMBER = 2182;

/** The codes that a loader prints itself, because its script did not start. */
const LOADER_CODES = [
	"use-cmd-exe",
	"incomplete",
	"no-copy",
] as const satisfies readonly OutcomeCode[];

const LOADER_LINE = new RegExp(
	`^(?:.* )?\\[(${LOADER_CODES.join("|")})\\]\\r?$`,
	"m",
);

/**
 * Finds the code that a loader printed; undefined if there is none. The plugin shows the loader with every failure. So
 * the loader is short and prints `[incomplete]` without host and step.
 */
export function loaderCode(
	printed: string,
): (typeof LOADER_CODES)[number] | undefined {
	const code = LOADER_LINE.exec(printed)?.[1];
	return LOADER_CODES.find((one) => one === code);
}

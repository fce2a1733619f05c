import { digest, END_MARK } from "../../protocol/host-record";
import { message, type OutcomeCode } from "../../protocol/outcomes";
import { LOCK, STALE_SECONDS } from "./lock";
import { FUNCTIONS, quoteWord, SETTINGS } from "./net";

/*
 * The builder of every script that controls a Windows host with Samba's `net rpc`. The scripts are POSIX sh and run on
 * the machine that has `net`. `net` exits with 0 whatever the result of a pause, stop, start or setvalue. So its output
 * and the state of the host decide. Data that a script reads never becomes part of its own text, except arguments and
 * login lines.
 *
 * Variables, in several scripts or not plain by their names:
 *
 *   user, password, address, port   the login lines
 *   script           the script itself, as the loader read it
 *   output           output of the last call of net; exit_code: its exit code
 *   error_line       the line of that output that a failure prints; empty if there is none
 *   number           for messages: `, Windows <number>`; empty if there is none
 *   record_key       the registry key of the host record; service_key, lock_key: of the service and of the lock
 *   host_record      the host record, as last exported
 *   service_state    running, stopped, paused, pending, or empty if it is unknown
 *   current_value    data of PauseKicksDX; compliant: set if it is REG_DWORD 1
 *   started_at       when the step began, ISO 8601; started_hex: the same in hexadecimal seconds
 *   uncertain        text for the evidence if the outcome of an earlier attempt is unknown, else empty
 *   next             the next step of the table, or a code
 *   restart_pending  set if an earlier run left a restart pending: the service is started even if it is stopped
 *   restart_needed   set if a restart is pending, from an earlier run or from this one
 *   restarted        set if this run restarts or starts the service
 *   ignore_failure   set if a failed export must not end the run
 *   locked_at        when the lock was taken, for the time limit; empty while there is none
 *   has_lock         set while this run holds the lock
 *   machine          name of this machine in the lock; run_name: name of this run
 *   printed          what the run prints at its end
 *
 * The only file that the scripts write is the lock file of lock.ts, in the user's cache folder.
 */

/** A script for one host: its stdin, which follows the login lines, and the command that runs it. */
export interface ShellScript {
	stdin: string;
	/** @param args the arguments of the body, from $1 on */
	command: (args: readonly string[]) => string;
}

/** What differs between scripts apart from their work. */
export interface ShellOptions {
	legacy: boolean;
	/** A change of it changes the script, and so its command, and nothing else. @default none */
	edition?: string;
	/** Whether the script only inspects the host and takes no lock. @default false */
	inspectsOnly?: boolean;
	/** Seconds after which an unchanged lock is taken over. @default 315 if it is signed, 90 if not */
	stale?: typeof STALE_SECONDS;
}

/**
 * The lines before the script, which the loader reads: user and password in the form of `net -A`, then address and
 * port.
 */
export const loginLines = (
	user: string,
	password: string,
	address: string,
	port: number,
): string =>
	[`username = ${user}`, `password = ${password}`, address, port, ""].join(
		"\n",
	);

/**
 * Creates a script.
 *
 * @param step for messages, like the name of the host
 * @param codes the failures that the body can end with, by `fail <code>`
 * @param body functions, then the work under the host's lock; ends with `good` or `fail`
 */
export function createShellScript(
	host: string,
	step: string,
	codes: readonly OutcomeCode[],
	body: string,
	{
		legacy,
		edition,
		inspectsOnly = false,
		stale = STALE_SECONDS,
	}: ShellOptions,
): ShellScript {
	const text = [
		edition ? `: ${quoteWord(edition)}` : "",
		SETTINGS(host, legacy),
		FUNCTIONS,
		inspectsOnly ? "" : LOCK(stale),
		failures(host, step, [...OWN_CODES, ...codes]),
		"check_net",
		inspectsOnly ? "" : "take_lock",
		body,
	]
		.join("\n")
		.split("\n")
		.map((line) => line.trim())
		.filter((line) => line !== "" && !line.startsWith("#"))
		.join("\n");
	const end = `# ${END_MARK} ${digest([text]).slice(0, 6)}`;
	return {
		stdin: `${text}\n${end}\n`,
		command: (args) => loader(end, message(host, step, "incomplete"), args),
	};
}

/**
 * Builds the command that reads login lines and script from stdin and runs the script if it is complete. Quotes break
 * the code of its one message, because the plugin shows this text with every failure.
 */
function loader(end: string, incomplete: string, args: readonly string[]) {
	const printed = incomplete.replace("[incomplete]", '[in""complete]');
	const read =
		"for v in user password address port;do unset $v;IFS= read -r $v;done";
	const run = `unset script;script=$(cat);case $script in *"${end}")eval "$script";;*)echo "${printed}";exit 1;;esac`;
	// An environment that exports these variables, or a shell option that traces commands, would reveal the password.
	const first = "{ set +ax; } 2>/dev/null";
	return `sh -c ${quoteWord([first, read, run].join(";"))} dx ${args.map(quoteWord).join(" ")}`;
}

/**
 * The failures that every script can have. They include those of a connection, which the command plugin reports for
 * other transports.
 */
const OWN_CODES = [
	"no-net",
	"busy",
	"no-log-in",
	"unreachable",
	"access-denied",
	"not-understood",
	"record-not-written",
	"time-limit",
] as const satisfies readonly OutcomeCode[];

/** The place of the number in a message. */
const NUMBER = "%number%";

/** The end of about half of the messages. The state contains each script twice, so the common text is stored once. */
const AGAIN = " run pulumi up again.";

/** Builds `fail <code>`, which prints the message with `number` and the output of `net`, and ends the run. */
function failures(host: string, step: string, codes: readonly OutcomeCode[]) {
	const shared = `${host}, ${step}: `;
	const cases = [...new Set(codes)].map((code) => {
		const [before = "", after = ""] = message(host, step, code, NUMBER)
			.slice(shared.length)
			.split(NUMBER);
		const end = after.endsWith(AGAIN)
			? `${quoteWord(after.slice(0, -AGAIN.length))} "$again_"`
			: quoteWord(after);
		return `${code}) print_failure ${quoteWord(before)} ${end} ;;`;
	});
	return `
again_='${AGAIN}'
print_failure() { printf '%s%s%s%s%s\\n' ${quoteWord(shared)} "$1" "$number" "$2" "$3"; }
fail() {
	case $1 in
	${cases.join("\n")}
	esac
	printf '%s' "$printed"
	if [ -n "$error_line" ]; then printf 'net printed: %s\\n' "$error_line"; fi
	finish 1
}`;
}

import { digest } from "../../protocol/host-record";
import { message, type OutcomeCode } from "../../protocol/outcomes";
import { LOCK, STALE_SECONDS } from "./lock";
import { FUNCTIONS, quoteWord, SETTINGS } from "./net";

/*
 * The builder of every script that controls a Windows host with Samba's `net rpc`. The scripts are POSIX sh and run on
 * the machine that has `net`. `net` exits with 0 whatever the result of a pause, stop, start or setvalue. So its output
 * and the state of the host decide. Data that a script reads never becomes part of its own text, except arguments and
 * login lines.
 *
 * Variables of the scripts:
 *
 *   u p a o  the login lines: user, password, address, port
 *   s        the script itself, as the loader read it
 *   O, rc    output and exit code of the last call of net
 *   E        the line of that output that a failure prints after "net said:"; empty if there is none
 *   Q        for messages: `, Windows <number>`
 *   R, K, L  registry keys: host record, service, lock
 *   T        the host record, as last exported
 *   S        state of the service
 *   V        data of PauseKicksDX; in kick first the verb
 *   A, B     when the step began: ISO 8601, and in hexadecimal seconds
 *   C        the cycle: its name in kick; `cycle` or `none` (declared or not) in enforce
 *   D        onDestroy
 *   G, H     guards: minutes around the full hour; t3BeforeT2
 *   N        token of the kick
 *   P        cycle type: T1 or T2
 *   U        onUncertain
 *   W        text for the evidence if the outcome of an earlier attempt is unknown, else empty
 *   to, n    next step of the table; number of the failure
 *   on       set if the value is REG_DWORD 1
 *   was      set if this run restarts or starts the service; in break_lock the dead run's name
 *   late     set if an earlier run left a restart pending: the service is started even if it is stopped
 *   owed     set if a restart is pending, from an earlier run or from this one
 *   lost     set if a failed export must not end the run
 *   since    when the lock was taken, for the time limit
 *   mine     set while this run holds the lock
 *   here, me name of this machine in the lock; name of this run in the lock
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
	looks?: boolean;
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
	{ legacy, edition, looks = false, stale = STALE_SECONDS }: ShellOptions,
): ShellScript {
	const text = [
		edition ? `: ${quoteWord(edition)}` : "",
		SETTINGS(host, legacy),
		FUNCTIONS,
		looks ? "" : LOCK(stale),
		failures(host, step, [...OWN_CODES, ...codes]),
		"check_net",
		looks ? "" : "begin",
		body,
	]
		.join("\n")
		.split("\n")
		.map((line) => line.trim())
		.filter((line) => line !== "" && !line.startsWith("#"))
		.join("\n");
	const end = `# dx-end ${digest([text]).slice(0, 6)}`;
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
	const told = incomplete.replace("[incomplete]", '[in""complete]');
	const read = ["u", "p", "a", "o"].map((name) => `IFS= read -r ${name}`);
	const run = `s=$(cat);case $s in *"${end}")eval "$s";;*)echo "${told}";exit 1;;esac`;
	// An environment that exports these variables, or a shell option that traces commands, would reveal the password.
	const first = "{ set +ax; } 2>/dev/null;unset u p a o s";
	return `sh -c ${quoteWord([first, ...read, run].join(";"))} dx ${args.map(quoteWord).join(" ")}`;
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

/** The end of about half of the messages. The state contains each script twice, so the common text is stored once. */
const AGAIN = " run pulumi up again.";

/** Builds `fail <code>`, which prints the message with the number in Q and the output of `net`, and ends the run. */
function failures(host: string, step: string, codes: readonly OutcomeCode[]) {
	const shared = `${host}, ${step}: `;
	const cases = [...new Set(codes)].map((code) => {
		const [before = "", after = ""] = message(host, step, code, "%Q%")
			.slice(shared.length)
			.split("%Q%");
		const end = after.endsWith(AGAIN)
			? `${quoteWord(after.slice(0, -AGAIN.length))} "$again_"`
			: quoteWord(after);
		return `${code}) tell ${quoteWord(before)} ${end} ;;`;
	});
	return `
again_='${AGAIN}'
tell() { printf '%s%s%s%s%s\\n' ${quoteWord(shared)} "$1" "$Q" "$2" "$3"; }
fail() {
	case $1 in
	${cases.join("\n")}
	esac
	printf '%s' "$answer"
	if [ -n "$E" ]; then printf 'net said: %s\\n' "$E"; fi
	finish 1
}`;
}

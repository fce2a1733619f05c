import { digest } from "../../protocol/host-record";
import { message, type OutcomeCode } from "../../protocol/outcomes";
import { LOCK, STALE_SECONDS } from "./lock";
import { FUNCTIONS, quoteWord, SETTINGS } from "./net";

/*
 * What every script is made of that drives a Windows host by Samba's `net rpc`: POSIX sh, for the machine that has `net`.
 * `net` exits with 0 whatever became of a pause, a stop, a start or a setvalue: so what it says and the host's state
 * decide. What a script reads is never part of its own text, but for arguments and login lines.
 */

/** One script for one host: what travels to it behind the login lines, and the command that runs it there. */
export interface ShellScript {
	stdin: string;
	/** @param args what the body reads from $1 on; of a harmless alphabet or in no need of quotes */
	command: (args: readonly string[]) => string;
}

export interface ShellOptions {
	legacy: boolean;
	/** A change of it is a change of the command, and nothing else. @default none */
	edition?: string;
	/** Whether the host is only looked at: then no lock is taken. @default false */
	looks?: boolean;
	/** Seconds after which a lock that nobody changed is taken over. @default 315, or 90 where nobody's name is on it */
	stale?: typeof STALE_SECONDS;
}

/** The lines before the script: where the host is and how to log in, as `net -A` reads it. */
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
 * Makes a script.
 *
 * @param step for messages, like the host's name
 * @param codes the failures that the body ends with, by `fail <code>`
 * @param body functions, then what is done while the host's lock is held; ends with `good` or `fail`
 */
export function createShellScript(
	host: string,
	step: string,
	codes: readonly OutcomeCode[],
	body: string,
	{ legacy, edition, looks = false, stale = STALE_SECONDS }: ShellOptions,
): ShellScript {
	const text = [
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
	const end = `# dx-end ${digest([text, edition ?? ""]).slice(0, 6)}`;
	return {
		stdin: `${text}\n${end}\n`,
		command: (args) => loader(end, message(host, step, "incomplete"), args),
	};
}

/**
 * The command that takes login lines and script from stdin and runs the script where it is whole. The code of the one
 * message in here is broken by quotes, because the plugin shows this text with every failure.
 */
function loader(end: string, incomplete: string, args: readonly string[]) {
	const told = incomplete.replace("[incomplete]", '[in""complete]');
	const read = ["u", "p", "a", "o"].map((name) => `IFS= read -r ${name}`);
	const run = `s=$(cat);case $s in *"${end}")eval "$s";;*)echo "${told}";exit 1;;esac`;
	// An environment that marks them for export, or has the shell tell all that it does, would show the password.
	const first = "{ set +ax; } 2>/dev/null;unset u p a o s";
	return `sh -c ${quoteWord([first, ...read, run].join(";"))} dx ${args.map(quoteWord).join(" ")}`;
}

/** Failures of every script: those of a connection among them, which the command plugin tells of on other ways in. */
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

/** How half of the messages end; the state holds each script twice, so what they share stands in it once. */
const AGAIN = " run pulumi up again.";

/** `fail <code>` says it, with the number in Q and what `net` said, and ends the run. */
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

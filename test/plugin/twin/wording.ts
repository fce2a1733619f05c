import { constants } from "node:os";

/** A failure that the contract defines. Its message is the complete error text. */
export class CommandError extends Error {
	override name = "CommandError";
}

const ESCAPES: Record<string, string> = {
	"\u0007": "\\a",
	"\b": "\\b",
	"\f": "\\f",
	"\n": "\\n",
	"\r": "\\r",
	"\t": "\\t",
	"\v": "\\v",
	'"': '\\"',
	"\\": "\\\\",
};

/** Quotes a text like Go's `%q`, which error texts use for a command. */
export function quote(text: string): string {
	const body = text.replace(
		// Go escapes control and format characters, lone surrogates, and every blank except the space.
		/["\\]|(?! )[\p{C}\p{Z}]/gu,
		(char) => ESCAPES[char] ?? escapeCode(char.codePointAt(0) ?? 0),
	);
	return `"${body}"`;
}

function escapeCode(code: number) {
	const hex = (width: number) => code.toString(16).padStart(width, "0");
	if (code < 0x80) return `\\x${hex(2)}`;
	return code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`;
}

const ERRNO: Record<string, string> = {
	E2BIG: "argument list too long",
	EACCES: "permission denied",
	ECONNREFUSED: "connection refused",
	ECONNRESET: "connection reset by peer",
	EHOSTUNREACH: "no route to host",
	ENETUNREACH: "network is unreachable",
	ENOENT: "no such file or directory",
	ENOEXEC: "exec format error",
	ENOTDIR: "not a directory",
	ETIMEDOUT: "connection timed out",
};

/** The system's text for an error of Node. */
export const systemWords = (error: NodeJS.ErrnoException) =>
	ERRNO[error.code ?? ""] ?? error.message;

const SIGNALS: Record<string, string> = {
	SIGABRT: "aborted",
	SIGALRM: "alarm clock",
	SIGBUS: "bus error",
	SIGFPE: "floating point exception",
	SIGHUP: "hangup",
	SIGILL: "illegal instruction",
	SIGINT: "interrupt",
	SIGKILL: "killed",
	SIGPIPE: "broken pipe",
	SIGQUIT: "quit",
	SIGSEGV: "segmentation fault",
	SIGTERM: "terminated",
	SIGTRAP: "trace/breakpoint trap",
	SIGUSR1: "user defined signal 1",
	SIGUSR2: "user defined signal 2",
};

/** The error text for a local process that was ended by a signal. */
export const signalWords = (signal: NodeJS.Signals) =>
	`signal: ${SIGNALS[signal] ?? `signal ${constants.signals[signal]}`}`;

// Only these signals have a number over SSH. All others count as 0.
const SSH_SIGNALS = [
	...["ABRT", "ALRM", "FPE", "HUP", "ILL", "INT", "KILL", "PIPE", "QUIT"],
	...["SEGV", "TERM"],
];

/** The error text for a remote process that was ended by a signal. */
export function remoteSignalWords(signal: string, reason?: string) {
	const name = signal.replace(/^SIG/, "");
	const number = SSH_SIGNALS.includes(name)
		? constants.signals[`SIG${name}` as NodeJS.Signals]
		: 0;
	const why = reason ? `. Reason was: ${reason}` : "";
	return `Process exited with status ${128 + number} from signal ${name}${why}`;
}

/**
 * The folder that holds a run's files while it is at work, one for all users of the host; beside it, with its name, stand
 * the script (.cmd) and the lock (.lck).
 */
export const WORK = "%SystemRoot%\\dx-work";

/**
 * The command that takes a script from stdin and runs it with `args`, while holding the lock of the host. The script looks
 * first whether it is the one that is meant, and whole (`BEGIN`); where it is not it comes back, and the loader says so.
 * The plugin shows this command with every failure, so it is short, and the codes in it are broken by carets and quotes.
 *
 * The lock is the file to which the run's stderr goes: no second one can open it until the first and all its children
 * have ended, whatever ended them, and nothing is left to clear. A run that could not take it has not read its stdin;
 * so whoever still finds the script there was turned away, because of another run or, where there is no such file, for
 * want of rights, and prints what the script has to say of that: the first FIND that looks reads it to its end. A redirection that fails leaves the errorlevel of the
 * command before: that is FIND's, which fails without arguments (and on NT 4 says so to stdout). Exit codes are those of a program (`find`, `cmd`), the
 * only ones that NT 4 knows, and a failure ends with one; each `if` is alone in its parentheses and has no others in it,
 * all that Wine can take.
 * The outer cmd.exe is there to keep what the inner one says, in its own language, out of the message.
 *
 * %dx% is where the work is, %fx% FIND, %rx% what decides the exit code: `rem`, or FIND,
 * which finds nothing in a stdin that has been read. Files are named in full, since a
 * cmd.exe may start in any folder (AutoRun) and a change of folder may fail. The first cmd.exe leaves variables alone that
 * it does not know yet, as each does outside batch files.
 */
function loader({ work, file = "", run, turnedAway }: Load) {
	const inner = [
		'set rx=%fx% ""',
		"%fx%>nul",
		`%ComSpec% /c ${[...run, "%rx%"].join("^&")} 2>%dx%.lck`,
		"(if not errorlevel 1 set rx=rem)",
		"del %dx%.lck",
		...turnedAway,
		"%ComSpec% /c %rx%",
	].join("&");
	return `${file || NOT_CMD}set dx=${work}&set fx=%SystemRoot%\\system32\\find&%ComSpec% /c "${inner}" 2>nul`;
}

/**
 * What a shell that is not cmd.exe does of it: sh and PowerShell print the message and exit, the rest is a comment to them.
 * To cmd.exe it is a line of text that goes nowhere.
 */
const NOT_CMD = "echo use cmd.exe [not'-cmd]';exit 1 #>nul&";

/** What a loader is made of. */
interface Load {
	work: string;
	/** Names the file of a script that is there already. */
	file?: string;
	/** Brings the script and calls it; what follows is reached only where it did not run. */
	run: readonly string[];
	/** Tells a run that it was turned away. */
	turnedAway: readonly string[];
}

/** By a part of its code the loader finds the line of the script that tells why it was not run. */
export const TURNED_AWAY = {
	busy: "sy]",
	"no-lock": "o-l",
} as const;

/** The command that runs a script that comes by stdin. */
export const callFromStdin = (args: readonly string[], work: string): string =>
	loader({ ...fromStdin(args), work });

/** The command that runs a copy of a script that is in that file on the host. */
export const callFromFile = (file: string, args: readonly string[]): string =>
	loader({ ...fromFile(file, args), work: WORK });

const fromStdin = (args: readonly string[]) => ({
	run: [
		'%fx% /v ""^>%dx%.cmd',
		`call %dx%.cmd ${args.join(" ")}`,
		"echo [in^complete]",
		"del %dx%.cmd",
	],
	turnedAway: [
		`(if exist %dx%.lck %fx% "${TURNED_AWAY.busy}")`,
		`%fx% "${TURNED_AWAY["no-lock"]}"`,
	],
});

/**
 * What stands on stdin is the script's own affair, and begins with a `-`: it is still there where the script was not run.
 * The shell is known to be cmd.exe, and that there is a place for files: it put this one there.
 */
const fromFile = (file: string, args: readonly string[]) => ({
	file: `set cx=${file}&`,
	run: [`(if exist %cx% call %cx% ${args.join(" ")})`, "echo [no^-copy]"],
	turnedAway: [
		'%fx% "-">nul',
		`(if not errorlevel 1 set rx=%fx% "${TURNED_AWAY.busy}"^<%cx%^&%fx% "")`,
	],
});

/**
 * The work folder of a run, the same for all users of the host. Next to it, with the same name, are the script (.cmd)
 * and the lock (.lck).
 */
export const WORK = "%SystemRoot%\\dx-work";

/**
 * Builds the command that runs a script under the lock of the host.
 *
 * 1. FIND without arguments fails and so sets the errorlevel. (On NT 4 it prints its error to stdout.)
 * 2. A cmd.exe brings the script and calls it, with its stderr redirected to the lock file. No second run can open that
 *    file until this run and all its children have ended, whatever ended them. Nothing has to be cleared.
 * 3. The script checks that it is the intended one and complete (`head` in batch.ts). If not, it returns, and the
 *    loader prints a code.
 * 4. If the redirection failed, the errorlevel is still that of step 1.
 * 5. The loader deletes the lock file. That fails while another run holds it.
 * 6. A run that could not take the lock has not read its stdin, so the script is still there. FIND prints the script's
 *    line for `busy` if the lock file exists, else the one for `no-lock`: the user has no right to create the file. The
 *    first FIND reads stdin to its end.
 * 7. %rx% decides the exit code. It is `rem`, or FIND, which finds nothing in a stdin that has been read.
 *
 * - The plugin shows this command with every failure, so it is short, and carets and quotes break the codes in it.
 * - NT 4 takes an exit code only from a program (`find`, `cmd`), so a failure ends with one.
 * - Each `if` is alone in its parentheses and contains no other `if`: Wine supports no more.
 * - The outer cmd.exe keeps the messages of the inner one, which are in its own language, out of the output.
 * - Files have full paths, since a cmd.exe may start in any folder (AutoRun) and a change of folder may fail.
 * - The outer cmd.exe does not expand %dx% (the work folder) and %fx% (FIND): outside batch files cmd.exe keeps a
 *   variable that is not yet defined as it is.
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
 * Stops shells other than cmd.exe: sh and PowerShell print the message and exit, and the rest is a comment to them.
 * cmd.exe prints the whole line to nul.
 */
const NOT_CMD = "echo use cmd.exe [not'-cmd]';exit 1 #>nul&";

/** The parts of a loader. */
interface Load {
	work: string;
	/** Sets cx to the file of a script that is already on the host. */
	file?: string;
	/** Brings the script and calls it. What follows the call runs only if the script did not. */
	run: readonly string[];
	/** Prints why a run that could not take the lock was refused. */
	turnedAway: readonly string[];
}

/** Parts of the codes by which the loader finds the script's line that explains why it was not run. */
export const TURNED_AWAY = {
	busy: "sy]",
	"no-lock": "o-l",
} as const;

/** Builds the command that runs a script from stdin. */
export const callFromStdin = (args: readonly string[], work: string): string =>
	loader({ ...fromStdin(args), work });

/** Builds the command that runs a copy of a script in a file on the host. */
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
 * Stdin is the script's own input and begins with a `-`. It is still complete if the script was not run. The shell must
 * be cmd.exe, and the host has a place for files: cmd.exe has put this copy there.
 */
const fromFile = (file: string, args: readonly string[]) => ({
	file: `set cx=${file}&`,
	run: [`(if exist %cx% call %cx% ${args.join(" ")})`, "echo [no^-copy]"],
	turnedAway: [
		'%fx% "-">nul',
		`(if not errorlevel 1 set rx=%fx% "${TURNED_AWAY.busy}"^<%cx%^&%fx% "")`,
	],
});

import { HOST_FILE } from "../../protocol/host-record";

/**
 * The work folder of a run, the same for all users of the host. Next to it, with the same name, are the script (.cmd)
 * and the lock (.lck).
 */
const WORK = `${HOST_FILE}work`;

/**
 * Builds the command that runs a script under the lock of the host.
 *
 * 1. FIND without arguments fails and so sets the errorlevel. (On NT 4 it prints its error to stdout.)
 * 2. A cmd.exe brings the script and calls it, with its stderr redirected to the lock file. No second run can open that
 *    file until this run and all its children have ended, whatever ended them. Nothing has to be cleared.
 * 3. The script checks that it is the intended one and complete (`HEAD` in batch.ts). If not, it returns, and the
 *    loader prints a code and ends with FIND, which fails.
 * 4. If the redirection failed, the errorlevel is still that of step 1.
 * 5. The loader deletes the lock file. That fails while another run holds it.
 * 6. A run that could not take the lock has not read its stdin, so the script is still there. FIND prints the script's
 *    line for `busy` if the lock file exists, else the one for `no-lock`: the user has no right to create the file. The
 *    first FIND reads stdin to its end.
 * 7. %r_% decides the exit code. It is `rem`, or FIND, which finds nothing in a stdin that has been read. A program that
 *    could not start leaves a negative errorlevel, which IF NOT ERRORLEVEL 1 alone takes for success. SET may change the
 *    errorlevel, so one IF checks both.
 *
 * - The plugin shows this command with every failure, so it is short, and carets and quotes break the codes in it.
 * - NT 4 takes an exit code only from a program (`find`, `cmd`), so a failure ends with one.
 * - Each `if` is alone in its parentheses and has no ELSE: Wine supports no more.
 * - The outer cmd.exe keeps the messages of the inner one, which are in its own language, out of the output.
 * - Files have full paths, since a cmd.exe may start in any folder (AutoRun) and a change of folder may fail.
 * - The outer cmd.exe does not expand %d_% (the work folder) and %f_% (FIND): outside batch files cmd.exe keeps a
 *   variable that is not yet defined as it is. Their names are such that no host has them.
 */
function loader({ before, work, run, turnedAway }: Load) {
	const inner = [
		'set r_=%f_% ""',
		"%f_%>nul",
		`%ComSpec% /c ${[...run, "%r_%"].join("^&")} 2>%d_%.lck`,
		"(if errorlevel 0 if not errorlevel 1 set r_=rem)",
		"del %d_%.lck",
		...turnedAway,
		"%ComSpec% /c %r_%",
	].join("&");
	return `${before}set d_=${work}&set f_=%SystemRoot%\\system32\\find&%ComSpec% /c "${inner}" 2>nul`;
}

/**
 * Stops shells other than cmd.exe: sh and PowerShell print the message and exit, and the rest is a comment to them.
 * cmd.exe prints the whole line to nul.
 */
const NOT_CMD = "echo [use'-cmd-exe]';exit 1 #>nul&";

/** The parts of a loader. */
interface Load {
	/** What precedes the loader's own settings. */
	before: string;
	work: string;
	/** Brings the script and calls it. What follows the call runs only if the script did not. */
	run: readonly string[];
	/** Prints why a run that could not take the lock was refused. */
	turnedAway: readonly string[];
}

/** Parts of the codes by which the loader finds the script's line that explains why it was not run. */
export const TURNED_AWAY = {
	busy: "sy]",
	"no-lock": "ock]",
} as const;

/** Builds the command that runs a script from stdin. */
export const callFromStdin = (args: readonly string[], work = WORK): string =>
	loader({ ...fromStdin(args), work });

/** Builds the command that runs a copy of a script in a file on the host. */
export const callFromFile = (file: string, args: readonly string[]): string =>
	loader({ ...fromFile(file, args), work: WORK });

const fromStdin = (args: readonly string[]) => ({
	before: NOT_CMD,
	run: [
		'%f_% /v ""^>%d_%.cmd',
		`call %d_%.cmd ${args.join(" ")}`,
		"echo [in^complete]",
		"del %d_%.cmd",
	],
	turnedAway: [
		`(if exist %d_%.lck %f_% "${TURNED_AWAY.busy}")`,
		`%f_% "${TURNED_AWAY["no-lock"]}"`,
	],
});

/**
 * Stdin is the script's own input and begins with a `-`. It is still complete if the script was not run. The shell must
 * be cmd.exe, and the host has a place for files: cmd.exe has put this copy there.
 */
const fromFile = (file: string, args: readonly string[]) => ({
	before: `set c_=${file}&`,
	run: [`(if exist %c_% call %c_% ${args.join(" ")})`, "echo [no^-copy]"],
	turnedAway: [
		'%f_% "-">nul',
		`(if not errorlevel 1 set r_=%f_% "${TURNED_AWAY.busy}"^<%c_%^&%f_% "")`,
	],
});

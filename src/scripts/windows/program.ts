import type { Program } from "../../model/cutover-plan";
import type { OnUncertain } from "../../model/host";
import type { StepCommands } from "../../protocol/commands";
import { marker } from "../../protocol/host-record";
import { STARTED_PREFIX } from "../../protocol/step-output";
import { createScript } from "./batch";
import { msMailNumbers } from "./ms-mail-errors";
import { stepCommands } from "./step";
import { endings, findMark, requireValue } from "./subroutines";

/** An MS Mail program on one post office. */
export interface ProgramOptions {
	/** The post office's name, for messages. */
	postOffice: string;
	/** See `postOfficeRecord`. */
	record: string;
	program: Exclude<Program, "import">;
	/** The program's option: `-t` sends, `-r` receives, `-f` suppresses questions. */
	flag: "-t" | "-r" | "-f";
	drive: string;
	directory: string;
	launcher: string | undefined;
	/** See `kickToken`. */
	token: string;
	/** What to do when an earlier attempt's outcome is unknown. */
	onUncertain: OnUncertain;
}

/** Seconds. A rebuild of some 10,000 names takes nearly an hour, one of over 100,000 names several hours (WA0725). */
export const PROGRAM_LIMIT_SECONDS = 8 * 60 * 60;

/**
 * The commands of a step that runs an MS Mail program. A program that sends runs once per token: it writes an intent
 * before and a receipt after, since a second T1 or T2 is not harmless (Q142841). A program that receives finds nothing
 * left the second time, so it simply runs again.
 */
export function programCommands(options: ProgramOptions): StepCommands {
	const { postOffice, record } = options;
	const script = createScript(postOffice, stepName(options), body(options), {
		record,
		limit: PROGRAM_LIMIT_SECONDS,
	});
	return stepCommands(script);
}

const stepName = ({ program, flag }: ProgramOptions) =>
	flag === "-f" ? program : `${program} ${flag}`;

/** The order of the KB articles: SRVMAIN takes its flag first (Q148309), the others the drive. */
const commandLine = ({ launcher, program, drive, flag }: ProgramOptions) => {
	const words =
		program === "srvmain" ? [flag, `-d${drive}`] : [`-d${drive}`, flag];
	return [launcher, program, ...words].filter(Boolean).join(" ");
};

const body = (options: ProgramOptions) => {
	const { program, flag, drive, directory, launcher } = options;
	const { token, onUncertain } = options;
	const sends = flag === "-t";
	return `
set startedAt=%3
set token=${token}
set onUncertain=${onUncertain}
set openedIntent=
${enterDirectory(drive, directory, launcher, program)}
cd /d %work%
${sends ? once(program) : ""}
cd /d "${directory}"
%callPrefix% ${commandLine(options)} >%work%\\output.txt 2>%work%\\errors.txt
${CHECK_OUTPUT}
${sends ? write(program, "done") : ""}
echo ${STARTED_PREFIX}%startedAt%
call :print-output
goto succeed

${failures(sends ? "call :close-intent" : "")}
${sends ? CLOSE(program) : ""}`;
};

/**
 * Changes to the programs' folder. Fails if the drive, the folder, the program or the launcher is not there.
 *
 * Sets call for a batch file. Without CALL a batch file would not return. With CALL a missing program leaves a
 * meaningless number. So a launcher counts as a batch file only if its extension shows it.
 */
export const enterDirectory = (
	drive: string,
	directory: string,
	launcher: string | undefined,
	program: string,
) => `
if not exist ${drive}:\\GLB\\MASTER.GLB goto no-drive
cd /d "${directory}"
if errorlevel 1 goto no-directory
set exists=
set callPrefix=
for %%f in (exe com bat cmd) do if exist ${program}.%%f set exists=1
if not defined exists goto no-program
${launcher ? findLauncher(launcher) : FIND_BATCH(program)}`;

const FIND_BATCH = (program: string) => `
for %%f in (bat cmd) do if exist ${program}.%%f set callPrefix=call
for %%f in (exe com) do if exist ${program}.%%f set callPrefix=`;

/** Checks that a launcher exists if it has a path or is a batch file. Any other launcher is checked by running it. */
function findLauncher(launcher: string): string {
	const isBatch = /\.(bat|cmd)$/i.test(launcher);
	const hasEnding = isBatch || /\.(exe|com)$/i.test(launcher);
	const names = hasEnding
		? [launcher]
		: ["exe", "com"].map((ending) => `${launcher}.${ending}`);
	return [
		isBatch ? "set callPrefix=call" : "",
		...(isBatch || /[\\:]/.test(launcher)
			? [
					"set exists=",
					...names.map((name) => `if exist ${name} set exists=1`),
					"if not defined exists goto no-program",
				]
			: []),
	].join("\n");
}

/**
 * The data of a value in the record, one value per program. Other cutovers of a post office have records of their own.
 */
const mark = (state: "open" | "done", program: string) =>
	`${(state === "done" ? marker.programDone : marker.programOpen)(program)}%token% `;

/** Writes the intent or the receipt and reads it back. */
const write = (program: string, state: "open" | "done") => `
call :begin-reg [%recordKey%]
>>write.reg echo "${program}"="${mark(state, program)}%startedAt%;"
call :import-reg
${requireValue(program, `${mark(state, program)}%startedAt%;`, LOST)}`;

const LOST = "call :end record-not-written";

/** Closes the intent of this run only. An intent that an earlier run left open stays open. */
const CLOSE = (program: string) => `
:close-intent
if not defined openedIntent goto :eof
call :begin-reg [%recordKey%]
>>write.reg echo "${program}"="${marker.programClosed}"
call :import-reg
goto :eof`;

/**
 * Continues if the program has to run. A mark that is not found leads to that, so a failure of FIND itself is handled
 * separately.
 */
const once = (program: string) => `
call :read-record
if not defined exists ${LOST}
${findMark(mark("done", program), LOST)}
if not errorlevel 1 goto already
${findMark(marker.programOpen(program), LOST)}
if errorlevel 1 set openedIntent=1
if defined openedIntent goto open-intent
if %onUncertain%==fail call :end program-unknown
if %onUncertain%==accept goto accept
echo run again although the outcome of an earlier attempt is unknown
goto open-intent
:accept
${write(program, "done")}
echo ${STARTED_PREFIX}%startedAt%
echo accepted as done, the outcome of an earlier attempt is unknown
goto succeed
:already
call :print ${program}
echo was already run, nothing was done now
goto succeed
:open-intent
${write(program, "open")}`;

/** Sets errorNumber if that token of a line in lines.txt is a number of MS Mail. */
const number = (token: string) =>
	`for /f "tokens=${token}" %%n in (lines.txt) do for /l %%i in (1,1,400) do if "%%n"=="%%i" set errorNumber=%%i`;

/**
 * Continues if the output in output.txt reports no error, else goes to failed. errorNumber is then the number, or x if no number can
 * be determined. Exit codes are undocumented or meaningless (Q112204, Q148771).
 *
 * A program that did not start is detected by the number 9009, or by the messages of cmd.exe. These go to stderr, where
 * the MS Mail programs print nothing, and output.txt is then empty. Only the number is certain, so after such messages an
 * intent stays open.
 *
 * The KB shows errors as `Fatal[150] ...`, `Fatal [ 40] ...` (Q119017) and `Fatal 113` (Q130449), with or without a
 * name before. The last of the three token patterns is the most reliable.
 */
export const CHECK_OUTPUT = `
if errorlevel 9009 goto no-program
if not errorlevel 0 goto not-begun
cd /d %work%
call :check-folder
if defined wrongFolder goto fail
for %%f in (output errors) do (%find% "FORCEDOS: " %%f.txt >nul&if not errorlevel 1 goto no-program)
set errorNumber=
%find% /v "" output.txt >nul
if not errorlevel 1 set errorNumber=1
%find% /v "" errors.txt >nul
if errorlevel 1 set errorNumber=1
if not defined errorNumber goto not-begun
set errorNumber=
for %%k in ("Fatal[" "Fatal [" "Error[" "Error [") do (%find% /i %%k output.txt >nul&if not errorlevel 1 set errorNumber=x)
%find% /i "Fatal" <output.txt >lines.txt
if defined errorNumber %find% /i "Error" <output.txt >>lines.txt
${["3 delims=[] ", "2 delims=[] ", "2 delims=[]"].map(number).join("\n")}
if not defined errorNumber goto no-error
goto failed
:no-error`;

/** The labels that `enterDirectory` and `CHECK_OUTPUT` go to. */
export const failures = (first: string) => `
:failed
${first}
if not %errorNumber%==x set number=, number %errorNumber%
call :say program-failed
${Object.entries(msMailNumbers)
	.map(
		([number, text]) => `if %errorNumber%==${number} echo ${number}: ${text}`,
	)
	.join("\n")}
call :print-output
goto fail
${endings(["no-drive", "no-directory", "no-program"], `cd /d %work%\n${first}`)}
${endings(["not-begun"])}`;

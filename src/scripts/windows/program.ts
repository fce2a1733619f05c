import type { Program } from "../../model/cutover-plan";
import type { OnUncertain } from "../../model/host";
import type { StepCommands } from "../../protocol/commands";
import { message } from "../../protocol/outcomes";
import { createScript } from "./batch";
import { msMailNumbers } from "./ms-mail-errors";
import { stepCommands } from "./step";
import { endings, TELL } from "./subroutines";

/** One of MS Mail's programs on one post office. */
export interface ProgramOptions {
	/** The post office's name, for messages. */
	postOffice: string;
	/** See `postOfficeRecord`. */
	record: string;
	program: Exclude<Program, "import">;
	/** Its last word: `-t` sends, `-r` receives, `-f` asks no question. */
	flag: "-t" | "-r" | "-f";
	drive: string;
	directory: string;
	launcher: string | undefined;
	/** See `kickToken`. */
	token: string;
	/** What to do when an earlier attempt's outcome is unknown. */
	onUncertain: OnUncertain;
}

/** A rebuild of some 10,000 names takes nearly an hour, one of over 100,000 several (WA0725). In seconds. */
export const PROGRAM_LIMIT_SECONDS = 8 * 60 * 60;

/**
 * The commands of a step. A program that sends is run once for each token: it leaves an intent before and a receipt
 * afterwards, for a second T1 or T2 is not harmless (Q142841). One that receives finds nothing left the second time, and
 * is simply run again.
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

/** As in the KB: SRVMAIN takes its flag first in Q148309, the others the drive. */
const commandLine = ({ launcher, program, drive, flag }: ProgramOptions) => {
	const words =
		program === "srvmain" ? [flag, `-d${drive}`] : [`-d${drive}`, flag];
	return [launcher, program, ...words].filter(Boolean).join(" ");
};

const body = (options: ProgramOptions) => {
	const { postOffice, program, flag, drive, directory, launcher } = options;
	const { token, onUncertain } = options;
	const step = stepName(options);
	const sends = flag === "-t";
	return `
set A=%3
set C=${token}
set U=${onUncertain}
set mine=
${enterDirectory(drive, directory, launcher, program)}
cd /d %dx%
${sends ? once(program) : ""}
cd /d "${directory}"
%call% ${commandLine(options)} >%dx%\\o.txt 2>%dx%\\e.txt
${CHECK_OUTPUT}
${sends ? write(program, "done", "record-not-written") : ""}
echo began %A%
call :tell
goto good

${failures(postOffice, step, sends ? "call :close" : "")}
${sends ? CLOSE(program) : ""}
${sends ? endings(postOffice, step, ["program-unknown", "record-not-written"]) : ""}
${TELL}`;
};

/**
 * Goes where the programs are, and fails where the drive, the folder, the program or the launcher is not there. Sets call
 * for what is a batch file: without CALL such a one would not come back, and with it a program that is missing leaves a
 * number that says nothing. So only a launcher that says so by its ending is taken for one.
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
set there=
set call=
for %%f in (exe com bat cmd) do if exist ${program}.%%f set there=1
if not defined there goto no-program
${launcher ? findLauncher(launcher) : FIND_BATCH(program)}`;

const FIND_BATCH = (program: string) => `
for %%f in (bat cmd) do if exist ${program}.%%f set call=call
for %%f in (exe com) do if exist ${program}.%%f set call=`;

/** One that is named with a path, or is a batch file, is looked for; any other by whether it runs. */
function findLauncher(launcher: string): string {
	const isBatch = /\.(bat|cmd)$/i.test(launcher);
	const hasEnding = isBatch || /\.(exe|com)$/i.test(launcher);
	const names = hasEnding
		? [launcher]
		: ["exe", "com"].map((ending) => `${launcher}.${ending}`);
	return [
		isBatch ? "set call=call" : "",
		...(isBatch || /[\\:]/.test(launcher)
			? [
					"set there=",
					...names.map((name) => `if exist ${name} set there=1`),
					"if not defined there goto no-program",
				]
			: []),
	].join("\n");
}

/** One value for each program of the record: the other cutovers of a post office have other records. */
const mark = (state: "open" | "done", program: string) =>
	`dx-step:${state} ${program} %C% `;

/** Writes intent or receipt and reads it back. */
const write = (program: string, state: "open" | "done", lost: string) => `
call :begin [%R%]
>>w.reg echo "${program}"="${mark(state, program)}%A%;"
call :import
call :record
%find% "${mark(state, program)}%A%;" r.txt >nul
if errorlevel 1 goto ${lost}`;

/** Only the intent of this very run: one that an earlier run left open stays a question. */
const CLOSE = (program: string) => `
:close
if not defined mine goto :eof
call :begin [%R%]
>>w.reg echo "${program}"="dx-step:none;"
call :import
goto :eof`;

/** Goes on where the program is to be run: what is not found leads to that, so FIND's own failure must not pass for it. */
const once = (program: string) => `
call :record
%find% "[HKEY" r.txt >nul
if errorlevel 1 goto record-not-written
%find% "${mark("done", program)}" r.txt >nul
if errorlevel 2 goto record-not-written
if not errorlevel 1 goto already
%find% "dx-step:open ${program} " r.txt >nul
if errorlevel 2 goto record-not-written
if errorlevel 1 set mine=1
if defined mine goto intend
if %U%==fail goto program-unknown
if %U%==accept goto accept
echo run again although the outcome of an earlier attempt is unknown
goto intend
:accept
${write(program, "done", "record-not-written")}
echo began %A%
echo accepted as done, the outcome of an earlier attempt is unknown
goto good
:already
%find% "${mark("done", program)}" <r.txt
echo was already run, nothing was done now
goto good
:intend
${write(program, "open", "record-not-written")}`;

/** Sets hit where that token of a line in m.txt is a number of MS Mail. */
const number = (token: string) =>
	`for /f "tokens=${token}" %%n in (m.txt) do for /l %%i in (1,1,400) do if "%%n"=="%%i" set hit=%%i`;

/**
 * Goes on where the program's output in o.txt reports no error, else to failed, hit being the number or x where there is
 * none that can be told. Exit codes are undocumented or mean nothing (Q112204, Q148771). That a program did not begin is
 * told by the number 9009, or by the words of cmd.exe: they come by STDERR, where MS Mail's programs say nothing, and then
 * o.txt is empty. As only the number is certain, an intent stays open behind the words.
 *
 * The KB has errors as `Fatal[150] ...`, `Fatal [ 40] ...` (Q119017) and `Fatal 113` (Q130449), with or without a name before.
 * The last of the three tokens that are tried is the surest.
 */
export const CHECK_OUTPUT = `
if errorlevel 9009 goto no-program
cd /d %dx%
call :home
if defined lost goto bad
for %%f in (o e) do (%find% "FORCEDOS: " %%f.txt >nul&if not errorlevel 1 goto no-program)
set hit=
%find% /v "" o.txt >nul
if not errorlevel 1 set hit=1
%find% /v "" e.txt >nul
if errorlevel 1 set hit=1
if not defined hit goto not-begun
set hit=
for %%k in ("Fatal[" "Fatal [" "Error[" "Error [") do (%find% /i %%k o.txt >nul&if not errorlevel 1 set hit=x)
%find% /i "Fatal" <o.txt >m.txt
if defined hit %find% /i "Error" <o.txt >>m.txt
${["3 delims=[] ", "2 delims=[] ", "2 delims=[]"].map(number).join("\n")}
if not defined hit goto judged
goto failed
:judged`;

/** Where the two above go. */
export const failures = (host: string, step: string, first: string) => `
:failed
${first}
if not %hit%==x set Q=, number %hit%
echo ${message(host, step, "program-failed", "%Q%")}
${Object.entries(msMailNumbers)
	.map(([number, text]) => `if %hit%==${number} echo ${number}: ${text}`)
	.join("\n")}
call :tell
goto bad
${endings(host, step, ["no-drive", "no-directory", "no-program"], `cd /d %dx%\n${first}`)}
${endings(host, step, ["not-begun"])}`;

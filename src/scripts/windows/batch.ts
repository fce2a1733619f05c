import type { RegistryTool } from "../../model/host";
import { digest, END_MARK, HOST_RECORD_KEY } from "../../protocol/host-record";
import { sectionHeader } from "../../protocol/inspection";
import {
	message,
	messageParts,
	type OutcomeCode,
	outcomes,
} from "../../protocol/outcomes";
import { DURATION_PREFIX } from "../../protocol/step-output";
import { callFromFile, callFromStdin, TURNED_AWAY } from "./loader";
import { SUBROUTINES, SUCCESS, withSubroutines } from "./subroutines";

/*
 * The builder of every script that runs on a Windows host. The scripts use only what the cmd.exe of NT 4, of current
 * Windows and of Wine have in common: no `exit /b`, no delayed expansion, no `if` after an `if`, and redirections first
 * on a line that ends in data.
 *
 * Foreign data (registry contents, output of net.exe) stays in files or in FOR variables. These are expanded after a
 * line has been parsed, so nothing in them can run.
 *
 * Where the result of FIND decides, FIND gets the name of the file instead of its contents on stdin. A redirection that
 * fails, for example on a full disk, would leave the errorlevel of the command before.
 *
 * Variables, in several scripts or not plain by their names:
 *
 *   work            the work folder; %work%.lck is the lock
 *   script          the file of the script
 *   hostName, step  for messages
 *   startedAt       when the step began, ISO 8601; startedHex: the same in hexadecimal seconds
 *   serviceKey      the registry key of the service
 *   recordKey       the registry key of the script's record; recordPath: without HKEY_LOCAL_MACHINE, for an INF file
 *   registryTool    reg or regedit; regImport: the command that imports a .reg file
 *   number          for messages: `, Windows <number>` or `, number <number>`; empty if there is none
 *   uncertain       text for the evidence if the outcome of an earlier attempt is unknown, else not defined
 *   locked          whether another process holds the file that was opened
 *
 * Results of subroutines:
 *
 *   exported        the key was exported: it exists, and lines.txt has the lines of the export
 *   exists          the key was read: it exists, and values.txt has all its lines
 *   compliant       the value is REG_DWORD 1
 *   found           the number that was found in the answer
 *   cannotStart     the service would not start again
 *   restartPending  an earlier run left a restart pending: the service is started even if it is stopped
 *   restartNeeded   a restart is pending, from an earlier run or from this one
 *   restarted       this run restarts or starts the service
 *   wrongFolder     the present folder is not the work folder
 *
 * Files in the work folder:
 *
 *   result.txt      all output of the work, for the run that waits
 *   here.txt        test of the work folder
 *   output.txt      output of the last program; errors.txt: stderr of an MS Mail program
 *   started.txt     output of `net start` that shows whether the service runs
 *   export.reg      export of a key; export.txt: the same as text; lines.txt: with numbered lines
 *   values.txt      the lines of the key that was last read, without subkeys, and a last line that shows that it is complete
 *   value.txt       data of PauseKicksDX in the service's key; previous.txt: in the record
 *   time.txt        the time of day, or the time at which an earlier kick began
 *   lines.txt       also lines of an output that are evaluated next
 *   write.reg       what is imported next; 3539.reg, 2140.reg: the receipt for each answer to a pause
 *   delete.inf      what :run-inf deletes
 *   found.txt       wait: the lines that contain the string; seconds.txt: the seconds left
 *   service.txt     inspection: the service's key; record.txt: the record; state.txt: the state of the service
 *   tmp             temporary folder of IMPORT's session
 */

/** The last line of each script, with its digest. A script that arrives without it is incomplete and does not run. */
const endLine = (name: string) => `rem ${END_MARK} ${name}`;

/** Seconds that a run may take before it is abandoned. Stop, start and pause take up to a minute each. */
const TIME_LIMIT_SECONDS = 180;

/** The registry key of the service. */
export const SERVICE_KEY =
	"HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX";

/** A script for one host: its stdin and the command that runs it. */
export interface Script {
	stdin: string;
	/**
	 * @param args the arguments of the body, from %3 on; with several verbs the verb is first
	 * @param work the work folder; a folder other than the default does not use the host's lock
	 */
	command: (args: readonly string[], work?: string) => string;
	/**
	 * Runs the copy of the script that an earlier run left in that file. Stdin is then free for the script's own input.
	 */
	saved: (file: string, args: readonly string[]) => string;
}

/** What differs between scripts apart from their work. */
export interface ScriptOptions {
	/** The registry tool: `auto`, `reg` or `regedit`. @default auto */
	registryTool?: RegistryTool;
	/** A change of it changes the script, and so its command, and nothing else. @default none */
	edition?: string;
	/** The registry key of this script's record. @default the host record */
	record?: string;
	/** The time limit of all verbs, in seconds. @default 180 */
	limit?: number;
	/** The file in the work folder that gets the remaining seconds. @default none */
	counts?: string;
	/**
	 * The verb whose input is on stdin, and its own time limit in seconds. @default none
	 */
	reads?: { verb: string; limit: number };
	/**
	 * For a script that only inspects and does not write to the registry, its record included: the files to print on
	 * success, by the names of their sections. They are printed unchanged and contain foreign text, so the caller must
	 * read bytes. @default none
	 */
	shows?: Readonly<Record<string, string>>;
}

/**
 * Creates a script.
 *
 * @param step for messages, like the name of the host
 * @param body the work; ends with `goto succeed` or `goto fail`
 */
export function createScript(
	host: string,
	step: string,
	body: string,
	options: ScriptOptions = {},
): Script {
	// Comments and blank lines are removed. Lines that are only read follow at the end.
	const own = [
		HEAD,
		options.edition ? `set edition=${options.edition}` : "",
		prelude(host, step, options),
		body,
	].join("\n");
	const lines = withSubroutines(own, SUBROUTINES)
		.split("\n")
		.map((line) => line.trim())
		.filter((line) => line !== "" && !/^rem\b/i.test(line));
	// The first such line is that of HEAD, which precedes the user's text.
	lines[lines.indexOf(SKIP)] = `${SKIP}${lines.length}`;
	lines.push(...messageLines(lines));
	for (const code of Object.keys(TURNED_AWAY) as (keyof typeof TURNED_AWAY)[])
		lines.push(message(host, step, code));
	const name = digest(lines).slice(0, 6);
	return {
		// CRLF: in a file without it cmd.exe does not find all labels.
		stdin: [...lines, endLine(name), ""].join("\r\n"),
		command: (args, work) => callFromStdin([name, ...args], work),
		saved: (file, args) => callFromFile(file, [name, ...args]),
	};
}

/** The messages of the outcomes that a script can print, once each, in the form that `:say` reads. */
function messageLines(lines: readonly string[]): string[] {
	const called = lines.flatMap((line) =>
		[...line.matchAll(/\bcall :[a-z-]+ ([a-z0-9-]+)/g)].map(([, code]) => code),
	);
	return (Object.keys(outcomes) as OutcomeCode[])
		.filter((code) => called.includes(code))
		.map((code) => {
			const { problem, remedy } = messageParts(code);
			return `${code}|${problem}|${remedy}`;
		});
}

/** Sets the number of the script's lines before its messages. */
const SKIP = "set skip=";

/**
 * The beginning of a script. It returns to the loader if it does not contain its own last line: it is incomplete, or it is
 * another one, for example of an earlier run. A FIND that could not start has a negative errorlevel. The second run of the
 * same file (see `prelude`) has the variables of the first one and needs no second check.
 */
const HEAD = `
@echo off
if %2==work goto work
set work=%d_%
set find=%SystemRoot%\\system32\\find
set script=%0
${SKIP}
set end=${END_MARK}
%find% "rem %end% %1" %0 >nul
if errorlevel 1 goto :eof
if not errorlevel 0 goto :eof
rem NT 4 supports neither a number after EXIT nor %CD%. Its exit code is that of the last program.
set exitOk=exit 0
set exitFailed=exit 1
if "%CD%"=="" set exitOk=exit
if "%CD%"=="" set exitFailed=exit
`;

/**
 * Every script runs twice: the first run waits, and the second one works in the background, so that a program that
 * hangs does not hold the session.
 *
 * 1. The first run checks that the lock is exclusive and that the work folder is writable, and clears that folder.
 * 2. It starts the second run with the verb `work` and its output in result.txt.
 * 3. It tries to open result.txt every second. No other process can open that file until the work and all its children
 *    have ended.
 * 4. At the time limit it abandons the work, which nothing on NT 4 could end. The work keeps the lock.
 * 5. After the end of the work it prints the output, deletes the files and exits, with 0 if the work printed SUCCESS.
 *
 * The second run begins at `:work`. The arguments of every script are its name, then its own.
 *
 * The record is read last, so every body begins with it in values.txt.
 *
 * - `reg` is used only if it responds as in Windows XP and later: the Resource Kit's has another syntax. If it exports the
 *   record, it does.
 * - regedit may show a question if the key to export does not exist, so the record's key is created first. From then on
 *   a record that cannot be read is an error, not an absent record.
 */
const prelude = (
	host: string,
	step: string,
	{
		record = HOST_RECORD_KEY,
		limit = TIME_LIMIT_SECONDS,
		registryTool = "auto",
		counts,
		reads,
		shows,
	}: ScriptOptions,
) => `
set net=%SystemRoot%\\system32\\net
set ping=%SystemRoot%\\system32\\ping
set reg=%SystemRoot%\\system32\\reg
set regedit=%SystemRoot%\\regedit
set hostName=${host}
set step=${step}
set number=
set locked=1
>>%work%.lck set locked=
if not defined locked goto not-exclusive
md %work%
>%work%\\here.txt echo.
if not exist %work%\\here.txt goto no-folder
call :clear-folder
if exist %work%\\result.txt goto no-folder
${
	reads
		? `if %2==${reads.verb} start "" /b %ComSpec% /c %0 %1 work %2 %3 >%work%\\result.txt
if not %2==${reads.verb} start "" /b %ComSpec% /c %0 %1 work %2 %3 >%work%\\result.txt <nul`
		: 'start "" /b %ComSpec% /c %0 %1 work %2 %3 >%work%\\result.txt <nul'
}
set secondsLeft=${limit}
${reads ? `if %2==${reads.verb} set secondsLeft=${reads.limit}\nset secondsMax=%secondsLeft%` : ""}
:wait
${counts ? `>%work%\\${counts} echo %secondsLeft%` : ""}
%ping% -n 2 127.0.0.1 >nul
set locked=1
>>%work%\\result.txt set locked=
if not defined locked goto ended
set /a secondsLeft=secondsLeft-1
if not %secondsLeft%==0 goto wait
call :say time-limit
%find% "~" nul >nul&%exitFailed%
:not-exclusive
call :say not-exclusive
goto abort
:no-folder
set code=lock
%find% "[no-%code%]" <%0
goto abort
:ended
set succeeded=
for /f "tokens=1 delims=, " %%w in (%work%\\result.txt) do if %%w==${SUCCESS} set succeeded=1
if defined succeeded goto finish
type %work%\\result.txt
%find% "[" %work%\\result.txt >nul
if errorlevel 1 call :say interrupted
call :clear-folder
rd %work%
:abort
del %work%.cmd&%find% "~" nul >nul&%exitFailed%
:finish
set /a secondsLeft=${reads ? "secondsMax" : limit}+1-secondsLeft
echo ${DURATION_PREFIX}%secondsLeft% s
%find% /v "${SUCCESS}" <%work%\\result.txt
${shows ? show(shows) : ""}
call :clear-folder
rd %work%
del %work%.cmd&%ComSpec% /c rem&%exitOk%

:work
cd /d %work%
call :check-folder
if defined wrongFolder call :end wrong-folder
set serviceKey=${SERVICE_KEY}
set recordKey=${record}
set recordPath=${record.replace("HKEY_LOCAL_MACHINE\\", "")}
set registryTool=${registryTool}
${shows ? detect(registryTool) : readRecord(registryTool)}
`;

/** Tests whether `reg` responds as in Windows XP and later, unless a tool is chosen. */
const detect = (registryTool: RegistryTool) =>
	registryTool === "auto"
		? `set registryTool=regedit
%reg% query %serviceKey% /v Start >output.txt
for /f "tokens=2" %%t in (output.txt) do if %%t==REG_DWORD set registryTool=reg`
		: "";

/** Reads the record, and creates its key first if it does not exist. */
const readRecord = (registryTool: RegistryTool) => `
${registryTool === "auto" ? "set registryTool=reg" : ""}
set regImport=%reg% import
${registryTool === "regedit" ? "" : "call :read-record\nif defined exists goto begin"}
${detect(registryTool)}
if %registryTool%==regedit set regImport=start /wait %regedit% /s
call :begin-reg [%recordKey%]
call :import-reg
call :read-record
${registryTool === "regedit" ? "" : ":begin"}
`;

/** Prints each file after a line with its name, then a last such line without a file. */
const show = (files: Readonly<Record<string, string>>) =>
	[
		...Object.entries(files).map(
			([name, file]) =>
				`echo ${sectionHeader(name)}\nif exist %work%\\${file} type %work%\\${file}\necho.`,
		),
		`echo ${sectionHeader("end")}`,
	].join("\n");

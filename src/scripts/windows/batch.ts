import type { RegistryTool } from "../../model/host";
import { digest, HOST_RECORD_KEY } from "../../protocol/host-record";
import { sectionHeader } from "../../protocol/inspection";
import { message } from "../../protocol/outcomes";
import { DURATION_PREFIX } from "../../protocol/step-output";
import { callFromFile, callFromStdin, TURNED_AWAY } from "./loader";
import { EXITS, GOOD, READ, WRITE } from "./subroutines";

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
 * Variables of the scripts:
 *
 *   A, B   when the step began: ISO 8601, and in hexadecimal seconds (kick)
 *   C      kick: name of the cycle; program: token; enforce: `cycle` or `none`, whether a cycle is declared
 *   D      onDestroy
 *   E      :value: line number of the second key in the export
 *   F      kick: 60 - G; post office: the file that holds the copy of the script
 *   G      guard: minutes around the full hour (M: the present minute)
 *   H      set if the guard t3BeforeT2 is on
 *   I      command that imports a .reg file
 *   J      the record's key without HKEY_LOCAL_MACHINE, for an INF file
 *   K      registry key of the service
 *   L      :setup: the INF line that names what to delete; kick: set if the T2 has to be recorded as open
 *   N      kick: token; post office: run of the cutover; inspect: work folder of an earlier inspection
 *   O, S   owner; stack
 *   P      cycle type: T1 or T2
 *   Q      number for messages: `, Windows <number>` or `, number <number>`
 *   R      registry key of the script's record
 *   T      registry tool: reg or regedit
 *   U      onUncertain
 *   V      verb of the command
 *   W      text for the evidence if the outcome of an earlier attempt is unknown, else not defined
 *   X, Y   enforce: data of the value, with and without quotes
 *
 * Results of subroutines:
 *
 *   there  the exported key exists
 *   on     the value is REG_DWORD 1
 *   hit    a number was found
 *   stuck  the service would not start again
 *   was    this run restarts or starts the service
 *   late   an earlier run left a restart pending: the service is started even if it is stopped
 *   owed   a restart is pending, from an earlier run or from this one
 *   lost   the present folder is not the work folder
 *
 * Files. The loader makes %dx%.cmd (the script) and %dx%.lck (the lock). The others are in the work folder %dx%:
 *
 *   out.txt     all output of the work, for the run that waits
 *   here.txt    test of the work folder
 *   o.txt       output of the last program
 *   a.txt       output of `net start` that shows whether the service runs
 *   e.txt       stderr of an MS Mail program
 *   x.reg       export of a key; x.txt: the same as text
 *   r.txt       the record, as last exported
 *   v.txt       data of PauseKicksDX in the service's key
 *   p.txt       data of PauseKicksDX in the record; wait: the lines that were found
 *   d.txt       data of another value of the service
 *   k.txt       lines that FIND found; kick: also the time; inspect: the service's key; :tell: characters to check
 *   m.txt       :value: values of the key itself; program: lines with errors
 *   s.txt       :value: lines with key names; inspect: state of the service; wait: seconds left
 *   w.reg       what is imported next; 3539.reg, 2140.reg: the receipt for each answer to a pause
 *   w.inf       what :setup deletes
 *   tmp         temporary folder of IMPORT's session
 */

/** The last line of each script, with its digest. A script that arrives without it is incomplete and does not run. */
const endLine = (name: string) => `rem dx-end ${name}`;

/** Seconds that a run may take before it is abandoned. Stop, start and pause take up to a minute each. */
const TIME_LIMIT_SECONDS = 180;

/** The registry key of the service. */
export const SERVICE_KEY =
	"HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX";

/** GOTO compares only the first eight characters of a label, so codes with the same beginning get other labels. */
const LABELS = {
	"not-running-after": "stopped-after",
	"program-unknown": "asks-about-program",
} as const;
const JUMP = new RegExp(
	`(goto |^:)(${Object.keys(LABELS).join("|")})(?![\\w-])`,
	"g",
);

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
 * @param body the work; ends with `goto good` or `goto bad`
 */
export function createScript(
	host: string,
	step: string,
	body: string,
	options: ScriptOptions = {},
): Script {
	// Comments and blank lines are removed. Lines for the loader only follow at the end.
	const subroutines = options.shows ? READ : WRITE + READ;
	const lines = [
		HEAD,
		options.edition ? `set edition=${options.edition}` : "",
		prelude(host, step, options),
		...[body, subroutines, EXITS],
	]
		.join("\n")
		.split("\n")
		.map((line) => line.trim())
		.filter((line) => line !== "" && !/^rem\b/i.test(line));
	for (const [index, line] of lines.entries())
		lines[index] = line.replace(
			JUMP,
			(_, to, code) => to + LABELS[code as keyof typeof LABELS],
		);
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

/**
 * The beginning of a script. It returns to the loader if it does not contain its own last line: it is incomplete, or it is
 * another one, for example of an earlier run. A FIND that could not start has a negative errorlevel.
 */
const HEAD = `
@echo off
set dx=%d_%
set find=%SystemRoot%\\system32\\find
set end=dx-end
%find% "rem %end% %1" %0 >nul
if errorlevel 1 goto :eof
if not errorlevel 0 goto :eof
rem NT 4 supports neither a number after EXIT nor %CD%. Its exit code is that of the last program.
set bye=exit 0
set sad=exit 1
if "%CD%"=="" set bye=exit
if "%CD%"=="" set sad=exit
`;

/**
 * Every script runs twice: the first run waits, and the second one works in the background, so that a program that
 * hangs does not hold the session.
 *
 * 1. The first run checks that the lock is exclusive and that the work folder is writable, and clears that folder.
 * 2. It starts the second run with the verb `work` and its output in out.txt.
 * 3. It tries to open out.txt every second. No other process can open that file until the work and all its children
 *    have ended.
 * 4. At the time limit it abandons the work, which nothing on NT 4 could end. The work keeps the lock.
 * 5. After the end of the work it prints the output, deletes the files and exits, with 0 if the work printed GOOD.
 *
 * The second run begins at `:work`. The arguments of every script are its name, then its own.
 *
 * - `reg` is used only if it responds as in Windows XP and later: the Resource Kit's has another syntax.
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
if %2==work goto work
set alone=1
>>%dx%.lck set alone=
if not defined alone goto not-exclusive
md %dx%
>%dx%\\here.txt echo.
if not exist %dx%\\here.txt goto no-folder
call :sweep
if exist %dx%\\out.txt goto no-folder
${
	reads
		? `if %2==${reads.verb} start "" /b %ComSpec% /c %0 %1 work %2 %3 >%dx%\\out.txt
if not %2==${reads.verb} start "" /b %ComSpec% /c %0 %1 work %2 %3 >%dx%\\out.txt <nul`
		: 'start "" /b %ComSpec% /c %0 %1 work %2 %3 >%dx%\\out.txt <nul'
}
set left=${limit}
${reads ? `if %2==${reads.verb} set left=${reads.limit}\nset most=%left%` : ""}
:wait
${counts ? `>%dx%\\${counts} echo %left%` : ""}
%ping% -n 2 127.0.0.1 >nul
set open=1
>>%dx%\\out.txt set open=
if not defined open goto ended
set /a left=left-1
if not %left%==0 goto wait
echo ${message(host, step, "time-limit")}
%find% "~" nul >nul&%sad%
:not-exclusive
echo ${message(host, step, "not-exclusive")}
goto turned-back
:no-folder
set no=lock
%find% "[no-%no%]" <%0
goto turned-back
:ended
set good=
for /f "tokens=1 delims=, " %%w in (%dx%\\out.txt) do if %%w==${GOOD} set good=1
if defined good goto told
type %dx%\\out.txt
%find% "[" %dx%\\out.txt >nul
if errorlevel 1 echo ${message(host, step, "broken-off")}
call :sweep
rd %dx%
:turned-back
del %dx%.cmd&%find% "~" nul >nul&%sad%
:told
set /a left=${reads ? "most" : limit}+1-left
echo ${DURATION_PREFIX}%left% s
%find% /v "${GOOD}" <%dx%\\out.txt
${shows ? show(shows) : ""}
call :sweep
rd %dx%
del %dx%.cmd&%ComSpec% /c rem&%bye%

:work
cd /d %dx%
call :home
if defined lost echo ${message(host, step, "wrong-folder")}
if defined lost goto bad
set T=${registryTool}
set K=${SERVICE_KEY}
set R=${record}
set J=${record.replace("HKEY_LOCAL_MACHINE\\", "")}
set Q=
if not %T%==auto goto tool
set T=regedit
%reg% query %K% /v Start >o.txt
%find% "REG_DWORD" o.txt >nul
if not errorlevel 1 set T=reg
:tool
set I=start /wait %regedit% /s
if %T%==reg set I=%reg% import
${
	shows
		? ""
		: `call :begin [%R%]
call :import`
}
`;

/** Prints each file after a line with its name, then a last such line without a file. */
const show = (files: Readonly<Record<string, string>>) =>
	[
		...Object.entries(files).map(
			([name, file]) =>
				`echo ${sectionHeader(name)}\nif exist %dx%\\${file} type %dx%\\${file}\necho.`,
		),
		`echo ${sectionHeader("end")}`,
	].join("\n");

import { digest, HOST_RECORD_KEY, marker } from "../../protocol/host-record";
import { part } from "../../protocol/inspection";
import {
	ALREADY_STARTED,
	KICKED,
	message,
	NOT_STARTED,
	type OutcomeCode,
	outcomes,
} from "../../protocol/outcomes";
import { TOOK } from "../../protocol/step-output";

/*
 * What every script on a Windows host is made of. The scripts keep to what NT 4's cmd.exe, today's and Wine's have in
 * common: no `exit /b`, no delayed expansion, no `if` behind an `if`, redirections first on a line that ends in data.
 * Foreign data (registry contents, answers of net.exe) stays in files or in FOR variables, which are expanded after a
 * line has been parsed: nothing in them can run. FIND is given the name of a file and not its contents wherever its
 * answer decides: a redirection that fails, on a full disk say, leaves the errorlevel of the command before.
 */

/** The last line of each script, by its digest: one that arrives without it is not run. */
const endOf = (name: string) => `rem dx-end ${name}`;

/** The last line of a run that did all it had to. */
const GOOD = "dx-good";

/**
 * The folder that holds a run's files while it is at work, one for all users of the host; beside it, with its name, stand
 * the script (.cmd) and the lock (.lck).
 */
export const WORK = "%SystemRoot%\\dx-work";

/** How long a run may take, in seconds, before it is left behind. Stop, start and pause take up to a minute each. */
const TIME_LIMIT = 180;

export const SERVICE_KEY =
	"HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX";

/** GOTO looks at a label's first eight characters only: codes that begin alike have labels of their own. */
const LABELS = {
	"not-running-after": "stopped-after",
	"program-unknown": "asks-about-program",
} as const;
const JUMP = new RegExp(
	`(goto |^:)(${Object.keys(LABELS).join("|")})(?![\\w-])`,
	"g",
);

/** One script for one host: what travels to it, and the command that runs it there. */
export interface Script {
	stdin: string;
	/**
	 * @param args what the body reads from %3 on; the verb first, where there are several
	 * @param work the folder to work in, another one where the host's lock is not to be held
	 */
	command: (args: readonly string[], work?: string) => string;
	/** Runs a copy of the script that an earlier run left in that file: stdin is for the script's own work then. */
	saved: (file: string, args: readonly string[]) => string;
}

/** What differs between scripts beside their work. */
export interface ScriptOptions {
	/** Which registry tool to use: `auto`, `reg` or `regedit`. @default auto */
	registryTool?: string;
	/** A change of it is a change of the command, and nothing else. @default none */
	edition?: string;
	/** The registry key that is this script's record. @default that of an Exchange host */
	record?: string;
	/** Seconds, for all verbs. @default 180 */
	limit?: number;
	/** The file in which the seconds that are left are written down. @default none */
	counts?: string;
	/** The verb, and step for messages, that is given what stands on stdin and has a limit of its own. @default none */
	reads?: { verb: string; limit: number };
	/**
	 * Of a script that only looks, and writes nothing to the registry, its record included: the files that are shown when
	 * all went well, as they are, foreign text and all, by the names of their parts. Only who reads bytes may use it.
	 */
	shows?: Readonly<Record<string, string>>;
}

/**
 * Makes a script.
 *
 * @param step for messages, like the host's name
 * @param body what does the work; ends with `goto good` or `goto bad`
 */
export function scriptOf(
	host: string,
	step: string,
	body: string,
	options: ScriptOptions = {},
): Script {
	// No comments, no blank lines; last the lines that only the loader reads.
	const subroutines = options.shows ? READ : WRITE + READ;
	const lines = [
		head(host, step, options),
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
	const name = digest([...lines, options.edition ?? ""]).slice(0, 6);
	lines[lines.indexOf(IS_MEANT)] = IS_MEANT.replace("?", name);
	return {
		// CRLF: cmd.exe loses labels in files without.
		stdin: [...lines, endOf(name), ""].join("\r\n"),
		command: (args, work = WORK) =>
			loader({ ...fromStdin([name, ...args]), work }),
		saved: (file, args) =>
			loader({ ...fromFile(file, [name, ...args]), work: WORK }),
	};
}

/** Asks whether this is the script that is meant, by its name: a digest of the rest. */
const IS_MEANT = "if not %1==? goto :eof";

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
const TURNED_AWAY = {
	busy: "sy]",
	"no-lock": "o-l",
} as const;

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

/** The end of a script for each outcome that it can reach: `goto <code>` does what is to be done first, says it, fails. */
export function endings(
	host: string,
	step: string,
	codes: readonly OutcomeCode[],
	first = "",
): string {
	return codes
		.map(
			(code) =>
				`:${code}\n${first}\necho ${message(host, step, code, "%Q%")}\ngoto bad`,
		)
		.join("\n");
}

/** `goto <label>` where the answer in o.txt carries one of the numbers of the outcome that it stands for. */
export function branches(labels: Partial<Record<OutcomeCode, string>>): string {
	return Object.entries(labels)
		.map(([code, label]) => {
			const { numbers } = outcomes[code as OutcomeCode];
			return `call :answer ${numbers.join(" ")}\nif defined hit goto ${label}`;
		})
		.join("\n");
}

/** Where :stop-and-start goes when it fails. */
export function restartFailures(to: {
	denied: string;
	"not-stopped": string;
	"not-started": string;
}): string {
	return `
:stop-refused
${branches({ "access-denied": to.denied, "stop-failed": to["not-stopped"] })}
goto ${to["not-stopped"]}
:start-refused
${branches({ "access-denied": to.denied, "start-failed": to["not-started"] })}
goto ${to["not-started"]}
`;
}

/**
 * What a script begins with: it goes back to the loader where it is not the one that is meant, an earlier run's say, and
 * tells where it is not whole. A part of these lines does nothing by itself.
 */
const head = (host: string, step: string, { reads }: ScriptOptions) => `
@echo off
set find=%SystemRoot%\\system32\\find
rem NT 4 knows neither a number behind EXIT nor %CD%; its exit code is that of the last program.
set bye=exit 0
set sad=exit 1
if "%CD%"=="" set bye=exit
if "%CD%"=="" set sad=exit
${IS_MEANT}
set end=dx-end
%find% "rem %end% %1" %0 >nul
if not errorlevel 1 goto whole
${
	reads
		? `if not %2==${reads.verb} echo ${message(host, step, "incomplete")}
if %2==${reads.verb} echo ${message(host, reads.verb, "no-copy")}`
		: `echo ${message(host, step, "incomplete")}`
}
del %dx%.cmd&%find% "~" nul >nul&%sad%
:whole
`;

/**
 * Every script runs twice: once to wait, and within that, in the background, to work, so that a program that hangs does
 * not hold the session. Whether the work still goes on is told by its output file: nobody else can open that until the
 * work and all its children have ended. At the time limit it is left behind, nothing on NT 4 could end it, and it goes
 * on holding the lock.
 *
 * Then what the work begins with. Arguments of every script: its name, then its own. `reg` is trusted only where it
 * answers as Windows XP's and later do: the Resource Kit's has another syntax. regedit may ask a question when told to
 * export a key that does not exist, so the record's key is made first; and from then on a record that cannot be read is
 * an error, not an absent one.
 */
const prelude = (
	host: string,
	step: string,
	{
		record = HOST_RECORD_KEY,
		limit = TIME_LIMIT,
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
echo ${TOOK}%left% s
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

/** Behind a line with its name stands each file; the last of these lines has none. */
const show = (files: Readonly<Record<string, string>>) =>
	[
		...Object.entries(files).map(
			([name, file]) =>
				`echo ${part(name)}\nif exist %dx%\\${file} type %dx%\\${file}\necho.`,
		),
		`echo ${part("end")}`,
	].join("\n");

/** The subroutines of all scripts; they stand behind the script's own `goto good`. Those that write first. */
const WRITE = `
:begin
>w.reg echo REGEDIT4
>>w.reg echo.
>>w.reg echo %1
goto :eof

:import
>>w.reg echo.
%I% w.reg >nul
goto :eof
`;

const READ = `
rem The text of the key %1 in x.txt, and there is set; empty where there is none. Wine's type stops at UTF-16, find
rem converts it.
:export
set there=
for %%f in (x.reg x.txt) do if exist %%f del %%f
if %T%==reg %reg% export %1 x.reg >nul
if %T%==regedit start /wait %regedit% /e x.reg %1
type x.reg >x.txt
%find% "[HKEY" x.txt >nul
if not errorlevel 1 set there=1
if defined there goto :eof
%find% /v "" <x.reg >x.txt
%find% "[HKEY" x.txt >nul
if not errorlevel 1 set there=1
goto :eof

rem The record in r.txt, and there is set.
:record
if exist r.txt del r.txt
call :export %R%
copy x.txt r.txt >nul
goto :eof
`;

/** What is asked of the service and of its key, for those who look after it. */
export const SERVICE = `
rem The data of the value %2 as x.txt has it, in the file %1; no file where the key itself has no such value. Subkeys
rem follow their key, so what stands behind the second header is not ours.
:value
if exist %1 del %1
if exist m.txt del m.txt
%find% /n /i "%2" <x.txt >k.txt
%find% /n "[HKEY_" <x.txt >s.txt
set E=
for /f "skip=1 delims=[]" %%n in (s.txt) do call :edge %%n
if not defined E set E=9999999
for /f "tokens=1,2,* delims=[]=" %%a in (k.txt) do (call :within %%a&if defined in >>m.txt echo %%b=%%c)
if not exist m.txt goto :eof
for /f "tokens=1,* delims==" %%a in (m.txt) do if /i %%a=="%2" >%1 echo %%b
goto :eof

rem NT 4 is said to misjudge a comparison inside FOR.
:within
set in=
if %1 LSS %E% set in=1
goto :eof

:edge
if not defined E set E=%1
goto :eof

rem Sets on to 1 where the service's key, as last exported, has REG_DWORD 1; its data goes to v.txt.
:compliant
call :export %K%
call :value v.txt PauseKicksDX
set on=
if not exist v.txt goto :eof
for /f "delims=" %%v in (v.txt) do if %%v==dword:00000001 set on=1
goto :eof

rem Sets stuck where the service's key says that the service would not start again: it is disabled, marked for deletion, or
rem names no program. What it depends on runs, as long as it does.
:startable
set stuck=
call :export %K%
call :value d.txt Start
if exist d.txt for /f "delims=" %%d in (d.txt) do if %%d==dword:00000004 set stuck=1
call :value d.txt DeleteFlag
if exist d.txt for /f "delims=" %%d in (d.txt) do if %%d==dword:00000001 set stuck=1
call :value d.txt ImagePath
if not exist d.txt set stuck=1
goto :eof

rem Sets hit, and Q for the message, where the answer in o.txt carries one of the given numbers. A short number
rem needs its space behind it; a long one may end a sentence.
:answer
set hit=
for %%n in (%*) do (%find% " %%n" o.txt >nul&if not errorlevel 1 set hit=%%n)
if "%hit%"=="5" (set hit=&for %%n in (" 5 " " 5.") do (%find% %%n o.txt >nul&if not errorlevel 1 set hit=5))
if defined hit set Q=, Windows %hit%
goto :eof

rem Restarts the service if it runs, or starts it where an earlier run stopped it and got no further (late); was says
rem whether it did. In every language, "not started" is the proof that it has stopped and "already started" that it
rem runs: stop is asked again until it says so.
:stop-and-start
set was=%late%
set tries=0
:stop
%net% stop MSExchangeDX >o.txt 2>&1
call :answer ${NOT_STARTED.join(" ")}
set Q=
if defined hit goto stopped
call :answer ${outcomes["access-denied"].numbers.join(" ")}
if defined hit goto stop-refused
rem No answer at all: it could not be written, and asking again will not help.
%find% /v "" o.txt >nul
if errorlevel 1 goto stop-refused
set was=1
set /a tries=tries+1
if %tries%==30 goto stop-refused
if not %tries%==1 %ping% -n 3 127.0.0.1 >nul
goto stop
:stopped
if not defined was goto :eof
%net% start MSExchangeDX >o.txt 2>&1
%net% start MSExchangeDX >a.txt 2>&1
%find% " ${ALREADY_STARTED}" a.txt >nul
if not errorlevel 1 goto :eof
type a.txt >>o.txt
goto start-refused
`;

/**
 * `call :forget` removes the record's key, or goes to not-restored; `call :setup` deletes what L names. The file makes the
 * key anew so that regedit is never asked to export a key that is not there; where [-KEY] is not understood, setup's own
 * language is.
 */
export const FORGET = `
:forget
call :begin [-%R%]
>>w.reg echo [%R%]
call :import
call :export %R%
%find% "${marker.anyOwner}" x.txt >nul
if errorlevel 1 goto forgotten
set L=HKLM,"%J%"
call :setup
call :begin [%R%]
call :import
call :export %R%
%find% "${marker.anyOwner}" x.txt >nul
if not errorlevel 1 goto not-restored
call :setup
goto :eof
:forgotten
call :begin [-%R%]
call :import
goto :eof

:setup
>w.inf echo [Version]
>>w.inf echo Signature="$Windows NT$"
>>w.inf echo [DefaultInstall]
>>w.inf echo DelReg=d
>>w.inf echo [d]
>>w.inf echo %L%
start /wait %SystemRoot%\\system32\\rundll32 setupapi.dll,InstallHinfSection DefaultInstall 128 %dx%\\w.inf
goto :eof
`;

/**
 * `call :tell` prints o.txt where it is ASCII all through, and else says that it is not: one byte that is not UTF-8 fails
 * a step that succeeded. What is left of each line without letters and digits is written to a file, then looked at without
 * the other signs, a tab among them and a quotation mark not; Wine takes no more than 66 delimiters.
 */
export const TELL = `
:tell
set foreign=
if exist k.txt del k.txt
for /f "tokens=1-25* delims=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789[]; " %%a in (o.txt) do >>k.txt echo x%%a%%b%%c%%d%%e%%f%%g%%h%%i%%j%%k%%l%%m%%n%%o%%p%%q%%r%%s%%t%%u%%v%%w%%x%%y%%z
if exist k.txt for /f "delims=x\t.,;:()<>/\\+-*=_!?#$&'~{|}@%%^\`" %%a in (k.txt) do set foreign=1
if defined foreign goto foreign
for /f "delims=" %%l in (o.txt) do echo %%l
goto :eof
:foreign
echo its output has other signs than ASCII and is not shown, but for the numbers of its messages
for /f "tokens=2 delims=[]" %%n in (o.txt) do for /l %%i in (1,1,400) do if "%%n"=="%%i" echo message [%%i]
goto :eof
`;

/** The two ways in which the work ends; the run that waits for it sweeps up. */
const EXITS = `
:good
echo ${GOOD}
:bad
exit

rem Sets lost where the present folder is not the work folder: there a file comes and goes with the one named in full.
:home
set lost=1
>%dx%\\here.txt echo.
if exist here.txt set lost=
del %dx%\\here.txt
if exist here.txt set lost=1
goto :eof

:sweep
for %%f in (o a d e k m s v p r t x out here) do if exist %dx%\\%%f.txt del %dx%\\%%f.txt
for %%f in (w x ${KICKED.join(" ")}) do if exist %dx%\\%%f.reg del %dx%\\%%f.reg
if exist %dx%\\w.inf del %dx%\\w.inf
if exist %dx%\\tmp rd /s /q %dx%\\tmp
goto :eof
`;

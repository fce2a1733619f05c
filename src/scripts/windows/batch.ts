import type { RegistryTool } from "../../model/host";
import { digest, HOST_RECORD_KEY } from "../../protocol/host-record";
import { sectionHeader } from "../../protocol/inspection";
import { message } from "../../protocol/outcomes";
import { DURATION_PREFIX } from "../../protocol/step-output";
import { callFromFile, callFromStdin, TURNED_AWAY, WORK } from "./loader";
import { EXITS, GOOD, READ, WRITE } from "./subroutines";

/*
 * What every script on a Windows host is made of. The scripts keep to what NT 4's cmd.exe, today's and Wine's have in
 * common: no `exit /b`, no delayed expansion, no `if` behind an `if`, redirections first on a line that ends in data.
 * Foreign data (registry contents, answers of net.exe) stays in files or in FOR variables, which are expanded after a
 * line has been parsed: nothing in them can run. FIND is given the name of a file and not its contents wherever its
 * answer decides: a redirection that fails, on a full disk say, leaves the errorlevel of the command before.
 */

/** The last line of each script, by its digest: one that arrives without it is not run. */
const endLine = (name: string) => `rem dx-end ${name}`;

/** How long a run may take, in seconds, before it is left behind. Stop, start and pause take up to a minute each. */
const TIME_LIMIT_SECONDS = 180;

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
	registryTool?: RegistryTool;
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
export function createScript(
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
		stdin: [...lines, endLine(name), ""].join("\r\n"),
		command: (args, work = WORK) => callFromStdin([name, ...args], work),
		saved: (file, args) => callFromFile(file, [name, ...args]),
	};
}

/** Asks whether this is the script that is meant, by its name: a digest of the rest. */
const IS_MEANT = "if not %1==? goto :eof";

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

/** Behind a line with its name stands each file; the last of these lines has none. */
const show = (files: Readonly<Record<string, string>>) =>
	[
		...Object.entries(files).map(
			([name, file]) =>
				`echo ${sectionHeader(name)}\nif exist %dx%\\${file} type %dx%\\${file}\necho.`,
		),
		`echo ${sectionHeader("end")}`,
	].join("\n");

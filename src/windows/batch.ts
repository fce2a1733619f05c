import { HOST_RECORD_KEY } from "../host-record";
import {
	ALREADY_STARTED,
	NOT_STARTED,
	type OutcomeCode,
	outcomes,
} from "../outcome";

/*
 * What every script on a Windows host is made of. The scripts keep to what NT 4's cmd.exe, today's and Wine's have in
 * common: no `exit /b`, no delayed expansion, no `if` behind an `if`, redirections first on a line that ends in data.
 * Foreign data (registry contents, answers of net.exe) stays in files or in FOR variables, which are expanded after a
 * line has been parsed: nothing in them can run.
 */

/** The last line of each script: a script that arrives without it is not run. */
const END = "rem dx-end";

/** The folder that holds the lock, the script and its files while a run is at work: one for all users of the host. */
const WORK = "%SystemRoot%\\dx-work";

export const SERVICE_KEY =
	"HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX";

/**
 * The command that takes a script from stdin, checks that it is whole and runs it with `args`, while holding the lock
 * of the host.
 *
 * The lock is the file to which the run's stderr goes: no second one can open it until the first and all its children
 * have ended, whatever ended them, and nothing is left to clear. A run that could not take it has not read its stdin;
 * so whoever still finds the script's end there was turned away: because of another run, or, where there is no such
 * file, for want of rights. Exit codes are those of a program (`find`, `cmd`), the only ones that NT 4 knows, and a
 * failure ends with one; each `if` is alone in its parentheses, all that Wine can take. The three messages are bare
 * codes, broken by carets, because the plugin shows this text with every failure.
 */
export function loader(args: readonly string[]): string {
	const host = args[1];
	const run = [
		'cmd /c find /v "" ^>run.cmd',
		`find "${END}" ^<run.cmd ^>nul`,
		`if errorlevel 1 (echo ${host}: [in^^complete]^&del run.cmd^&find "~" nul ^>nul) else call run.cmd ${args.join(" ")} 2>${WORK}\\lock`,
	].join("^&");
	return [
		`md ${WORK} 2>nul&cd /d ${WORK}`,
		run,
		"(if not errorlevel 1 set dxok=1)",
		`(if not exist ${WORK}\\lock set dxno=1)`,
		`del ${WORK}\\lock 2>nul&cd /d %SystemRoot%&rd ${WORK} 2>nul`,
		`find "${END}" >nul`,
		"(if not errorlevel 1 set dxin=1)&(if not defined dxin set dxno=)",
		"(if defined dxin set dxok=)&(if defined dxno set dxin=)",
		`(if defined dxin echo ${host}: [b^usy])&(if defined dxno echo ${host}: [no^-lock])`,
		'(if defined dxok cmd /c rem)&(if not defined dxok find "~" nul >nul)',
	].join("&");
}

/** The end of a script for each outcome that it can reach: `goto <code>` does what is to be done first, says it, fails. */
export function endings(
	step: string,
	codes: readonly OutcomeCode[],
	first = "",
): string {
	return codes
		.map((code) => {
			const { what, todo } = outcomes[code];
			return `:${code}\n${first}\necho %H%, ${step}: ${what} [${code}%Q%]. ${todo}\ngoto bad`;
		})
		.join("\n");
}

/** `goto <code>` where the answer in o.txt carries one of the outcome's numbers. */
export function branches(codes: readonly OutcomeCode[]): string {
	return codes
		.map((code) => {
			const numbers: readonly number[] = outcomes[code].numbers;
			return `call :answer ${numbers.join(" ")}\nif defined hit goto ${code}`;
		})
		.join("\n");
}

/**
 * Sets up what both scripts use. Arguments of every script: verb, host, registry tool.
 *
 * `reg` is trusted only where it answers as Windows XP's and later do: the Resource Kit's has another syntax. regedit
 * may ask a question when told to export a key that does not exist, so the record's key is made first; and from then on
 * a record that cannot be read is an error, not an absent one.
 */
export const PRELUDE = `
@echo off
set V=%1
set H=%2
set T=%3
set K=${SERVICE_KEY}
set R=${HOST_RECORD_KEY}
set Q=
if not %T%==auto goto tool
set T=regedit
reg query %K% /v Start >o.txt
find "REG_DWORD" <o.txt >nul
if not errorlevel 1 set T=reg
:tool
set I=start /wait regedit /s
if %T%==reg set I=reg import
call :begin [%R%]
call :import
`;

/** The subroutines; they stand behind the script's own `goto good`. */
export const SUBROUTINES = `
:begin
>w.reg echo REGEDIT4
>>w.reg echo.
>>w.reg echo %1
goto :eof

:import
>>w.reg echo.
%I% w.reg >nul
goto :eof

rem The text of the key %1 in x.txt; empty where there is none. Wine's type stops at UTF-16, find converts it.
:export
if exist x.reg del x.reg
if %T%==reg reg export %1 x.reg >nul
if %T%==regedit start /wait regedit /e x.reg %1
type x.reg >x.txt
find "[HKEY" <x.txt >nul
if errorlevel 1 find /v "" <x.reg >x.txt
goto :eof

rem The value's data as x.txt has it, in the file %1; no file where the key itself has no such value. Subkeys follow
rem their key, so what stands behind the second header is not ours.
:value
if exist %1 del %1
if exist m.txt del m.txt
find /n /i "PauseKicksDX" <x.txt >k.txt
find /n "[HKEY_" <x.txt >s.txt
set E=
for /f "skip=1 delims=[]" %%n in (s.txt) do call :edge %%n
if not defined E set E=9999999
for /f "tokens=1,2,* delims=[]=" %%a in (k.txt) do if %%a LSS %E% >>m.txt echo %%b=%%c
if not exist m.txt goto :eof
for /f "tokens=1,* delims==" %%a in (m.txt) do if /i %%a=="PauseKicksDX" >%1 echo %%b
goto :eof

:edge
if not defined E set E=%1
goto :eof

rem Sets on to 1 where the service's key, as last exported, has REG_DWORD 1; its data goes to v.txt.
:compliant
call :export %K%
call :value v.txt
set on=
if not exist v.txt goto :eof
for /f "delims=" %%v in (v.txt) do if %%v==dword:00000001 set on=1
goto :eof

rem The record in r.txt, the remembered data in p.txt.
:record
call :export %R%
find "[HKEY" <x.txt >nul
if errorlevel 1 goto record-not-written
find /v "" <x.txt >r.txt
call :value p.txt
goto :eof

rem Sets hit, and Q for the message, where the answer in o.txt carries one of the given numbers. A short number
rem needs its space behind it; a long one may end a sentence.
:answer
set hit=
for %%n in (%*) do (find " %%n" <o.txt >nul&if not errorlevel 1 set hit=%%n)
if "%hit%"=="5" (set hit=&for %%n in (" 5 " " 5.") do (find %%n <o.txt >nul&if not errorlevel 1 set hit=5))
if defined hit set Q=, Windows %hit%
goto :eof

rem Restarts the service if it runs; was says whether it did. In every language, "not started" is the proof that it has
rem stopped and "already started" that it runs: stop and start are asked again until they say so.
:restart
set was=
set tries=0
:stop
net stop MSExchangeDX >o.txt 2>&1
call :answer ${NOT_STARTED.join(" ")}
if defined hit goto stopped
set was=1
set /a tries=tries+1
if %tries%==30 goto stop-refused
if not %tries%==1 ping -n 3 127.0.0.1 >nul
goto stop
:stopped
if not defined was goto :eof
net start MSExchangeDX >o.txt 2>&1
net start MSExchangeDX >o.txt 2>&1
call :answer ${ALREADY_STARTED}
if not defined hit goto start-refused
set Q=
goto :eof
`;

/** Where :restart goes when it fails; the script has the endings. */
export const RESTART_FAILURES = `
:stop-refused
${branches(["access-denied", "stop-failed"])}
goto stop-failed
:start-refused
${branches(["access-denied", "start-failed"])}
goto start-failed
`;

/** The two ways out. What a script leaves behind is the loader's lock alone, which the loader removes. */
export const EXITS = `
:good
call :sweep
del run.cmd&cmd /c rem&exit 0
:bad
call :sweep
del run.cmd&find "~" nul >nul&exit 1

:sweep
for %%f in (o a k m s v p r t x) do if exist %%f.txt del %%f.txt
for %%f in (w x) do if exist %%f.reg del %%f.reg
if exist w.inf del w.inf
goto :eof
`;

/** What travels: no comments, no blank lines, CRLF (cmd.exe loses labels in files without), the end mark last. */
export function pack(...parts: readonly string[]): string {
	const lines = parts
		.join("\n")
		.split("\n")
		.map((line) => line.trim())
		.filter((line) => line !== "" && !/^rem\b/i.test(line));
	return [...lines, END, ""].join("\r\n");
}

import { marker } from "../../protocol/host-record";
import {
	ALREADY_STARTED_NUMBER,
	KICK_SUCCESS_NUMBERS,
	message,
	NOT_STARTED_NUMBERS,
	type OutcomeCode,
	outcomes,
} from "../../protocol/outcomes";

/** The last line of a run that did all it had to. */
export const GOOD = "dx-good";

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

/** The subroutines of all scripts; they stand behind the script's own `goto good`. Those that write first. */
export const WRITE = `
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

export const READ = `
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
call :answer ${NOT_STARTED_NUMBERS.join(" ")}
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
%find% " ${ALREADY_STARTED_NUMBER}" a.txt >nul
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
export const EXITS = `
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
for %%f in (w x ${KICK_SUCCESS_NUMBERS.join(" ")}) do if exist %dx%\\%%f.reg del %dx%\\%%f.reg
if exist %dx%\\w.inf del %dx%\\w.inf
if exist %dx%\\tmp rd /s /q %dx%\\tmp
goto :eof
`;

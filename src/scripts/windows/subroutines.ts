import { marker } from "../../protocol/host-record";
import {
	ALREADY_STARTED_NUMBER,
	KICK_SUCCESS_NUMBERS,
	message,
	NOT_STARTED_NUMBERS,
	type OutcomeCode,
	outcomes,
} from "../../protocol/outcomes";

/** The last line of the output of a successful run. */
export const GOOD = "dx-good";

/** The end of a script for each outcome that it can reach: `goto <code>` runs `first`, prints the message and fails. */
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

/** `goto <failed>` unless the record in r.txt contains the mark. A FIND that could not start has a negative errorlevel. */
export const requireMark = (mark: string, failed: string): string => `
%find% "${mark}" r.txt >nul
if errorlevel 1 goto ${failed}
if not errorlevel 0 goto ${failed}`;

/**
 * Searches the record in r.txt: the errorlevel is then 0 if it contains the mark, and 1 if not. `goto <failed>` if FIND
 * itself failed, so that this is not taken for either.
 */
export const findMark = (mark: string, failed: string): string => `
%find% "${mark}" r.txt >nul
if errorlevel 2 goto ${failed}
if not errorlevel 0 goto ${failed}`;

/** `goto <label>` if the answer in o.txt contains one of the numbers of that label's outcome. */
export function branches(labels: Partial<Record<OutcomeCode, string>>): string {
	return Object.entries(labels)
		.map(([code, label]) => {
			const { numbers } = outcomes[code as OutcomeCode];
			return `call :answer ${numbers.join(" ")}\nif defined hit goto ${label}`;
		})
		.join("\n");
}

/** The labels that `:stop-and-start` goes to when it fails. */
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
 * The subroutines of all scripts. They follow the script's own `goto good`. `WRITE` has those that write to the
 * registry, `READ` those that read it.
 */
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
rem Exports the key %1 to x.txt and sets there. If the key does not exist, x.txt has no key and there is not set. Wine's
rem TYPE stops at UTF-16, which FIND converts.
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

rem Exports the record to r.txt and sets there.
:record
if exist r.txt del r.txt
call :export %R%
copy x.txt r.txt >nul
goto :eof
`;

/** The subroutines for the service and its key, for the scripts that control the service. */
export const SERVICE = `
rem Writes the data of the value %2 in x.txt to the file %1. There is no file if the key itself has no such value.
rem Subkeys follow their key, so everything after the second key header is ignored.
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

rem A subroutine, because NT 4 reportedly misjudges a comparison inside FOR.
:within
set in=
if %1 LSS %E% set in=1
goto :eof

:edge
if not defined E set E=%1
goto :eof

rem Exports the service's key. Sets on to 1 if it has PauseKicksDX REG_DWORD 1, and writes the data to v.txt.
:compliant
call :export %K%
call :value v.txt PauseKicksDX
set on=
if not exist v.txt goto :eof
for /f "delims=" %%v in (v.txt) do if %%v==dword:00000001 set on=1
goto :eof

rem Sets stuck if the key of the service shows that it would not start again: it is disabled, marked for deletion, or
rem has no program. The services that it depends on run as long as it does.
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

rem Sets hit, and Q for the message, if the answer in o.txt contains one of the given numbers. A short number needs a
rem space or a full stop after it. A long one may end a sentence.
:answer
set hit=
for %%n in (%*) do (%find% " %%n" o.txt >nul&if not errorlevel 1 set hit=%%n)
if "%hit%"=="5" (set hit=&for %%n in (" 5 " " 5.") do (%find% %%n o.txt >nul&if not errorlevel 1 set hit=5))
if defined hit set Q=, Windows %hit%
goto :eof

rem Restarts the service if it runs. Also starts it if an earlier run stopped it and was interrupted (late). Sets was if
rem it restarts or starts the service. In every language "not started" is the proof that it has stopped, and "already
rem started" that it runs. So the stop is repeated until the answer is "not started".
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
rem The answer is empty: it could not be written, and a repetition would not help.
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
 * `call :forget` removes the record's key, or goes to not-restored. Its file also creates the key again, so that
 * regedit never exports a key that does not exist. Where a .reg file cannot delete a key ([-KEY]), an INF file does.
 * `call :setup` runs that file, which deletes what L names.
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
 * `call :tell` prints o.txt if it is entirely ASCII. Otherwise it prints only the numbers of the messages and states
 * why: one byte that is not UTF-8 fails a step that succeeded.
 *
 * 1. The first FOR removes letters, digits and some other characters from each line and writes the rest to k.txt.
 * 2. The second FOR removes the other characters of ASCII, a tab included and a quotation mark not. If anything is
 *    left, the output is foreign.
 *
 * There are two steps, because Wine accepts no more than 66 delimiters.
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

/**
 * The two ends of the work, then the subroutines that check and clear the work folder. The run that waits for the work
 * calls `:sweep`.
 */
export const EXITS = `
:good
echo ${GOOD}
:bad
exit

rem Sets lost if the present folder is not the work folder: a file that is named by its full path must also appear and
rem disappear here.
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

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
export const SUCCESS = "dx-success";

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
				`:${code}\n${first}\necho ${message(host, step, code, "%number%")}\ngoto fail`,
		)
		.join("\n");
}

/** `goto <failed>` unless the record in record.txt contains the mark. A FIND that could not start has a negative errorlevel. */
export const requireMark = (mark: string, failed: string): string => `
%find% "${mark}" record.txt >nul
if errorlevel 1 goto ${failed}
if not errorlevel 0 goto ${failed}`;

/**
 * Searches the record in record.txt: the errorlevel is then 0 if it contains the mark, and 1 if not. `goto <failed>` if FIND
 * itself failed, so that this is not taken for either.
 */
export const findMark = (mark: string, failed: string): string => `
%find% "${mark}" record.txt >nul
if errorlevel 2 goto ${failed}
if not errorlevel 0 goto ${failed}`;

/** `goto <label>` if the answer in output.txt contains one of the numbers of that label's outcome. */
export function branches(labels: Partial<Record<OutcomeCode, string>>): string {
	return Object.entries(labels)
		.map(([code, label]) => {
			const { numbers } = outcomes[code as OutcomeCode];
			return `call :has-number ${numbers.join(" ")}\nif defined found goto ${label}`;
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
 * The subroutines of all scripts. They follow the script's own `goto succeed`. `WRITE` has those that write to the
 * registry, `READ` those that read it.
 */
export const WRITE = `
:begin-reg
>write.reg echo REGEDIT4
>>write.reg echo.
>>write.reg echo %1
goto :eof

:import-reg
>>write.reg echo.
%regImport% write.reg >nul
goto :eof
`;

export const READ = `
rem Exports the key %1 to export.txt and sets exists. If the key does not exist, export.txt has no key and exists is not
rem set. Wine's
rem TYPE stops at UTF-16, which FIND converts.
:export-key
set exists=
for %%f in (export.reg export.txt) do if exist %%f del %%f
if %registryTool%==reg %reg% export %1 export.reg >nul
if %registryTool%==regedit start /wait %regedit% /e export.reg %1
type export.reg >export.txt
%find% "[HKEY" export.txt >nul
if not errorlevel 1 set exists=1
if defined exists goto :eof
%find% /v "" <export.reg >export.txt
%find% "[HKEY" export.txt >nul
if not errorlevel 1 set exists=1
goto :eof

rem Exports the record to record.txt and sets exists.
:read-record
if exist record.txt del record.txt
call :export-key %recordKey%
copy export.txt record.txt >nul
goto :eof
`;

/** The subroutines for the service and its key, for the scripts that control the service. */
export const SERVICE = `
rem Writes the data of the value %2 in export.txt to the file %1. There is no file if the key itself has no such value.
rem Subkeys follow their key, so everything after the second key header is ignored.
:get-value
if exist %1 del %1
if exist values.txt del values.txt
%find% /n /i "%2" <export.txt >lines.txt
%find% /n "[HKEY_" <export.txt >keys.txt
set keyEnd=
for /f "skip=1 delims=[]" %%n in (keys.txt) do call :end-key %%n
if not defined keyEnd set keyEnd=9999999
for /f "tokens=1,2,* delims=[]=" %%a in (lines.txt) do (call :is-within %%a&if defined isWithin >>values.txt echo %%b=%%c)
if not exist values.txt goto :eof
for /f "tokens=1,* delims==" %%a in (values.txt) do if /i %%a=="%2" >%1 echo %%b
goto :eof

rem A subroutine, because NT 4 reportedly misjudges a comparison inside FOR.
:is-within
set isWithin=
if %1 LSS %keyEnd% set isWithin=1
goto :eof

:end-key
if not defined keyEnd set keyEnd=%1
goto :eof

rem Exports the service's key. Sets compliant if it has PauseKicksDX REG_DWORD 1, and writes the data to
rem value.txt.
:check-value
call :export-key %serviceKey%
call :get-value value.txt PauseKicksDX
set compliant=
if not exist value.txt goto :eof
for /f "delims=" %%v in (value.txt) do if %%v==dword:00000001 set compliant=1
goto :eof

rem Sets cannotStart if the key of the service shows that it would not start again: it is disabled, marked for deletion, or
rem has no program. The services that it depends on run as long as it does.
:check-start
set cannotStart=
call :export-key %serviceKey%
call :get-value data.txt Start
if exist data.txt for /f "delims=" %%d in (data.txt) do if %%d==dword:00000004 set cannotStart=1
call :get-value data.txt DeleteFlag
if exist data.txt for /f "delims=" %%d in (data.txt) do if %%d==dword:00000001 set cannotStart=1
call :get-value data.txt ImagePath
if not exist data.txt set cannotStart=1
goto :eof

rem Sets found, and number for the message, if the answer in output.txt contains one of the given numbers. A short number needs a
rem space or a full stop after it. A long one may end a sentence.
:has-number
set found=
for %%n in (%*) do (%find% " %%n" output.txt >nul&if not errorlevel 1 set found=%%n)
if "%found%"=="5" (set found=&for %%n in (" 5 " " 5.") do (%find% %%n output.txt >nul&if not errorlevel 1 set found=5))
if defined found set number=, Windows %found%
goto :eof

rem Restarts the service if it runs. Also starts it if an earlier run stopped it and was interrupted (restartPending). Sets
rem restarted if it restarts or starts the service. In every language "not started" is the proof that it has stopped, and "already
rem started" that it runs. So the stop is repeated until the answer is "not started".
:stop-and-start
set restarted=%restartPending%
set attempts=0
:stop
%net% stop MSExchangeDX >output.txt 2>&1
call :has-number ${NOT_STARTED_NUMBERS.join(" ")}
set number=
if defined found goto stopped
call :has-number ${outcomes["access-denied"].numbers.join(" ")}
if defined found goto stop-refused
rem The answer is empty: it could not be written, and a repetition would not help.
%find% /v "" output.txt >nul
if errorlevel 1 goto stop-refused
set restarted=1
set /a attempts=attempts+1
if %attempts%==30 goto stop-refused
if not %attempts%==1 %ping% -n 3 127.0.0.1 >nul
goto stop
:stopped
if not defined restarted goto :eof
%net% start MSExchangeDX >output.txt 2>&1
%net% start MSExchangeDX >started.txt 2>&1
%find% " ${ALREADY_STARTED_NUMBER}" started.txt >nul
if not errorlevel 1 goto :eof
type started.txt >>output.txt
goto start-refused
`;

/**
 * `call :delete-record` removes the record's key, or goes to not-restored. Its file also creates the key again, so that
 * regedit never exports a key that does not exist. Where a .reg file cannot delete a key ([-KEY]), an INF file does.
 * `call :run-inf` runs that file, which deletes what toDelete names.
 */
export const FORGET = `
:delete-record
call :begin-reg [-%recordKey%]
>>write.reg echo [%recordKey%]
call :import-reg
call :export-key %recordKey%
%find% "${marker.anyOwner}" export.txt >nul
if errorlevel 1 goto deleted
set toDelete=HKLM,"%recordPath%"
call :run-inf
call :begin-reg [%recordKey%]
call :import-reg
call :export-key %recordKey%
%find% "${marker.anyOwner}" export.txt >nul
if not errorlevel 1 goto not-restored
call :run-inf
goto :eof
:deleted
call :begin-reg [-%recordKey%]
call :import-reg
goto :eof

:run-inf
>delete.inf echo [Version]
>>delete.inf echo Signature="$Windows NT$"
>>delete.inf echo [DefaultInstall]
>>delete.inf echo DelReg=d
>>delete.inf echo [d]
>>delete.inf echo %toDelete%
start /wait %SystemRoot%\\system32\\rundll32 setupapi.dll,InstallHinfSection DefaultInstall 128 %work%\\delete.inf
goto :eof
`;

/**
 * `call :print-output` prints output.txt if it is entirely ASCII. Otherwise it prints only the numbers of the messages and states
 * why: one byte that is not UTF-8 fails a step that succeeded.
 *
 * 1. The first FOR removes letters, digits and some other characters from each line and writes the rest to lines.txt.
 * 2. The second FOR removes the other characters of ASCII, a tab included and a quotation mark not. If anything is
 *    left, the output is foreign.
 *
 * There are two steps, because Wine accepts no more than 66 delimiters.
 */
export const TELL = `
:print-output
set nonAscii=
if exist lines.txt del lines.txt
for /f "tokens=1-25* delims=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789[]; " %%a in (output.txt) do >>lines.txt echo x%%a%%b%%c%%d%%e%%f%%g%%h%%i%%j%%k%%l%%m%%n%%o%%p%%q%%r%%s%%t%%u%%v%%w%%x%%y%%z
if exist lines.txt for /f "delims=x\t.,;:()<>/\\+-*=_!?#$&'~{|}@%%^\`" %%a in (lines.txt) do set nonAscii=1
if defined nonAscii goto non-ascii
for /f "delims=" %%l in (output.txt) do echo %%l
goto :eof
:non-ascii
echo its output contains characters other than ASCII, so only the numbers of its messages are shown
for /f "tokens=2 delims=[]" %%n in (output.txt) do for /l %%i in (1,1,400) do if "%%n"=="%%i" echo message [%%i]
goto :eof
`;

/** The files of the work folder by their extensions, besides delete.inf. The legend is in batch.ts. */
export const WORK_FILES = {
	txt: [
		...["result", "here", "output", "started", "errors", "export", "record"],
		...["value", "previous", "data", "lines", "values", "keys", "service"],
		...["state", "found", "seconds"],
	],
	reg: ["write", "export", ...KICK_SUCCESS_NUMBERS],
} as const;

/**
 * The two ends of the work, then the subroutines that check and clear the work folder. The run that waits for the work
 * calls `:clear-folder`.
 */
export const EXITS = `
:succeed
echo ${SUCCESS}
:fail
exit

rem Sets wrongFolder if the present folder is not the work folder: a file that is named by its full path must also appear and
rem disappear here.
:check-folder
set wrongFolder=1
>%work%\\here.txt echo.
if exist here.txt set wrongFolder=
del %work%\\here.txt
if exist here.txt set wrongFolder=1
goto :eof

:clear-folder
for %%f in (${WORK_FILES.txt.join(" ")}) do if exist %work%\\%%f.txt del %work%\\%%f.txt
for %%f in (${WORK_FILES.reg.join(" ")}) do if exist %work%\\%%f.reg del %work%\\%%f.reg
if exist %work%\\delete.inf del %work%\\delete.inf
if exist %work%\\tmp rd /s /q %work%\\tmp
goto :eof
`;

import type { RegistryTool } from "../../model/host";
import {
	type EnforceCommands,
	type EnforceOptions,
	underEachVerb,
} from "../../protocol/commands";
import { HOST_CYCLE, marker } from "../../protocol/host-record";
import {
	ABSENT,
	PREVIOUS_PREFIX,
	REGISTRY_STEP,
	RESTARTED_PREFIX,
} from "../../protocol/step-output";
import { createScript } from "./batch";
import { requireValue, restartFailures } from "./subroutines";

/** The commands of the enforcement resource: one script with the verbs create, update and delete. */
export function enforceCommands(
	options: EnforceOptions,
	registryTool?: RegistryTool,
): EnforceCommands {
	const { stdin, command } = createScript(
		options.host,
		REGISTRY_STEP,
		body(options),
		{ registryTool, edition: options.verify },
	);
	return underEachVerb(stdin, command);
}

/**
 * `create` and `update`: test, set and verify the value, and restart the service only if the value changed while it
 * ran. `delete`: restore the value. Everything that a later run needs is written to the host record and read back
 * before the value is first changed.
 */
const body = ({ stack, owner, hasCycle, onDestroy }: EnforceOptions) => `
set verb=%3
set stack=${stack}
set owner=${owner}
set hasCycle=${hasCycle ? 1 : ""}
set onDestroy=${onDestroy}
set firstRun=
if not defined exists call :end record-not-written
rem Decide whose record it is: of this stack (sameStack), under this name (sameOwner). An update may find that its stack was
rem renamed. Without an owner it is not a record.
call :has Owner owned
if not defined owned set firstRun=1
call :check Owner "${marker.owner("%owner%")}" sameOwner
call :check Stack "${marker.stack("%stack%")}" sameStack
set renamed=
if not defined sameStack set renamed=1
call :check Restart "${marker.restartPending}" restartPending
call :has Receipt.${HOST_CYCLE} receipt
call :check Receipt.${HOST_CYCLE} "" cleared
call :has Intent intent
call :check Intent "${marker.intentClosed}" closed
call :get-value previous.txt PauseKicksDX
call :check-value
if %verb%==delete goto delete
if %verb%==update set sameStack=%sameStack%%sameOwner%
if not defined firstRun (if not defined sameStack goto another-stack)
if not defined exists call :undo not-installed
set cannotPreserve=
if defined firstRun call :check-preservable
if defined cannotPreserve call :undo cannot-preserve

rem A restart may be pending from an interrupted run (restartPending) or become necessary in this run
rem (restartNeeded).
set restartNeeded=%restartPending%

set mustRecord=%firstRun%
if not defined sameOwner set mustRecord=1
if defined renamed set mustRecord=1
if not defined compliant (if not defined restartNeeded set mustRecord=1)
if defined cleared set receipt=
if defined hasCycle set receipt=
if defined receipt set mustRecord=1
if not defined compliant set restartNeeded=1
if defined restartNeeded call :check-start
if defined cannotStart call :undo cannot-restart
if defined mustRecord call :write-record

if defined compliant goto value-set
call :begin-reg [%serviceKey%]
>>write.reg echo "PauseKicksDX"=dword:00000001
call :import-reg
call :check-value
if not defined compliant call :end value-not-written
:value-set
set restarted=
if not defined restartNeeded goto report
call :stop-and-start
call :begin-reg [%recordKey%]
>>write.reg echo "Restart"="${marker.restartDone}"
call :import-reg
:report
if not exist previous.txt echo ${PREVIOUS_PREFIX}${ABSENT}
if exist previous.txt for /f "delims=" %%p in (previous.txt) do echo ${PREVIOUS_PREFIX}%%p
if defined restarted (echo ${RESTARTED_PREFIX}yes) else echo ${RESTARTED_PREFIX}no
goto succeed

rem Sets cannotPreserve unless the data can be restored: a file in NT 4's format must carry it unchanged, and it must be printable.
rem So numbers, bytes and plain words are accepted. (Wine's FOR accepts no more than these 66 delimiters.)
:check-preservable
if not exist value.txt goto :eof
%find% ",\\" <value.txt >nul
if not errorlevel 1 set cannotPreserve=1
if defined cannotPreserve goto :eof
for /f "tokens=1 delims=:" %%t in (value.txt) do if %%t==dword goto :eof
for /f "tokens=1 delims=:" %%t in (value.txt) do if %%t==hex goto :eof
for /f "tokens=1 delims=:" %%t in (value.txt) do if %%t==hex(b) goto :eof
for /f "tokens=1 delims=:" %%t in (value.txt) do if %%t==hex(0) goto :eof
for %%c in ("&" "|" "<" ">" "^" "%%" ";") do (%find% %%c <value.txt >nul&if not errorlevel 1 set cannotPreserve=1)
if defined cannotPreserve goto :eof
for /f "delims=" %%v in (value.txt) do set data=%%v
set plain=%data:"=%
if not defined plain goto :eof
>output.txt echo x%plain%
for /f "delims=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._- " %%a in (output.txt) do set cannotPreserve=1
goto :eof

rem Writes the record and reads it back. The previous value is recorded once, from the first run's own reading, and
rem never written again. The owner is written last: without it the key does not count as a record.
:write-record
call :begin-reg [%recordKey%]
if not defined firstRun goto write-state
if exist value.txt for /f "delims=" %%v in (value.txt) do >>write.reg echo "PauseKicksDX"=%%v
:write-state
if defined restartNeeded (>>write.reg echo "Restart"="${marker.restartPending}")
if not defined restartNeeded (>>write.reg echo "Restart"="${marker.restartDone}")
if not defined hasCycle (>>write.reg echo "Receipt.${HOST_CYCLE}"="")
>>write.reg echo "Stack"="${marker.stack("%stack%")}"
>>write.reg echo "Owner"="${marker.owner("%owner%")}"
call :import-reg
${requireValue("Owner", marker.owner("%owner%"), "call :undo record-not-written")}
call :check Stack "${marker.stack("%stack%")}" kept
if not defined kept call :undo record-not-written
call :get-value previous.txt PauseKicksDX
call :check Restart "${marker.restartPending}" kept
if defined restartNeeded (if not defined kept call :undo record-not-written)
if not defined firstRun goto :eof
call :compare value.txt previous.txt
if defined equal goto :eof
call :undo cannot-preserve

rem Sets equal if both files contain the same data, or neither exists. There are two comparisons, because Wine compares
rem strings in quotes only without further quotes and lists of bytes only with them. The wrong form is an error there
rem and sets nothing.
:compare
set equal=
if not exist %1 (if not exist %2 set equal=1)
if not exist %1 goto :eof
if not exist %2 goto :eof
for /f "delims=" %%v in (%1) do for /f "delims=" %%p in (%2) do if %%v==%%p set equal=1
for /f "delims=" %%v in (%1) do for /f "delims=" %%p in (%2) do if "%%v"=="%%p" set equal=1
goto :eof

:delete
if defined firstRun (echo this host has no record, PauseKicksDX was not changed&goto cleanup)
if not defined sameStack set sameOwner=
if not defined sameOwner (echo this host now has another owner, PauseKicksDX was not changed&goto succeed)
if defined closed set intent=
if defined intent echo the record of a kick with an unknown outcome was deleted: check whether its cycle ran
if %onDestroy%==keep goto cleanup
if not defined exists goto check-installed
call :begin-reg [%serviceKey%]
if exist previous.txt for /f "delims=" %%p in (previous.txt) do >>write.reg echo "PauseKicksDX"=%%p
if not exist previous.txt (>>write.reg echo "PauseKicksDX"=-)
call :import-reg
call :check-value
if not defined exists call :end not-restored
call :compare value.txt previous.txt
if defined equal goto cleanup
if exist previous.txt call :end not-restored
set toDelete=HKLM,"SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX","PauseKicksDX"
call :run-inf
call :check-value
if not defined exists call :end not-restored
if exist value.txt call :end not-restored
:cleanup
call :delete-record
goto succeed

rem The key of the service cannot be read. The service is not installed only if its key is not in an export of the parent key
rem that arrived complete, on a disk that was not full.
:check-installed
call :export-key HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services
if not defined exported call :end not-restored
>>lines.txt echo dx-complete
%find% "dx-complete" lines.txt >nul
if errorlevel 1 call :end not-restored
if not errorlevel 0 call :end not-restored
%find% /i "[%serviceKey%]" lines.txt >nul
if errorlevel 2 call :end not-restored
if not errorlevel 0 call :end not-restored
if not errorlevel 1 call :end not-restored
goto cleanup

${restartFailures({
	denied: "call :end access-denied",
	"not-stopped": "call :end stop-failed",
	"not-started": "call :end start-failed",
})}
:another-stack
call :say another-stack
call :read-record
call :print Stack
goto fail

rem If this is the first run on the host, the record is deleted: an unchanged host keeps nothing of this package.
:undo
if defined firstRun call :delete-record %1
goto end`;

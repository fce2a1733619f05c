import type { RegistryTool } from "../../model/host";
import {
	type EnforceCommands,
	type EnforceOptions,
	underEachVerb,
} from "../../protocol/commands";
import { HOST_CYCLE, marker } from "../../protocol/host-record";
import { message, RESTART_FAILURES } from "../../protocol/outcomes";
import {
	ABSENT,
	PREVIOUS_PREFIX,
	REGISTRY_STEP,
	RESTARTED_PREFIX,
} from "../../protocol/step-output";
import { createScript } from "./batch";
import {
	endings,
	FORGET,
	requireMark,
	restartFailures,
	SERVICE,
} from "./subroutines";

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
const body = ({ host, stack, owner, hasCycle, onDestroy }: EnforceOptions) => `
set verb=%3
set stack=${stack}
set owner=${owner}
set hasCycle=${hasCycle ? 1 : ""}
set onDestroy=${onDestroy}
set firstRun=
set cannotStart=
call :read-record
if not defined exists goto record-not-written
call :get-value previous.txt PauseKicksDX
call :check-value
%find% "${marker.anyOwner}" record.txt >nul
if errorlevel 1 set firstRun=1
rem Decide whose record it is: of this stack (sameStack), under this name (sameOwner). An update may find that its stack was
rem renamed.
set sameStack=
set sameOwner=
%find% "${marker.stack("%stack%")}" record.txt >nul
if not errorlevel 1 set sameStack=1
%find% "${marker.owner("%owner%")}" record.txt >nul
if not errorlevel 1 set sameOwner=1
if %verb%==delete goto delete
if %verb%==update set sameStack=%sameStack%%sameOwner%
if not defined firstRun (if not defined sameStack goto another-stack)
if not defined exists goto not-installed
set cannotPreserve=
if defined firstRun call :check-preservable
if defined cannotPreserve goto cannot-preserve

rem A restart may be pending from an interrupted run (restartPending) or become necessary in this run
rem (restartNeeded).
set restartPending=
%find% "${marker.restartPending}" record.txt >nul
if not errorlevel 1 set restartPending=1
set restartNeeded=%restartPending%

set mustRecord=%firstRun%
if not defined sameOwner set mustRecord=1
%find% "${marker.stack("%stack%")}" record.txt >nul
if errorlevel 1 set mustRecord=1
if not defined compliant (if not defined restartNeeded set mustRecord=1)
if not defined hasCycle (%find% "${marker.receipt(HOST_CYCLE)}" record.txt >nul&if not errorlevel 1 set mustRecord=1)
if not defined compliant set restartNeeded=1
if defined restartNeeded call :check-start
if defined cannotStart goto cannot-restart
if defined mustRecord call :write-record

if defined compliant goto value-set
call :begin-reg [%serviceKey%]
>>write.reg echo "PauseKicksDX"=dword:00000001
call :import-reg
call :check-value
if not defined compliant goto value-not-written
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
call :read-record
call :get-value previous.txt PauseKicksDX
${requireMark(marker.owner("%owner%"), "record-not-written")}
if not defined restartNeeded goto read-back
${requireMark(marker.restartPending, "record-not-written")}
:read-back
if not defined firstRun goto :eof
call :compare value.txt previous.txt
if defined equal goto :eof
goto cannot-preserve

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

${FORGET}
:delete
if defined firstRun (echo this host has no record, PauseKicksDX was not changed&goto cleanup)
if not defined sameStack set sameOwner=
if not defined sameOwner (echo this host now has another owner, PauseKicksDX was not changed&goto succeed)
%find% "${marker.intentOpen}" record.txt >nul
if not errorlevel 1 echo the record of a kick with an unknown outcome was deleted: check whether its cycle ran
if %onDestroy%==keep goto cleanup
if not defined exists goto cleanup
call :begin-reg [%serviceKey%]
if exist previous.txt for /f "delims=" %%p in (previous.txt) do >>write.reg echo "PauseKicksDX"=%%p
if not exist previous.txt (>>write.reg echo "PauseKicksDX"=-)
call :import-reg
call :check-value
call :compare value.txt previous.txt
if defined equal goto cleanup
if exist previous.txt goto not-restored
set toDelete=HKLM,"SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX","PauseKicksDX"
call :run-inf
call :check-value
if exist value.txt goto not-restored
:cleanup
call :delete-record
goto succeed

${restartFailures(RESTART_FAILURES)}
:another-stack
echo ${message(host, REGISTRY_STEP, "another-stack")}
%find% "${marker.anyStack}" <record.txt
goto fail
rem If this is the first run on the host, the record is deleted: an unchanged host keeps nothing of this package.
${endings(host, REGISTRY_STEP, ["not-installed", "cannot-preserve", "cannot-restart", "record-not-written"], "if defined firstRun call :delete-record")}
${endings(host, REGISTRY_STEP, ["value-not-written", "stop-failed", "start-failed", "access-denied", "not-restored"])}
${SERVICE}`;

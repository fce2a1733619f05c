import type { RegistryTool } from "../../model/host";
import {
	type EnforceCommands,
	type EnforceOptions,
	underEachVerb,
} from "../../protocol/commands";
import { HOST_CYCLE, marker } from "../../protocol/host-record";
import { message, RESTART_FAILURES } from "../../protocol/outcomes";
import { REGISTRY_STEP } from "../../protocol/step-output";
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
set V=%3
set S=${stack}
set O=${owner}
set C=${hasCycle ? "cycle" : "none"}
set D=${onDestroy}
set first=
set stuck=
call :record
if not defined there goto record-not-written
call :value p.txt PauseKicksDX
call :compliant
%find% "${marker.anyOwner}" r.txt >nul
if errorlevel 1 set first=1
rem Decide whose record it is: of this stack (ours), under this name (same). An update may find that its stack was
rem renamed.
set ours=
set same=
%find% "${marker.stack("%S%")}" r.txt >nul
if not errorlevel 1 set ours=1
%find% "${marker.owner("%O%")}" r.txt >nul
if not errorlevel 1 set same=1
if %V%==delete goto delete
if %V%==update set ours=%ours%%same%
if not defined first (if not defined ours goto another-stack)
if not defined there goto not-installed
set bad=
if defined first call :carry
if defined bad goto cannot-carry

rem A restart may be pending from an interrupted run (late) or become necessary in this run (owed).
set late=
%find% "${marker.restartOwed}" r.txt >nul
if not errorlevel 1 set late=1
set owed=%late%

set write=%first%
if not defined same set write=1
%find% "${marker.stack("%S%")}" r.txt >nul
if errorlevel 1 set write=1
if not defined on (if not defined owed set write=1)
if %C%==none (%find% "${marker.receipt(HOST_CYCLE)}" r.txt >nul&if not errorlevel 1 set write=1)
if not defined on set owed=1
if defined owed call :startable
if defined stuck goto cannot-restart
if defined write call :remember

if defined on goto counts
call :begin [%K%]
>>w.reg echo "PauseKicksDX"=dword:00000001
call :import
call :compliant
if not defined on goto value-not-written
:counts
set was=
if not defined owed goto said
call :stop-and-start
call :begin [%R%]
>>w.reg echo "Restart"="${marker.restartDone}"
call :import
:said
if not exist p.txt echo before: absent
if exist p.txt for /f "delims=" %%p in (p.txt) do echo before: %%p
if defined was (echo PauseKicksDX is 1, service restarted: yes) else echo PauseKicksDX is 1, service restarted: no
goto good

rem Sets bad unless the data can be restored: a file in NT 4's format must carry it unchanged, and it must be printable.
rem So numbers, bytes and plain words are accepted. (Wine's FOR accepts no more than these 66 delimiters.)
:carry
if not exist v.txt goto :eof
%find% ",\\" <v.txt >nul
if not errorlevel 1 set bad=1
if defined bad goto :eof
for /f "tokens=1 delims=:" %%t in (v.txt) do if %%t==dword goto :eof
for /f "tokens=1 delims=:" %%t in (v.txt) do if %%t==hex goto :eof
for /f "tokens=1 delims=:" %%t in (v.txt) do if %%t==hex(b) goto :eof
for /f "tokens=1 delims=:" %%t in (v.txt) do if %%t==hex(0) goto :eof
for %%c in ("&" "|" "<" ">" "^" "%%" ";") do (%find% %%c <v.txt >nul&if not errorlevel 1 set bad=1)
if defined bad goto :eof
for /f "delims=" %%v in (v.txt) do set X=%%v
set Y=%X:"=%
if not defined Y goto :eof
>o.txt echo x%Y%
for /f "delims=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._- " %%a in (o.txt) do set bad=1
goto :eof

rem Writes the record and reads it back. The previous value is recorded once, from the first run's own reading, and
rem never written again. The owner is written last: without it the key does not count as a record.
:remember
call :begin [%R%]
if not defined first goto original
if exist v.txt for /f "delims=" %%v in (v.txt) do >>w.reg echo "PauseKicksDX"=%%v
:original
if defined owed (>>w.reg echo "Restart"="${marker.restartOwed}")
if not defined owed (>>w.reg echo "Restart"="${marker.restartDone}")
if %C%==none (>>w.reg echo "Receipt.${HOST_CYCLE}"="")
>>w.reg echo "Stack"="${marker.stack("%S%")}"
>>w.reg echo "Owner"="${marker.owner("%O%")}"
call :import
call :record
call :value p.txt PauseKicksDX
${requireMark(marker.owner("%O%"), "record-not-written")}
if not defined owed goto kept
${requireMark(marker.restartOwed, "record-not-written")}
:kept
if not defined first goto :eof
call :same v.txt p.txt
if defined same goto :eof
goto cannot-carry

rem Sets same if both files contain the same data, or neither exists. There are two comparisons, because Wine compares
rem strings in quotes only without further quotes and lists of bytes only with them. The wrong form is an error there
rem and sets nothing.
:same
set same=
if not exist %1 (if not exist %2 set same=1)
if not exist %1 goto :eof
if not exist %2 goto :eof
for /f "delims=" %%v in (%1) do for /f "delims=" %%p in (%2) do if %%v==%%p set same=1
for /f "delims=" %%v in (%1) do for /f "delims=" %%p in (%2) do if "%%v"=="%%p" set same=1
goto :eof

${FORGET}
:delete
if defined first (echo nothing is remembered on this host, PauseKicksDX is left as it is&goto clear)
if not defined ours set same=
if not defined same (echo this host has another owner by now, PauseKicksDX is left as it is&goto good)
%find% "${marker.intentOpen}" r.txt >nul
if not errorlevel 1 echo a kick whose outcome is unknown is forgotten with this host: look whether its cycle ran
if %D%==keep goto clear
if not defined there goto clear
call :begin [%K%]
if exist p.txt for /f "delims=" %%p in (p.txt) do >>w.reg echo "PauseKicksDX"=%%p
if not exist p.txt (>>w.reg echo "PauseKicksDX"=-)
call :import
call :compliant
call :same v.txt p.txt
if defined same goto clear
if exist p.txt goto not-restored
set L=HKLM,"SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX","PauseKicksDX"
call :setup
call :compliant
if exist v.txt goto not-restored
:clear
call :forget
goto good

${restartFailures(RESTART_FAILURES)}
:another-stack
echo ${message(host, REGISTRY_STEP, "another-stack")}
%find% "${marker.anyStack}" <r.txt
goto bad
rem If this is the first run on the host, the record is deleted: an unchanged host keeps nothing of this package.
${endings(host, REGISTRY_STEP, ["not-installed", "cannot-carry", "cannot-restart", "record-not-written"], "if defined first call :forget")}
${endings(host, REGISTRY_STEP, ["value-not-written", "stop-failed", "start-failed", "access-denied", "not-restored"])}
${SERVICE}`;

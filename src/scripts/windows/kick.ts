import type { RegistryTool } from "../../model/host";
import {
	type KickOptions,
	NO_GUARDS,
	type StepCommands,
} from "../../protocol/commands";
import { marker, toHexSeconds } from "../../protocol/host-record";
import {
	INTENT_CLOSING_OUTCOMES,
	INTENT_KEEPING_OUTCOMES,
	type KickStep,
	type KickSteps,
	kickSteps,
} from "../../protocol/kick-table";
import {
	ALREADY_STARTED_NUMBER,
	KICK_SUCCESS_NUMBERS,
	outcomes,
} from "../../protocol/outcomes";
import {
	alreadyKicked,
	KICK_ACCEPTED,
	KICK_STEP,
} from "../../protocol/step-output";
import { createScript } from "./batch";
import {
	branches,
	endings,
	findMark,
	requireMark,
	restartFailures,
	SERVICE,
} from "./subroutines";

/** The commands of the trigger resource. There is no `delete`. `update` should never run and sends no control. */
export function kickCommands(
	options: KickOptions,
	registryTool?: RegistryTool,
): StepCommands {
	const { stdin, command } = createScript(
		options.host,
		KICK_STEP,
		body(options),
		{
			registryTool,
		},
	);
	return {
		create: (at: string) => command([at, toHexSeconds(at)]),
		update: command(["update"]),
		stdin,
	};
}

/** The beginning of the receipt, and of the intent, for these triggers. */
const RECEIPT = `${marker.receipt("%cycle%")} %token% `;
const INTENT = `${marker.intentOpen} %cycle% %token% `;

/** Records when the run of the last intent or receipt began. */
const BEGAN = `>>write.reg echo "Began.%cycle%"=dword:%startedHex%`;

/**
 * The values that record a sent kick, as lines of a .reg file. The value that closes the intent is last: if the import
 * is interrupted, everything that was sent is recorded.
 */
const done = (evidence: string) =>
	`if defined awaitsT3 >>write.reg echo "T2"="${marker.t2Open}"
>>write.reg echo "Receipt.%cycle%"="${RECEIPT}%startedAt% ${evidence};"
>>write.reg echo "Intent"="${marker.intentClosed}"`;

const CONTROL_NUMBERS = KICK_SUCCESS_NUMBERS.join(" ");

/** The contents of an output file before its program has run. */
const NOT_RUN = "dx-not-run";

/** The next steps after a write to the record. */
interface Kept {
	kept: string;
	lost: string;
}

/** Reads the record and continues by whether it contains the mark. */
const readBack = (to: Kept, mark: string) => `
call :read-record
${requireMark(mark, to.lost)}
goto ${to.kept}`;

/** Writes values to the record and reads them back. */
const write = (to: Kept, values: string, mark: string) => `
call :begin-reg [%recordKey%]
${values}
call :import-reg
${readBack(to, mark)}`;

/** The script of each step. `to` is its row of the table: the next step for each result. */
const steps: { [S in KickStep]: (to: KickSteps[S]) => string } = {
	// A mark that is not found leads to a kick. So a failure of FIND itself (errorlevel 2 and above) is handled
	// separately.
	inspect: (to) => `
call :read-record
${requireMark("[HKEY", to.unreadable)}
if %startedAt%==update goto print
${findMark(RECEIPT, to.unreadable)}
if not errorlevel 1 goto ${to.done}
set isLater=
%find% "Began.%cycle%" <record.txt >lines.txt
for /f "tokens=2 delims==" %%t in (lines.txt) do call :is-later %%t
if defined isLater goto ${to.later}
${findMark(INTENT, to.unreadable)}
if not errorlevel 1 goto ${to.own}
${findMark(marker.intentOpen, to.unreadable)}
if not errorlevel 1 goto ${to.foreign}
goto ${to.none}`,

	uncertain: (to) => `
if %onUncertain%==accept goto ${to.accept}
if %onUncertain%==fail goto ${to.fail}
set uncertain=, sent although the outcome of an earlier attempt is unknown
goto ${to.retry}`,

	unsettled: (to) => `
if %onUncertain%==fail goto ${to.fail}
set uncertain=, sent although the outcome of an earlier attempt with other triggers is unknown
if %onUncertain%==accept goto ${to.accept}
goto ${to.retry}`,

	// A time that cannot be read counts as near the hour. NT 4 prints the time in the format of its language, with the
	// minutes after the first separator.
	"check-hour": (to) => `
if %guardMinutes%==0 goto ${to.none}
time /t >lines.txt
set minute=
for /f "tokens=2 delims=:." %%m in (lines.txt) do set minute=%%m
if not defined minute goto ${to.near}
set minute=%minute:~0,2%
if %minute:~0,1%==0 set minute=%minute:~1,1%
set near=1
for /l %%i in (%guardMinutes%,1,%guardFrom%) do if %%i==%minute% set near=
if defined near goto ${to.near}
goto ${to.none}`,

	"check-t3": (to) => `
if not defined t3Guard goto ${to.none}
if defined uncertain goto ${to.missing}
%find% "${marker.t2Open}" record.txt >nul
if not errorlevel 1 goto ${to.missing}
if errorlevel 2 goto ${to.missing}
goto ${to.none}`,

	"check-restart": (to) => `
%find% "${marker.restartPending}" record.txt >nul
if not errorlevel 1 goto ${to.pending}
goto ${to.none}`,

	"open-intent": (to) =>
		write(
			to,
			`>>write.reg echo "Restart"="${marker.restartDone}"
>>write.reg echo "Intent"="${INTENT}%startedAt%;"
${BEGAN}`,
			`${INTENT}%startedAt%;`,
		),

	// The control and the receipt are in one block. cmd.exe reads a block completely before it runs it, so a change to
	// this file cannot separate them. Each `if` in the block has lines of its own: Wine treats what follows a bare one as
	// part of it.
	control: (to) => `
set found=
set failed=
set sent=
for %%n in (${CONTROL_NUMBERS}) do call :compose-receipt %%n
for %%f in (output.txt started.txt) do >%%f echo ${NOT_RUN}
for %%f in (output.txt started.txt) do if not exist %%f goto ${to["no-files"]}
(
%net% pause MSExchangeDX >output.txt 2>&1
if errorlevel 1 (
set failed=1
)
for %%n in (${CONTROL_NUMBERS}) do (
%find% " %%n" output.txt >nul
if not errorlevel 1 (
set sent=%%n
%net% start MSExchangeDX >started.txt 2>&1
%find% " ${ALREADY_STARTED_NUMBER}" started.txt >nul
if not errorlevel 1 (
%regImport% %%n.reg >nul
set found=%%n
)
)
)
)
if defined found goto ${to.kicked}
if defined sent goto ${to.stopped}
call :has-number ${outcomes["not-recognised"].numbers.join(" ")}
if defined found goto ${to.refused}
${branches({
	"not-running": to["not-running"],
	"not-installed": to["not-installed"],
	"takes-no-control": to["takes-no-control"],
	"access-denied": to["access-denied"],
	unknown: to.unknown,
})}
rem NT prints no number for a real pause. An answer that is empty or was never written proves nothing.
%find% "${NOT_RUN}" output.txt >nul
if not errorlevel 1 goto ${to.unknown}
%find% /v "" output.txt >nul
if errorlevel 1 goto ${to.unknown}
for %%d in (1 2 3 4 5 6 7 8 9) do (%find% " %%d" output.txt >nul&if not errorlevel 1 set failed=1)
if defined failed goto ${to.unknown}
goto ${to.paused}`,

	confirm: (to) => `
set sent=%found%
${readBack(to, RECEIPT)}`,

	refused: (to) => `
call :check-value
if not defined compliant goto ${to.missing}
if defined restartedOnce goto ${to.again}
goto ${to.first}`,

	"plan-restart": (to) => `
set restartedOnce=1
set number=
${write(
	to,
	`if not defined uncertain >>write.reg echo "Intent"="${marker.intentClosed}"
>>write.reg echo "Restart"="${marker.restartPending}"`,
	marker.restartPending,
)}`,

	restart: (to) => `
call :check-start
if defined cannotStart goto ${to.stuck}
set restartPending=1
call :stop-and-start
goto ${to.running}
${restartFailures(to)}`,

	resume: (to) => `
%net% continue MSExchangeDX >output.txt 2>&1
if errorlevel 1 set failed=1
call :has-number ${outcomes["paused-stuck"].numbers.join(" ")}
if defined found goto ${to.stuck}
if defined failed goto ${to.stuck}
goto ${to.runs}`,

	accept: (to) =>
		write(
			to,
			`${done("accepted as done, the outcome of an earlier attempt is unknown")}
${BEGAN}`,
			RECEIPT,
		),
};

/** The whole script: the steps of the table, then the endings. */
const body = ({
	host,
	cycle,
	token,
	onUncertain,
	type,
	awaitsT3,
	guards: { minutesAroundHour, t3BeforeT2 } = NO_GUARDS,
}: KickOptions) => `
set guardMinutes=${minutesAroundHour}
set guardFrom=${60 - minutesAroundHour}
set t3Guard=${t3BeforeT2 ? 1 : ""}
set awaitsT3=${awaitsT3 ? 1 : ""}
set cycle=${cycle}
set token=${token}
set onUncertain=${onUncertain}
set cycleType=${type}
set startedAt=%3
set startedHex=%4
set uncertain=
set restartedOnce=
goto inspect
${(Object.keys(kickSteps) as KickStep[]).map((step) => `:${step}${compile(step)}`).join("\n")}

:started
%find% "${RECEIPT}" <record.txt
echo %cycleType% started: net pause answered %sent% as expected, the service runs%uncertain%
goto succeed

rem A run that was interrupted after its receipt left its intent open.
:already
%find% "${INTENT}" record.txt >nul
if not errorlevel 1 call :close-intent
%find% "${RECEIPT}" <record.txt
echo %cycleType% ${alreadyKicked(cycle)}
goto succeed

:accepted
%find% "${RECEIPT}" <record.txt
echo %cycleType% ${KICK_ACCEPTED}
goto succeed

:print
%find% "${marker.receipt("%cycle%")} " <record.txt
goto succeed

${endings(host, KICK_STEP, INTENT_CLOSING_OUTCOMES, "call :close-intent")}
${endings(host, KICK_STEP, INTENT_KEEPING_OUTCOMES)}

rem A subroutine, because NT 4 reportedly misjudges a comparison inside FOR.
:is-later
if dword:%startedHex% LSS %1 set isLater=1
goto :eof

rem Closes the intent. If an earlier attempt was uncertain, it stays open until a receipt closes it.
:close-intent
if defined uncertain goto :eof
call :begin-reg [%recordKey%]
>>write.reg echo "Intent"="${marker.intentClosed}"
call :import-reg
goto :eof

rem Writes the receipt for a pause that was answered with the number %1 to a file with that name.
:compose-receipt
call :begin-reg [%recordKey%]
${done("net pause answered NET HELPMSG %1 and the service runs, as expected for a kick%uncertain%")}
>>write.reg echo.
copy write.reg %1.reg >nul
goto :eof
${SERVICE}`;

/** Builds the script of one step from its row. */
function compile<S extends KickStep>(step: S): string {
	return steps[step](kickSteps[step]);
}

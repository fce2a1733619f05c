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
const RECEIPT = `${marker.receipt("%C%")} %N% `;
const INTENT = `${marker.intentOpen} %C% %N% `;

/** Records when the run of the last intent or receipt began. */
const BEGAN = `>>w.reg echo "Began.%C%"=dword:%B%`;

/**
 * The values that record a sent kick, as lines of a .reg file. The value that closes the intent is last: if the import
 * is interrupted, everything that was sent is recorded.
 */
const done = (evidence: string) =>
	`if defined L >>w.reg echo "T2"="${marker.t2Open}"
>>w.reg echo "Receipt.%C%"="${RECEIPT}%A% ${evidence};"
>>w.reg echo "Intent"="${marker.intentClosed}"`;

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
call :record
${requireMark(mark, to.lost)}
goto ${to.kept}`;

/** Writes values to the record and reads them back. */
const write = (to: Kept, values: string, mark: string) => `
call :begin [%R%]
${values}
call :import
${readBack(to, mark)}`;

/** The script of each step. `to` is its row of the table: the next step for each result. */
const steps: { [S in KickStep]: (to: KickSteps[S]) => string } = {
	// A mark that is not found leads to a kick. So a failure of FIND itself (errorlevel 2 and above) is handled
	// separately.
	look: (to) => `
call :record
${requireMark("[HKEY", to.unreadable)}
if %A%==update goto print
${findMark(RECEIPT, to.unreadable)}
if not errorlevel 1 goto ${to.done}
set hit=
%find% "Began.%C%" <r.txt >k.txt
for /f "tokens=2 delims==" %%t in (k.txt) do call :is-later %%t
if defined hit goto ${to.later}
${findMark(INTENT, to.unreadable)}
if not errorlevel 1 goto ${to.own}
${findMark(marker.intentOpen, to.unreadable)}
if not errorlevel 1 goto ${to.foreign}
goto ${to.none}`,

	uncertain: (to) => `
if %U%==accept goto ${to.accept}
if %U%==fail goto ${to.fail}
set W=, sent although the outcome of an earlier attempt is unknown
goto ${to.retry}`,

	unsettled: (to) => `
if %U%==fail goto ${to.fail}
set W=, sent although the outcome of an earlier attempt with other triggers is unknown
if %U%==accept goto ${to.accept}
goto ${to.retry}`,

	// A time that cannot be read counts as near the hour. NT 4 prints the time in the format of its language, with the
	// minutes after the first separator.
	hour: (to) => `
if %G%==0 goto ${to.none}
time /t >k.txt
set M=
for /f "tokens=2 delims=:." %%m in (k.txt) do set M=%%m
if not defined M goto ${to.near}
set M=%M:~0,2%
if %M:~0,1%==0 set M=%M:~1,1%
set near=1
for /l %%i in (%G%,1,%F%) do if %%i==%M% set near=
if defined near goto ${to.near}
goto ${to.none}`,

	t3: (to) => `
if not defined H goto ${to.none}
if defined W goto ${to.missing}
%find% "${marker.t2Open}" r.txt >nul
if not errorlevel 1 goto ${to.missing}
if errorlevel 2 goto ${to.missing}
goto ${to.none}`,

	ready: (to) => `
%find% "${marker.restartOwed}" r.txt >nul
if not errorlevel 1 goto ${to.owed}
goto ${to.none}`,

	intend: (to) =>
		write(
			to,
			`>>w.reg echo "Restart"="${marker.restartDone}"
>>w.reg echo "Intent"="${INTENT}%A%;"
${BEGAN}`,
			`${INTENT}%A%;`,
		),

	// The control and the receipt are in one block. cmd.exe reads a block completely before it runs it, so a change to
	// this file cannot separate them. Each `if` in the block has lines of its own: Wine treats what follows a bare one as
	// part of it.
	control: (to) => `
set hit=
set failed=
set sent=
for %%n in (${CONTROL_NUMBERS}) do call :compose %%n
for %%f in (o a) do >%%f.txt echo ${NOT_RUN}
for %%f in (o.txt a.txt) do if not exist %%f goto ${to["no-files"]}
(
%net% pause MSExchangeDX >o.txt 2>&1
if errorlevel 1 (
set failed=1
)
for %%n in (${CONTROL_NUMBERS}) do (
%find% " %%n" o.txt >nul
if not errorlevel 1 (
set sent=%%n
%net% start MSExchangeDX >a.txt 2>&1
%find% " ${ALREADY_STARTED_NUMBER}" a.txt >nul
if not errorlevel 1 (
%I% %%n.reg >nul
set hit=%%n
)
)
)
)
if defined hit goto ${to.kicked}
if defined sent goto ${to.died}
call :answer ${outcomes["not-recognised"].numbers.join(" ")}
if defined hit goto ${to.refused}
${branches({
	"not-running": to["not-running"],
	"not-installed": to["not-installed"],
	"takes-no-control": to["takes-no-control"],
	"access-denied": to["access-denied"],
	unknown: to.unknown,
})}
rem NT prints no number for a real pause. An answer that is empty or was never written proves nothing.
%find% "${NOT_RUN}" o.txt >nul
if not errorlevel 1 goto ${to.unknown}
%find% /v "" o.txt >nul
if errorlevel 1 goto ${to.unknown}
for %%d in (1 2 3 4 5 6 7 8 9) do (%find% " %%d" o.txt >nul&if not errorlevel 1 set failed=1)
if defined failed goto ${to.unknown}
goto ${to.paused}`,

	settle: (to) => `
set sent=%hit%
${readBack(to, RECEIPT)}`,

	refused: (to) => `
call :compliant
if not defined on goto ${to.missing}
if defined again goto ${to.again}
goto ${to.first}`,

	owe: (to) => `
set again=1
set Q=
${write(
	to,
	`if not defined W >>w.reg echo "Intent"="${marker.intentClosed}"
>>w.reg echo "Restart"="${marker.restartOwed}"`,
	marker.restartOwed,
)}`,

	restart: (to) => `
call :startable
if defined stuck goto ${to.stuck}
set late=1
call :stop-and-start
goto ${to.running}
${restartFailures(to)}`,

	resume: (to) => `
%net% continue MSExchangeDX >o.txt 2>&1
if errorlevel 1 set failed=1
call :answer ${outcomes["paused-stuck"].numbers.join(" ")}
if defined hit goto ${to.stuck}
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
set G=${minutesAroundHour}
set F=${60 - minutesAroundHour}
set H=${t3BeforeT2 ? 1 : ""}
set L=${awaitsT3 ? 1 : ""}
set C=${cycle}
set N=${token}
set U=${onUncertain}
set P=${type}
set A=%3
set B=%4
set W=
set again=
goto look
${(Object.keys(kickSteps) as KickStep[]).map((step) => `:${step}${compile(step)}`).join("\n")}

:started
%find% "${RECEIPT}" <r.txt
echo %P% started: net pause answered %sent% as it should, the service runs%W%
goto good

rem A run that was interrupted after its receipt left its intent open.
:already
%find% "${INTENT}" r.txt >nul
if not errorlevel 1 call :close
%find% "${RECEIPT}" <r.txt
echo %P% ${alreadyKicked(cycle)}
goto good

:accepted
%find% "${RECEIPT}" <r.txt
echo %P% ${KICK_ACCEPTED}
goto good

:print
%find% "${marker.receipt("%C%")} " <r.txt
goto good

${endings(host, KICK_STEP, INTENT_CLOSING_OUTCOMES, "call :close")}
${endings(host, KICK_STEP, INTENT_KEEPING_OUTCOMES)}

rem A subroutine, because NT 4 reportedly misjudges a comparison inside FOR.
:is-later
if dword:%B% LSS %1 set hit=1
goto :eof

rem Closes the intent. If an earlier attempt was uncertain (W), it stays open until a receipt closes it.
:close
if defined W goto :eof
call :begin [%R%]
>>w.reg echo "Intent"="${marker.intentClosed}"
call :import
goto :eof

rem Writes the receipt for a pause that was answered with the number %1 to a file with that name.
:compose
call :begin [%R%]
${done("net pause answered NET HELPMSG %1 and the service runs, as a kick does%W%")}
>>w.reg echo.
copy w.reg %1.reg >nul
goto :eof
${SERVICE}`;

/** Builds the script of one step from its row. */
function compile<S extends KickStep>(step: S): string {
	return steps[step](kickSteps[step]);
}

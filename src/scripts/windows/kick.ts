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
	type KickEnding,
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
	findMark,
	requireValue,
	restartFailures,
	withSubroutines,
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
const done = ({ awaitsT3 }: KickOptions) => `
${awaitsT3 ? `>>write.reg echo "T2"="${marker.t2Open}"` : ""}
>>write.reg echo "Receipt.%cycle%"="${RECEIPT}%startedAt% %evidence%;"
>>write.reg echo "Intent"="${marker.intentClosed}"`;

const CONTROL_NUMBERS = KICK_SUCCESS_NUMBERS.join(" ");

/** The contents of an output file before its program has run. */
const NOT_RUN = "dx-not-run";

/** The next steps after a write to the record. */
interface Kept {
	kept: KickStep | KickEnding;
	lost: KickStep | KickEnding;
}

/** The command that continues with a step or an ending. */
function go(to: KickStep | KickEnding): string {
	const isOneOf = (codes: readonly string[]) => codes.includes(to);
	if (isOneOf(INTENT_CLOSING_OUTCOMES)) return `call :close ${to}`;
	return isOneOf(INTENT_KEEPING_OUTCOMES) ? `call :end ${to}` : `goto ${to}`;
}

/** Reads the record and continues by whether it contains the receipt that this run wrote. */
const readReceipt = (to: Kept) => `
${requireValue("Receipt.%cycle%", `${RECEIPT}%startedAt% %evidence%;`, go(to.lost))}
${go(to.kept)}`;

/** Writes values to the record. */
const write = (values: string) => `
call :begin-reg [%recordKey%]
${values}
call :import-reg`;

/**
 * The script of each step. `to` is its row of the table: the next step for each result. A step contains only what its
 * options need, and a script only the steps that can be reached.
 */
const steps: {
	[S in KickStep]: (to: KickSteps[S], options: KickOptions) => string;
} = {
	// A value that is not found leads to a kick. So the record must have been read completely, and a failure of FIND
	// itself (errorlevel 2 and above) is handled separately.
	inspect: (to) => `
if not defined exists ${go(to.unreadable)}
if %startedAt%==update goto print-receipt
call :has Receipt.%cycle% receipt
if not defined receipt goto new-triggers
${findMark(RECEIPT, go(to.unreadable))}
if not errorlevel 1 ${go(to.done)}
:new-triggers
set isLater=
call :get-value time.txt Began.%cycle%
if exist time.txt for /f %%t in (time.txt) do call :is-later %%t
if defined isLater ${go(to.later)}
call :has Intent intent
call :check Intent "${marker.intentClosed}" closed
if defined closed set intent=
if not defined intent ${go(to.none)}
${findMark(INTENT, go(to.unreadable))}
if not errorlevel 1 ${go(to.own)}
${findMark(marker.intentOpen, go(to.unreadable))}
if not errorlevel 1 ${go(to.foreign)}
${go(to.none)}`,

	uncertain: (to, { onUncertain }) => `
${onUncertain === "retry" ? "set uncertain=, sent although the outcome of an earlier attempt is unknown" : ""}
${go(to[onUncertain])}`,

	unsettled: (to, { onUncertain }) => `
${onUncertain === "fail" ? "" : "set uncertain=, sent although the outcome of an earlier attempt with other triggers is unknown"}
${go(to[onUncertain])}`,

	// A time that cannot be read counts as near the hour. NT 4 prints the time in the format of its language, with the
	// minutes after the first separator.
	"check-hour": (to, { guards: { minutesAroundHour } = NO_GUARDS }) =>
		minutesAroundHour
			? `
time /t >time.txt
set minute=
for /f "tokens=2 delims=:." %%m in (time.txt) do set minute=%%m
if not defined minute ${go(to.near)}
set minute=%minute:~0,2%
if %minute:~0,1%==0 set minute=%minute:~1,1%
set near=1
for /l %%i in (${minutesAroundHour},1,${60 - minutesAroundHour}) do if %%i==%minute% set near=
if defined near ${go(to.near)}
${go(to.none)}`
			: `
${go(to.none)}`,

	"check-t3": (to, { guards: { t3BeforeT2 } = NO_GUARDS }) => `
${
	t3BeforeT2
		? `if defined uncertain ${go(to.missing)}
call :check T2 "${marker.t2Open}" t2Open
if defined t2Open ${go(to.missing)}`
		: ""
}
${go(to.none)}`,

	"check-restart": (to) => `
call :check Restart "${marker.restartPending}" restartPending
if defined restartPending ${go(to.pending)}
${go(to.none)}`,

	"open-intent": (to) => `
${write(`>>write.reg echo "Restart"="${marker.restartDone}"
>>write.reg echo "Intent"="${INTENT}%startedAt%;"
${BEGAN}`)}
${requireValue("Intent", `${INTENT}%startedAt%;`, go(to.lost))}
call :check Began.%cycle% dword:%startedHex% kept
if not defined kept ${go(to.lost)}
${go(to.kept)}`,

	// The control and the receipt are in one block. cmd.exe reads a block completely before it runs it, so a change to
	// this file cannot separate them. Each `if` in the block has lines of its own: Wine treats what follows a bare one as
	// part of it.
	control: (to) => `
set found=
set failed=
set sent=
set incomplete=
for %%n in (${CONTROL_NUMBERS}) do call :compose-receipt %%n
if defined incomplete ${go(to["no-files"])}
for %%f in (output.txt started.txt) do >%%f echo ${NOT_RUN}
for %%f in (output.txt started.txt) do if not exist %%f ${go(to["no-files"])}
(
%net% pause MSExchangeDX >output.txt 2>&1
if errorlevel 1 (
set failed=1
)
for %%n in (${CONTROL_NUMBERS}) do (
if not defined sent (
%find% " %%n" output.txt >nul
if not errorlevel 1 (
if errorlevel 0 (
set sent=%%n
%net% start MSExchangeDX >started.txt 2>&1
%find% " ${ALREADY_STARTED_NUMBER}" started.txt >nul
if not errorlevel 1 (
if errorlevel 0 (
%regImport% %%n.reg >nul
set found=%%n
)
)
)
)
)
)
)
if defined found ${go(to.kicked)}
if defined sent ${go(to.stopped)}
call :has-number ${outcomes["not-recognised"].numbers.join(" ")}
if defined found ${go(to.refused)}
${branches({
	"not-running": go(to["not-running"]),
	"not-installed": go(to["not-installed"]),
	"takes-no-control": go(to["takes-no-control"]),
	"access-denied": go(to["access-denied"]),
	unknown: go(to.unknown),
})}
rem NT prints no number for a real pause. An answer that is empty or was never written proves nothing.
set answered=
for /f %%w in (output.txt) do set answered=1
for /f %%w in (output.txt) do if "%%w"=="${NOT_RUN}" set answered=
if not defined answered ${go(to.unknown)}
for %%d in (1 2 3 4 5 6 7 8 9) do (%find% " %%d" output.txt >nul&if not errorlevel 1 set failed=1)
if defined failed ${go(to.unknown)}
${go(to.paused)}`,

	confirm: (to) => `
set sent=%found%
call :evidence %sent%
${readReceipt(to)}`,

	refused: (to) => `
call :check-value
if not defined compliant ${go(to.missing)}
if defined restartedOnce ${go(to.again)}
${go(to.first)}`,

	"plan-restart": (to) => `
set restartedOnce=1
set number=
${write(`if not defined uncertain >>write.reg echo "Intent"="${marker.intentClosed}"
>>write.reg echo "Restart"="${marker.restartPending}"`)}
${requireValue("Restart", marker.restartPending, go(to.lost))}
${go(to.kept)}`,

	restart: (to) => `
call :read-key %serviceKey%
call :check-start
if defined cannotStart ${go(to.stuck)}
set restartPending=1
call :stop-and-start
${go(to.running)}
${restartFailures({
	denied: go(to.denied),
	"not-stopped": go(to["not-stopped"]),
	"not-started": go(to["not-started"]),
})}`,

	resume: (to) => `
%net% continue MSExchangeDX >output.txt 2>&1
if errorlevel 1 set failed=1
call :has-number ${outcomes["paused-stuck"].numbers.join(" ")}
if defined found ${go(to.stuck)}
if defined failed ${go(to.stuck)}
${go(to.runs)}`,

	accept: (to, options) => `
set evidence=accepted as done, the outcome of an earlier attempt is unknown
${write(`${done(options)}
${BEGAN}`)}
${readReceipt(to)}`,
};

/** The endings of the table that are no outcome, and the subroutines of the steps, by their labels. */
const endings = (options: KickOptions) => ({
	started: `
call :print Receipt.%cycle%
echo %cycleType% started: net pause answered %sent% as expected, the service runs%uncertain%
goto succeed
`,

	// A run that was interrupted after its receipt left its intent open.
	already: `
%find% "${INTENT}" values.txt >nul
if errorlevel 1 goto intent-closed
if errorlevel 0 call :close-intent
:intent-closed
call :print Receipt.%cycle%
echo %cycleType% ${alreadyKicked(options.cycle)}
goto succeed
`,

	accepted: `
call :print Receipt.%cycle%
echo %cycleType% ${KICK_ACCEPTED}
goto succeed
`,

	"print-receipt": `
call :print Receipt.%cycle%
goto succeed
`,

	// Fails, and closes the intent first.
	close: `
call :close-intent
goto end
`,

	// A subroutine, because NT 4 reportedly misjudges a comparison inside FOR.
	"is-later": `
if dword:%startedHex% LSS %1 set isLater=1
goto :eof
`,

	// If an earlier attempt was uncertain, the intent stays open until a receipt closes it.
	"close-intent": `
if defined uncertain goto :eof
call :begin-reg [%recordKey%]
>>write.reg echo "Intent"="${marker.intentClosed}"
call :import-reg
goto :eof
`,

	// Writes the receipt for a pause that was answered with the number %1 to a file with that name. Sets incomplete if the file
	// lacks it: on a full disk the short line that closes the intent may fit and the receipt not.
	"compose-receipt": `
call :evidence %1
call :begin-reg [%recordKey%]
${done(options)}
>>write.reg echo.
copy write.reg %1.reg >nul
set kept=
${options.awaitsT3 ? "set t2Kept=" : ""}
for /f "tokens=1,* delims==" %%a in (%1.reg) do (
if %%a%%b=="Receipt.%cycle%""${RECEIPT}%startedAt% %evidence%;" set kept=1
${options.awaitsT3 ? `if %%a%%b=="T2""${marker.t2Open}" set t2Kept=1` : ""}
)
if not defined kept set incomplete=1
${options.awaitsT3 ? "if not defined t2Kept set incomplete=1" : ""}
goto :eof
`,

	evidence: `
set evidence=net pause answered NET HELPMSG %1 and the service runs, as expected for a kick%uncertain%
goto :eof
`,
});

/** The whole script: the steps that can be reached, and their endings. */
function body(options: KickOptions): string {
	const parts = [
		...(Object.keys(kickSteps) as KickStep[]).map((step) => [
			step,
			`${compile(step, options)}\n`,
		]),
		...Object.entries(endings(options)),
	].map(([label, text]) => [label, `\n:${label}${text}`]);
	const { t3BeforeT2 } = options.guards ?? NO_GUARDS;
	// `plan` reads onUncertain and t3Guard from the script in the state. The script itself was built with them.
	return withSubroutines(
		`
set onUncertain=${options.onUncertain}
set t3Guard=${t3BeforeT2 ? 1 : ""}
set cycle=${options.cycle}
set token=${options.token}
set cycleType=${options.type}
set startedAt=%3
set startedHex=%4
set uncertain=
set restartedOnce=
goto inspect
`,
		Object.fromEntries(parts),
	);
}

/** Builds the script of one step from its row. */
function compile<S extends KickStep>(step: S, options: KickOptions): string {
	return steps[step](kickSteps[step], options);
}

import { marker } from "../host-record";
import { ALREADY_STARTED, FAILED_TO_PAUSE, outcomes } from "../outcome";
import {
	branches,
	EXITS,
	endings,
	loader,
	PRELUDE,
	pack,
	RESTART_FAILURES,
	SUBROUTINES,
} from "./batch";

export interface KickOptions {
	/** The host's name, for messages. */
	host: string;
	/** Which registry tool to use: `auto`, `reg` or `regedit`. */
	registryTool: string;
	/** Keeps the receipts of a host's own cycle and of cutovers apart. */
	cycle: string;
	/** See `kickToken`. */
	token: string;
	/** `T1` or `T2`, for messages. */
	type: string;
	/** `fail`, `kick` or `accept`: what to do when an earlier attempt's outcome is unknown. */
	onUncertain: string;
}

/** What the trigger resource runs: `create` takes the time that goes into the receipt. */
export interface KickCommands {
	create: (at: string) => string;
	update: string;
	stdin: string;
}

/** What the host keeps of a kick. */
export interface Receipt {
	/** When the update sent the control: ISO 8601, UTC, by the clock of the machine that runs Pulumi. */
	kickedAt: string;
	/** What the host answered, in ASCII, with its number. */
	evidence: string;
}

/**
 * The commands of the trigger resource. There is no `delete`, and `update`, which nothing should ever run, sends no
 * control.
 */
export function kickCommands(options: KickOptions): KickCommands {
	const command = (verb: string, at: string) =>
		loader([
			verb,
			options.host,
			options.registryTool,
			options.cycle,
			options.token,
			options.onUncertain,
			options.type,
			at,
		]);
	return {
		create: (at: string) => command("create", at),
		update: command("update", "-"),
		stdin: SCRIPT,
	};
}

/** Reads the receipt that the script printed. */
export function readReceipt(stdout: string): Receipt {
	const [, kickedAt, evidence] =
		/dx-done:\S+ \S+ (\S+) ([^";]+)/.exec(stdout) ?? [];
	if (kickedAt === undefined || evidence === undefined) {
		throw new Error(
			`the host's receipt cannot be understood: ${JSON.stringify(stdout)}`,
		);
	}
	return { kickedAt, evidence };
}

/** `done` as it stands in a .reg file. */
const receiptLine = (evidence: string) =>
	`>>w.reg echo "Receipt.%C%"="${marker.receipt("%C%")} %N% %A% ${evidence};"`;

/**
 * Intent before the control, outcome after it; the control and the outcome that is the success stand in one block,
 * which cmd.exe reads whole, so that nothing that happens to this file can part them. In it each `if` has its own lines:
 * Wine takes what follows a bare one for a part of it.
 */
const SCRIPT = pack(
	PRELUDE,
	`
set C=%4
set N=%5
set U=%6
set P=%7
set A=%8
call :record
if %V%==update goto told
find "${marker.receipt("%C%")} %N% " <r.txt >nul
if not errorlevel 1 goto already
find "${marker.intentOpen}" <r.txt >nul
if errorlevel 1 goto clear
if %U%==fail goto outcome-unknown
if %U%==accept goto accept

:clear
call :begin [%R%]
>>w.reg echo "Intent"="${marker.intentOpen} %C% %N% %A%;"
call :import
call :record
find "${marker.intentOpen} %C% %N% %A%;" <r.txt >nul
if errorlevel 1 goto record-not-written

set again=
:control
set hit=
set failed=
set delivered=
call :begin [%R%]
>>w.reg echo "Intent"="${marker.intentClosed}"
${receiptLine(`net pause answered NET HELPMSG ${FAILED_TO_PAUSE} and the service runs, as a kick does`)}
>>w.reg echo.
(
net pause MSExchangeDX >o.txt 2>&1
if errorlevel 1 (
set failed=1
)
find " ${FAILED_TO_PAUSE}" <o.txt >nul
if not errorlevel 1 (
set delivered=1
net start MSExchangeDX >a.txt 2>&1
find " ${ALREADY_STARTED}" <a.txt >nul
if not errorlevel 1 (
%I% w.reg >nul
set hit=1
)
)
)
if defined hit goto kicked
if defined delivered goto not-running-after
call :answer ${outcomes["not-recognised"].numbers.join(" ")}
if defined hit goto refused
${branches(["not-running", "not-installed", "takes-no-control", "access-denied", "unknown"])}
if defined failed goto unknown
net continue MSExchangeDX >o.txt 2>&1
if errorlevel 1 goto paused-stuck
call :answer ${outcomes["paused-stuck"].numbers.join(" ")}
if defined hit goto paused-stuck
goto paused

rem Not delivered. With the value in place the running service started before it was written, which nothing on NT 4
rem shows beforehand: one restart, then the one control.
:refused
call :compliant
if not defined on goto value-missing
if defined again goto not-recognised
set again=1
set Q=
call :restart
if not defined was goto not-running
goto control

:kicked
call :record
find "${marker.receipt("%C%")} %N% " <r.txt
if errorlevel 1 goto receipt-not-written
echo %P% started: net pause answered ${FAILED_TO_PAUSE} as it should, the service runs
goto good

:already
find "${marker.receipt("%C%")} %N% " <r.txt
echo %P% was already started for these triggers, nothing was sent; to start another one change cycle.triggers
goto good

:accept
call :begin [%R%]
>>w.reg echo "Intent"="${marker.intentClosed}"
${receiptLine("accepted as done, the outcome of an earlier attempt is unknown")}
call :import
call :record
find "${marker.receipt("%C%")} %N% " <r.txt
if errorlevel 1 goto record-not-written
echo %P% accepted as done, nothing was sent
goto good

:told
find "${marker.receipt("%C%")} " <r.txt
goto good

:close
call :begin [%R%]
>>w.reg echo "Intent"="${marker.intentClosed}"
call :import
goto :eof

`,
	RESTART_FAILURES,
	// Nothing was delivered, or it is known what came of it: the intent is settled and the next update tries again.
	endings(
		"kick",
		[
			"not-running",
			"not-installed",
			"takes-no-control",
			"access-denied",
			"not-recognised",
			"value-missing",
			"paused",
			"paused-stuck",
			"stop-failed",
			"start-failed",
		],
		"call :close",
	),
	// A cycle may have been started: the intent stays open and the next update asks.
	endings("kick", [
		"unknown",
		"not-running-after",
		"outcome-unknown",
		"record-not-written",
		"receipt-not-written",
	]),
	SUBROUTINES,
	EXITS,
);

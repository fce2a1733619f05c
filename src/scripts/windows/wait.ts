import type { StepCommands } from "../../protocol/commands";
import { toHexSeconds } from "../../protocol/host-record";
import { message } from "../../protocol/outcomes";
import { createScript } from "./batch";
import { stepCommands } from "./step";
import { TELL } from "./subroutines";

/** A command that is asked again and again until its output holds a text. */
export interface WaitOptions {
	/** The host's name, for messages. */
	host: string;
	/** What is waited for, for messages. */
	step: string;
	/** The host's record. */
	record: string;
	/** One line of a batch file. */
	command: string;
	contains: string;
	/** Seconds between two looks. */
	every: number;
	/** Seconds. */
	timeout: number;
}

/** What a command may take that answers late, in seconds. */
const LATE_SECONDS = 180;

/** Holds the seconds that are left: a command that takes its time must not make the wait longer. */
const SECONDS_LEFT_FILE = "s.txt";

/**
 * The commands of a wait. It works in a folder of its own: it changes nothing on the host, and whoever comes next need not
 * wait for one that was broken off.
 */
export function waitCommands(options: WaitOptions): StepCommands {
	const { host, step, record, timeout } = options;
	const script = createScript(host, step, body(options), {
		record,
		limit: timeout + LATE_SECONDS,
		counts: SECONDS_LEFT_FILE,
	});
	return stepCommands(
		script,
		(at) => `%SystemRoot%\\dx-wait-${toHexSeconds(at)}`,
	);
}

const body = ({
	host,
	step,
	command,
	contains,
	every,
	timeout,
}: WaitOptions) => `
set A=%3
set rest=${timeout}
:again
pushd .
call :ask >o.txt 2>&1
popd
call :home
if defined lost goto bad
%find% "${contains.replaceAll("%", "%%")}" o.txt >nul
if not errorlevel 1 goto seen
for /f %%s in (${SECONDS_LEFT_FILE}) do set /a rest=%%s-${LATE_SECONDS}
if %rest% LEQ 0 goto over
%ping% -n ${every + 1} 127.0.0.1 >nul
goto again

:seen
echo began %A%
%find% "${contains.replaceAll("%", "%%")}" <o.txt >p.txt
copy p.txt o.txt >nul
call :tell
goto good

:over
echo ${message(host, step, "wait-over")}
%find% /v "" o.txt >nul
if errorlevel 1 echo It last saw nothing, its command printed nothing
if not errorlevel 1 echo It last saw:
call :tell
goto bad

:ask
${command}
goto :eof
${TELL}`;

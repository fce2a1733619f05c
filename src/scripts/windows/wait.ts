import type { StepCommands } from "../../protocol/commands";
import { toHexSeconds } from "../../protocol/host-record";
import { message } from "../../protocol/outcomes";
import { createScript } from "./batch";
import { stepCommands } from "./step";
import { TELL } from "./subroutines";

/** A wait: a command that is repeated until its output contains a string. */
export interface WaitOptions {
	/** The host's name, for messages. */
	host: string;
	/** The name of the wait, for messages. */
	step: string;
	/** The registry key of the record that the script uses. */
	record: string;
	/** One line for cmd.exe, as in a batch file. */
	command: string;
	contains: string;
	/** Seconds between two runs of the command. */
	every: number;
	/** Seconds after which the wait fails. */
	timeout: number;
}

/** Extra seconds for a command that ends late. */
const LATE_SECONDS = 180;

/** Contains the remaining seconds, so that a slow command does not make the wait longer. */
const SECONDS_LEFT_FILE = "s.txt";

/**
 * The commands of a wait. It has a work folder of its own: it changes nothing on the host, so the next run does not
 * have to wait for an interrupted wait.
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
		(at) => `%SystemRoot%\\dx-wait${toHexSeconds(at)}`,
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

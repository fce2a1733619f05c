import type { StepCommands } from "../../protocol/commands";
import { HOST_FILE, toHexSeconds } from "../../protocol/host-record";
import { STARTED_PREFIX } from "../../protocol/step-output";
import { createScript } from "./batch";
import { stepCommands } from "./step";

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
const SECONDS_LEFT_FILE = "seconds.txt";

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
	return stepCommands(script, (at) => `${HOST_FILE}wait${toHexSeconds(at)}`);
}

const body = ({ command, contains, every, timeout }: WaitOptions) => `
set startedAt=%3
set secondsLeft=${timeout}
:repeat
pushd .
call :run-command >output.txt 2>&1
popd
call :check-folder
if defined wrongFolder goto fail
%find% "${contains.replaceAll("%", "%%")}" output.txt >nul
if errorlevel 1 goto not-yet
if errorlevel 0 goto found
:not-yet
for /f %%s in (${SECONDS_LEFT_FILE}) do set /a secondsLeft=%%s-${LATE_SECONDS}
if %secondsLeft% LEQ 0 goto timed-out
%ping% -n ${every + 1} 127.0.0.1 >nul
goto repeat

:found
echo ${STARTED_PREFIX}%startedAt%
%find% "${contains.replaceAll("%", "%%")}" <output.txt >found.txt
copy found.txt output.txt >nul
call :print-output
goto succeed

:timed-out
call :say wait-timeout
%find% /v "" output.txt >nul
if errorlevel 1 echo The command last printed nothing
if not errorlevel 1 echo The command last printed:
call :print-output
goto fail

:run-command
${command}
goto :eof`;

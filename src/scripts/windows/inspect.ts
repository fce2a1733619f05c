import type { RegistryTool } from "../../model/host";
import { CHECK_STEP, type InspectCommands } from "../../protocol/inspection";
import { createScript } from "./batch";
import { endings } from "./subroutines";

export interface InspectOptions {
	/** The host's name, for messages. */
	host: string;
	/** Which registry tool to use: `auto`, `reg` or `regedit`. */
	registryTool: RegistryTool;
	/** Nobody else's: a look waits for no run, keeps none waiting, and two of them do not meet. */
	id: string;
}

/** Of each look one, by its id. */
const FOLDER = "%SystemRoot%\\dx-look-";

const SC = "%SystemRoot%\\system32\\sc.exe";

/**
 * A look at a Windows host. It writes nothing but files of its own, which go when it ends, and sends no control. What it shows is foreign text in the code pages of the host, and judged by `readLook`: in a batch file it
 * could not be.
 */
export function inspectCommands({
	host,
	registryTool,
	id,
}: InspectOptions): InspectCommands {
	const { stdin, command } = createScript(host, CHECK_STEP, body(host), {
		registryTool,
		shows: {
			service: "k.txt",
			record: "r.txt",
			started: "o.txt",
			state: "s.txt",
		},
	});
	return {
		stdin,
		command: command(["look"], `${FOLDER}${id}`),
	};
}

/**
 * sc.exe, in the box since Windows XP, asks for a state without a control; before it `net start` tells what runs, or is
 * paused.
 */
const body = (host: string) => `
for %%f in (${FOLDER}*.cmd) do call :clear %%f
call :read %K% HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services
copy x.txt k.txt >nul
call :read %R% HKEY_LOCAL_MACHINE\\SOFTWARE
copy x.txt r.txt >nul
%net% start >o.txt 2>&1
if exist ${SC} ${SC} query MSExchangeDX >s.txt 2>&1
goto good

rem A look that something hangs in, or that was killed, leaves its files. Whose lock can be deleted has ended.
:clear
set N=%1
set N=%N:.cmd=%
del %N%.lck
if exist %N%.lck goto :eof
if exist %N% rd /s /q %N%
del %1
goto :eof

rem regedit may ask a question when told to export a key that is not there, and nobody would answer it. So it is asked
rem for the key above first, which for SOFTWARE is long; only where that arrived whole, on a disk that was not full, a
rem key that is not in it is missing.
:read
if %T%==reg goto ask
call :export %2
if not defined there goto access-denied
>>x.txt echo dx-whole
%find% "dx-whole" x.txt >nul
if errorlevel 1 goto bad
%find% /i "[%1]" x.txt >nul
if errorlevel 1 goto none
:ask
call :export %1
if defined there goto :eof
:none
if exist x.txt del x.txt
>x.txt echo.
goto :eof
${endings(host, CHECK_STEP, ["access-denied"])}`;

import type { RegistryTool } from "../../model/host";
import { CHECK_STEP, type InspectCommands } from "../../protocol/inspection";
import { createScript } from "./batch";
import { endings } from "./subroutines";

/** What the inspection of one host depends on. */
export interface InspectOptions {
	/** The host's name, for messages. */
	host: string;
	/** The registry tool: `auto`, `reg` or `regedit`. */
	registryTool: RegistryTool;
	/**
	 * Unique for each inspection. So an inspection waits for no run, delays none, and does not collide with another
	 * inspection.
	 */
	id: string;
}

/** The beginning of the work folder's name. The id of the inspection follows. */
const FOLDER = "%SystemRoot%\\dx-look-";

const SC = "%SystemRoot%\\system32\\sc.exe";

/**
 * The inspection of a Windows host. It writes only its own files, deletes them at its end, and sends no control. It
 * prints foreign text in the code pages of the host. `parseInspection` evaluates that text, since a batch file could
 * not.
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
 * sc.exe, part of Windows since XP, reads the state without sending a control. On older versions `net start` lists the
 * services that run or are paused.
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

rem An inspection that hung or was killed leaves its files. If its lock file can be deleted, it has ended.
:clear
set N=%1
set N=%N:.cmd=%
del %N%.lck
if exist %N%.lck goto :eof
if exist %N% rd /s /q %N%
del %1
goto :eof

rem regedit may show a question if the key to export does not exist, and no user would answer it. So it exports the
rem parent key first, which for SOFTWARE takes long. A key is missing only if it is not in an export that arrived
rem complete, on a disk that was not full.
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

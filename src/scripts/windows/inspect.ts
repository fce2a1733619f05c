import type { RegistryTool } from "../../model/host";
import { HOST_FILE } from "../../protocol/host-record";
import { CHECK_STEP, type InspectCommands } from "../../protocol/inspection";
import { createScript } from "./batch";

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
const FOLDER = `${HOST_FILE}check-`;

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
	const { stdin, command } = createScript(host, CHECK_STEP, body, {
		registryTool,
		shows: {
			service: "service.txt",
			record: "record.txt",
			started: "output.txt",
			state: "state.txt",
		},
	});
	return {
		stdin,
		command: command(["inspect"], `${FOLDER}${id}`),
	};
}

/**
 * sc.exe, part of Windows since XP, reads the state without sending a control. On older versions `net start` lists the
 * services that run or are paused.
 */
const body = `
for %%f in (${FOLDER}*.cmd) do call :clear-earlier %%f
call :copy-key %serviceKey% HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services
copy export.txt service.txt >nul
call :copy-key %recordKey% HKEY_LOCAL_MACHINE\\SOFTWARE
copy export.txt record.txt >nul
%net% start >output.txt 2>&1
if exist ${SC} ${SC} query MSExchangeDX >state.txt 2>&1
goto succeed

rem An inspection that hung or was killed leaves its files. If its lock file can be deleted, it has ended.
:clear-earlier
set earlier=%1
set earlier=%earlier:.cmd=%
del %earlier%.lck
if exist %earlier%.lck goto :eof
if exist %earlier% rd /s /q %earlier%
del %1
goto :eof

rem regedit may show a question if the key to export does not exist, and no user would answer it. So it exports the
rem parent key first, which for SOFTWARE takes long. A key is missing only if it is not in an export that arrived
rem complete, on a disk that was not full.
:copy-key
if %registryTool%==reg goto export-own
call :export-text %2
if not defined exists call :end access-denied
>>export.txt echo dx-complete
%find% "dx-complete" export.txt >nul
if errorlevel 1 goto fail
%find% /i "[%1]" export.txt >nul
if errorlevel 1 goto no-key
:export-own
call :export-text %1
if defined exists goto :eof
:no-key
if exist export.txt del export.txt
>export.txt echo.
goto :eof

rem Exports the key %1 to export.txt and sets exists. If the key does not exist, export.txt has no key and exists is not
rem set. Wine's TYPE stops at UTF-16, which FIND converts.
:export-text
set exists=
for %%f in (export.reg export.txt) do if exist %%f del %%f
if %registryTool%==reg %reg% export %1 export.reg >nul
if %registryTool%==regedit start /wait %regedit% /e export.reg %1
type export.reg >export.txt
%find% "[HKEY" export.txt >nul
if not errorlevel 1 set exists=1
if defined exists goto :eof
%find% /v "" <export.reg >export.txt
%find% "[HKEY" export.txt >nul
if not errorlevel 1 set exists=1
goto :eof`;

import type { StepCommands } from "../../protocol/commands";
import { digest, HOST_FILE, marker } from "../../protocol/host-record";
import { POST_OFFICE_STEP, STARTED_PREFIX } from "../../protocol/step-output";
import { createScript } from "./batch";
import {
	CHECK_OUTPUT,
	enterDirectory,
	failures,
	PROGRAM_LIMIT_SECONDS,
} from "./program";
import { NO_OPERATION } from "./step";
import { requireValue } from "./subroutines";

/** A post office in one cutover, on the host that runs its programs. */
export interface PostOfficeOptions {
	/** The post office's name, for messages. */
	name: string;
	cutover: string;
	/** `organization/project/stack`: the owner of the record. */
	stack: string;
	drive: string;
	directory: string;
	launcher: string | undefined;
	admin: string;
	/** Whether to refuse a post office that is locked or whose address list is open. */
	mustBeFree: boolean;
}

/** The commands of a post office's resource, and those of its IMPORT. */
export interface PostOfficeCommands {
	/**
	 * Builds the command for a run of the cutover. Another run changes the command, so the post office is checked again.
	 */
	create: (run: string) => string;
	update: (run: string) => string;
	delete: string;
	stdin: string;
	import: Omit<StepCommands, "stdin">;
}

/** The registry key of a post office's part of one cutover. It holds the receipts of the programs that send. */
export const postOfficeRecord = (cutover: string, postOffice: string) =>
	`HKEY_LOCAL_MACHINE\\SOFTWARE\\exchange-dirsync-${cutover}-${postOffice}`;

/** IMPORT is a step of its own in messages. */
const IMPORT = "import";

/** The stdin of IMPORT's resource: the password, in the form of IMPORT's command line. */
export const importStdin = (password: string): string => `-p${password}\r\n`;

/**
 * The commands of the resource that precedes a post office's steps. It checks that they can run before anything is
 * sent. It also leaves a copy of its script on the host: in the session that runs IMPORT, stdin is used for the
 * administrator's password and cannot carry a script. `delete` removes the copy and the record.
 *
 * Between stdin and IMPORT's command line the password is only in a FOR variable. A cmd.exe that buffers FOR's input in
 * a file (Wine's does) puts it in the folder that is emptied and removed.
 *
 * IMPORT runs again if its outcome is unknown: the second time it finds nothing to import.
 */
export function postOfficeCommands(
	options: PostOfficeOptions,
): PostOfficeCommands {
	const { name, cutover } = options;
	const file = `${HOST_FILE}${digest([cutover, name]).slice(0, 5)}.cmd`;
	const script = createScript(name, POST_OFFICE_STEP, body(options, file), {
		record: postOfficeRecord(cutover, name),
		reads: { verb: IMPORT, limit: PROGRAM_LIMIT_SECONDS },
	});
	return {
		create: (run) => script.command(["create", run]),
		update: (run) => script.command(["update", run]),
		delete: script.command(["delete"]),
		stdin: script.stdin,
		import: {
			create: (at) => script.saved(file, [IMPORT, at]),
			update: NO_OPERATION,
		},
	};
}

const body = (options: PostOfficeOptions, file: string) => {
	const { name, stack, drive, directory, launcher, admin, mustBeFree } =
		options;
	const line = [
		"%callPrefix%",
		launcher,
		`import -d${drive} ${admin} %%p -q -y`,
	];
	return `
set verb=%3
set inUse=
if %verb%==${IMPORT} goto import-list
set owner=${digest(["owner", stack])}
set scriptCopy=${file}
set run=%4
if not defined exists call :end record-not-written
if %verb%==delete goto delete
if not exist ${drive}:\\GLB\\MASTER.GLB call :end no-drive
cd /d "${directory}"
if errorlevel 1 goto directory-missing
cd /d %work%
rem A rotated key or a new script can run this again in the same run of the cutover. The check would then be too late,
rem so it is skipped.
call :check Run "${marker.run("%run%")}" checked
if defined checked goto checked
${mustBeFree ? probes(drive) : ""}
:checked
copy %0 %scriptCopy% >nul
call :begin-reg [%recordKey%]
>>write.reg echo "Owner"="${marker.owner("%owner%")}"
>>write.reg echo "Run"="${marker.run("%run%")}"
call :import-reg
${requireValue("Owner", marker.owner("%owner%"), "call :end record-not-written")}
echo ${name} ${mustBeFree ? "is not locked" : "was found"}
goto succeed

:delete
call :check Owner "${marker.owner("%owner%")}" owned
if not defined owned goto succeed
if exist %scriptCopy% del %scriptCopy%
call :delete-record
goto succeed

:import-list
set step=${IMPORT}
set startedAt=%4
md tmp
set TMP=%work%\\tmp
${enterDirectory(drive, directory, launcher, "import")}
for /f "delims=" %%p in ('%find% /v ""') do ${line.filter(Boolean).join(" ")} >%work%\\output.txt 2>%work%\\errors.txt
${CHECK_OUTPUT}
%find% "Bad ID or Password" output.txt >nul
if not errorlevel 1 call :end bad-admin
rem In other languages the refusal has other words. But IMPORT empties the file that it has imported (Q148705).
if not exist ${drive}:\\GLB\\SRVTRANS.GLB goto imported
%find% /v "" ${drive}:\\GLB\\SRVTRANS.GLB >nul
if not errorlevel 1 call :end bad-admin
:imported
echo ${STARTED_PREFIX}%startedAt%
call :print-output
goto succeed
${failures('%find% /v "" >nul')}
${mustBeFree ? PROBE : ""}
:directory-missing
cd /d %work%
call :end no-directory`;
};

/** Probes the files that ADMIN.EXE holds, and those that REBUILD replaces (Q99117). */
const probes = (drive: string) => `
call :probe ${drive}:\\GLB\\FLAG.GLB
if defined inUse call :end post-office-locked
for %%f in (NME\\GAL.NME GLB\\GALINDEX.GLB GLB\\GALNETPO.GLB) do call :probe ${drive}:\\%%f
if defined inUse call :end address-list-open`;

/**
 * Opens a file for writing and writes nothing. That fails, and sets inUse, if another program has the file open
 * exclusively.
 */
const PROBE = `
:probe
if not exist %1 goto :eof
set blocked=1
>>%1 set blocked=
if defined blocked set inUse=1
goto :eof
`;

import {
	ALREADY_STARTED_NUMBER,
	KICK_SUCCESS_NUMBERS,
	NOT_STARTED_NUMBERS,
	type OutcomeCode,
	outcomes,
} from "../../protocol/outcomes";

/** The last line of the output of a successful run. */
export const SUCCESS = "dx-success";

/** The last line of values.txt. */
const COMPLETE = "dx-complete";

/** `goto <code>` runs `first`, prints the message of the outcome and fails. */
export function endings(codes: readonly OutcomeCode[], first = ""): string {
	return codes
		.map((code) => `:${code}\n${first}\ncall :end ${code}`)
		.join("\n");
}

/**
 * Searches the record: the errorlevel is then 0 if it contains the mark, and 1 if not. Runs `failed` if FIND itself
 * failed, so that this is not taken for either. A FIND that could not start has a negative errorlevel.
 */
export const findMark = (mark: string, failed: string): string => `
%find% "${mark}" values.txt >nul
if errorlevel 2 ${failed}
if not errorlevel 0 ${failed}`;

/** Reads the record and runs `failed` unless its value has exactly this data. */
export const requireValue = (
	value: string,
	data: string,
	failed: string,
): string => `
call :read-record
set kept=
if defined exists call :check ${value} "${data}" kept
if not defined kept ${failed}`;

/** Runs the command of the outcome that has one of the numbers in the answer in output.txt. */
export function branches(
	commands: Partial<Record<OutcomeCode, string>>,
): string {
	return Object.entries(commands)
		.map(([code, command]) => {
			const { numbers } = outcomes[code as OutcomeCode];
			return `call :has-number ${numbers.join(" ")}\nif defined found ${command}`;
		})
		.join("\n");
}

/** The labels that `:stop-and-start` goes to when it fails, with the command for each failure. */
export function restartFailures(to: {
	denied: string;
	"not-stopped": string;
	"not-started": string;
}): string {
	return `
:stop-refused
${branches({ "access-denied": to.denied })}
call :has-number ${outcomes["stop-failed"].numbers.join(" ")}
${to["not-stopped"]}
:start-refused
${branches({ "access-denied": to.denied })}
call :has-number ${outcomes["start-failed"].numbers.join(" ")}
${to["not-started"]}
`;
}

/**
 * Appends the parts of the library that the script calls or goes to, and those that these need. Each part is read once: a
 * program builds two scripts for every host.
 */
export function withSubroutines(
	script: string,
	library: Readonly<Record<string, string>>,
): string {
	const parts = [script];
	const defined = new Set(labelsIn(script));
	// The list grows while it is read.
	for (const part of parts)
		for (const [, label = ""] of part.matchAll(
			/\b(?:call :|goto )([a-z0-9-]+)/g,
		)) {
			const wanted = library[label];
			if (wanted === undefined || defined.has(label)) continue;
			parts.push(wanted);
			for (const own of labelsIn(wanted)) defined.add(own);
		}
	return parts.join("");
}

const labelsIn = (text: string) =>
	[...text.matchAll(/^:([a-z0-9-]+)$/gm)].map(([, label = ""]) => label);

/** The files of the work folder by their extensions, besides delete.inf. The legend is in batch.ts. */
export const WORK_FILES = {
	txt: [
		...["result", "here", "output", "started", "errors", "export", "record"],
		...["value", "previous", "lines", "values", "time", "service", "state"],
		...["found", "seconds"],
		// Files of earlier versions of this package. The folder of an interrupted run may have them.
		...["data", "keys"],
	],
	reg: ["write", "export", ...KICK_SUCCESS_NUMBERS],
} as const;

/**
 * The subroutines of all scripts, by their labels. A script gets those that it calls, or goes to. A rem before a label is its
 * documentation.
 */
export const SUBROUTINES: Readonly<Record<string, string>> = {
	"begin-reg": `
:begin-reg
>write.reg echo REGEDIT4
>>write.reg echo.
>>write.reg echo %1
goto :eof
`,

	"import-reg": `
:import-reg
>>write.reg echo.
%regImport% write.reg >nul
goto :eof
`,

	"export-key": `
rem Exports the key %1 with all its subkeys and sets exported. lines.txt then has the lines of the export, as
rem "[number]text". exported is not set if the key does not exist or cannot be exported. A file of an earlier key that
rem cannot be deleted would be taken for the new one. Wine's TYPE stops at UTF-16, which FIND converts.
:export-key
set exported=
for %%f in (export.reg export.txt lines.txt values.txt) do if exist %%f del %%f
for %%f in (export.reg export.txt lines.txt values.txt) do if exist %%f goto :eof
if %registryTool%==regedit goto by-regedit
%reg% export %1 export.reg >nul
if errorlevel 1 goto :eof
if not errorlevel 0 goto :eof
goto number-lines
:by-regedit
start /wait %regedit% /e export.reg %1
:number-lines
if not exist export.reg goto :eof
type export.reg >export.txt
set source=export.reg
for /f "delims=[\\" %%k in (export.txt) do if %%k==HKEY_LOCAL_MACHINE set source=export.txt
%find% /n /v "" <%source% >lines.txt
if errorlevel 1 goto :eof
if not errorlevel 0 goto :eof
set exported=1
goto :eof
`,

	"read-key": `
rem Reads the key %1: values.txt then has its lines, as "[number]name=data", and exists is set. Subkeys follow their key, so
rem everything from the second key header on is ignored. exists is not set if the key does not exist or a line was lost on
rem its way, for example on a full disk: the numbers must be complete, and an export ends with an empty line. (On NT 4,
rem where exitOk has no number, that is not known.)
:read-key
set exists=
call :export-key %1
if not defined exported goto :eof
set keyLine=
set keyEnd=
for /f "tokens=1,2 delims=[]\\" %%a in (lines.txt) do if %%b==HKEY_LOCAL_MACHINE call :key-line %%a
if not defined keyLine goto :eof
set count=
set tail=
for /f "tokens=1,* delims=[]" %%a in (lines.txt) do (set count=%%a&set tail=%%b)
if not defined count goto :eof
if defined tail (if not "%exitOk%"=="exit" goto :eof)
set past=
for /f "tokens=1,2,* delims=[]=" %%a in (lines.txt) do (
if "%%a"=="%keyEnd%" (
set past=1
)
if not defined past (
>>values.txt echo [%%a]%%b=%%c
)
)
>>values.txt echo [x]${COMPLETE}
if defined keyEnd set /a count=keyEnd-1
for /f "delims=[]" %%a in (values.txt) do set line%%a=1
set exists=%linex%
set linex=
for /l %%i in (1,1,%count%) do (
if not defined line%%i (
set exists=
)
set line%%i=
)
goto :eof
`,

	"key-line": `
:key-line
if defined keyLine (if not defined keyEnd set keyEnd=%1)
set keyLine=%1
goto :eof
`,

	"read-record": `
:read-record
call :read-key %recordKey%
goto :eof
`,

	"get-value": `
rem Writes the data of the value %2 in values.txt to the file %1. There is no file if there is no such value.
:get-value
if exist %1 del %1
if exist %1 goto fail
set hit=
set unread=1
for /f "tokens=2,* delims=[]=" %%a in (values.txt) do (
if %%a==${COMPLETE} set unread=
if /i %%a=="%2" set hit=1
if /i %%a=="%2" >%1 echo %%b
)
if defined unread goto fail
if defined hit (if not exist %1 goto fail)
goto :eof
`,

	has: `
rem Sets the variable %2 if values.txt has the value %1. Ends the work if values.txt was not read to its last line. (Each IF
rem is on one line: Wine runs a block after an IF that it cannot parse, as with a line of bytes.)
:has
set %2=
set unread=1
for /f "tokens=2 delims=[]=" %%a in (values.txt) do (
if %%a==${COMPLETE} set unread=
if /i %%a=="%1" set %2=1
)
if defined unread goto fail
goto :eof
`,

	check: `
rem Sets the variable %3 if the value %1 in values.txt has the data %2. Case counts unless %4 is /i, for the names of values
rem that others may have written. Ends the work like :has.
:check
set %3=
set unread=1
for /f "tokens=2,* delims=[]=" %%a in (values.txt) do (
if %%a==${COMPLETE} set unread=
if %4 %%a%%b=="%1"%2 set %3=1
)
if defined unread goto fail
goto :eof
`,

	print: `
rem Prints the value %1 in values.txt.
:print
for /f "tokens=2,* delims=[]=" %%a in (values.txt) do if /i %%a=="%1" echo %%a=%%b
goto :eof
`,

	"check-value": `
rem Reads the service's key. Sets compliant if it has PauseKicksDX REG_DWORD 1, and writes the data to value.txt.
:check-value
if exist value.txt del value.txt
set compliant=
call :read-key %serviceKey%
if not defined exists goto :eof
call :get-value value.txt PauseKicksDX
call :check PauseKicksDX dword:00000001 compliant /i
goto :eof
`,

	"check-start": `
rem Sets cannotStart unless the values in values.txt show that the service would start again. It would not if it is disabled,
rem marked for deletion, or has no program. The services that it depends on run as long as it does.
:check-start
set cannotStart=1
if not defined exists goto :eof
call :check Start dword:00000004 cannotStart /i
call :check DeleteFlag dword:00000001 deleted /i
if defined deleted set cannotStart=1
call :has ImagePath program
if not defined program set cannotStart=1
goto :eof
`,

	"has-number": `
rem Sets found, and number for the message, if the answer in output.txt has one of the given numbers. All words but numbers
rem and words that are not ASCII are removed first. (The last delimiter must be the space.) If no number is found, FIND
rem searches the answer: in Korean or Chinese the next word follows a number without a space.
:has-number
set found=
for %%N in (%*) do for /f "tokens=1-25 delims=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.,:;()- " %%a in (output.txt) do for %%W in (%%a %%b %%c %%d %%e %%f %%g %%h %%i %%j %%k %%l %%m %%n %%o %%p %%q %%r %%s %%t %%u %%v %%w %%x %%y) do if "%%W"=="%%N" set found=%%N
set digits=
if not defined found for /f "tokens=2 delims=0123456789" %%b in (output.txt) do if not defined digits set digits=%%b
if defined digits for %%N in (%*) do call :find-number %%N
if defined found set number=, Windows %found%
goto :eof
`,

	"find-number": `
rem Sets found if the answer has the number %1 after a space, and no longer number that begins with it.
:find-number
%find% " %1" output.txt >nul
if errorlevel 1 goto :eof
if not errorlevel 0 goto :eof
set longer=
for %%d in (0 1 2 3 4 5 6 7 8 9) do (%find% " %1%%d" output.txt >nul&if not errorlevel 1 set longer=1)
if not defined longer set found=%1
goto :eof
`,

	"stop-and-start": `
rem Restarts the service if it runs. Also starts it if an earlier run stopped it and was interrupted (restartPending).
rem Sets restarted if it restarts or starts the service. In every language "not started" is the proof that it has stopped,
rem and "already started" that it runs. So the stop is repeated until the answer is "not started".
:stop-and-start
set restarted=%restartPending%
set attempts=0
:stop
%net% stop MSExchangeDX >output.txt 2>&1
call :has-number ${NOT_STARTED_NUMBERS.join(" ")}
set number=
if defined found goto stopped
call :has-number ${outcomes["access-denied"].numbers.join(" ")}
if defined found goto stop-refused
rem The answer is empty: it could not be written, and a repetition would not help.
set answered=
for /f %%w in (output.txt) do set answered=1
if not defined answered goto stop-refused
set restarted=1
set /a attempts=attempts+1
if %attempts%==30 goto stop-refused
if not %attempts%==1 %ping% -n 3 127.0.0.1 >nul
goto stop
:stopped
if not defined restarted goto :eof
%net% start MSExchangeDX >output.txt 2>&1
copy output.txt started.txt >nul
%net% start MSExchangeDX >output.txt 2>&1
call :has-number ${ALREADY_STARTED_NUMBER}
set number=
if defined found goto :eof
type started.txt >>output.txt
goto start-refused
`,

	"delete-record": `
rem Removes the record's key, or fails with not-restored. If a record that cannot be read may be left, it fails with the outcome
rem %1 if there is one. The file also creates the key again, so that regedit never
rem exports a key that does not exist. Where a .reg file cannot delete a key ([-KEY]), an INF file does.
:delete-record
call :begin-reg [-%recordKey%]
>>write.reg echo [%recordKey%]
call :import-reg
call :read-record
if not defined exists goto keep-record
call :has Owner owned
if not defined owned goto deleted
set toDelete=HKLM,"%recordPath%"
call :run-inf
call :begin-reg [%recordKey%]
call :import-reg
call :read-record
if not defined exists goto keep-record
call :has Owner owned
if defined owned call :end not-restored
call :run-inf
goto :eof
:deleted
call :begin-reg [-%recordKey%]
call :import-reg
goto :eof
:keep-record
if not "%1"=="" call :end %1
call :end not-restored
`,

	"run-inf": `
rem Runs an INF file that deletes what toDelete names.
:run-inf
>delete.inf echo [Version]
>>delete.inf echo Signature="$Windows NT$"
>>delete.inf echo [DefaultInstall]
>>delete.inf echo DelReg=d
>>delete.inf echo [d]
>>delete.inf echo %toDelete%
start /wait %SystemRoot%\\system32\\rundll32 setupapi.dll,InstallHinfSection DefaultInstall 128 %work%\\delete.inf
goto :eof
`,

	"print-output": `
rem Prints output.txt if it is entirely ASCII. Otherwise it prints only the numbers of the messages and states why: one
rem byte that is not UTF-8 fails a step that succeeded. The first FOR removes letters, digits and some other characters
rem from each line and writes the rest to lines.txt. The second FOR removes the other characters of ASCII, a tab included
rem and a quotation mark not. If anything is left, the output is foreign. There are two steps, because Wine accepts no
rem more than 66 delimiters.
:print-output
set nonAscii=
if exist lines.txt del lines.txt
for /f "tokens=1-25* delims=abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789[]; " %%a in (output.txt) do >>lines.txt echo x%%a%%b%%c%%d%%e%%f%%g%%h%%i%%j%%k%%l%%m%%n%%o%%p%%q%%r%%s%%t%%u%%v%%w%%x%%y%%z
if exist lines.txt for /f "delims=x\t.,;:()<>/\\+-*=_!?#$&'~{|}@%%^\`" %%a in (lines.txt) do set nonAscii=1
if defined nonAscii goto non-ascii
for /f "delims=" %%l in (output.txt) do echo %%l
goto :eof
:non-ascii
echo its output contains characters other than ASCII, so only the numbers of its messages are shown
for /f "tokens=2 delims=[]" %%n in (output.txt) do for /l %%i in (1,1,400) do if "%%n"=="%%i" echo message [%%i]
goto :eof
`,

	succeed: `
:succeed
echo ${SUCCESS}
exit
`,

	fail: `
:fail
exit
`,

	end: `
rem Prints the message of the outcome %1 and ends the work.
:end
call :say %1
exit
`,

	say: `
rem Prints the message of the outcome %1, which is in the last lines of the script: "code|problem|remedy". The lines before
rem are skipped: their quotes would crash Wine's IF.
:say
for /f "skip=%skip% tokens=1-3 delims=|" %%a in (%script%) do if "%%a"=="%1" echo %hostName%, %step%: %%b [%%a%number%]. %%c
goto :eof
`,

	"check-folder": `
rem Sets wrongFolder if the present folder is not the work folder: a file that is named by its full path must also appear
rem and disappear here.
:check-folder
set wrongFolder=1
>%work%\\here.txt echo.
if exist here.txt set wrongFolder=
del %work%\\here.txt
if exist here.txt set wrongFolder=1
goto :eof
`,

	"clear-folder": `
:clear-folder
for %%f in (${WORK_FILES.txt.join(" ")}) do if exist %work%\\%%f.txt del %work%\\%%f.txt
for %%f in (${WORK_FILES.reg.join(" ")}) do if exist %work%\\%%f.reg del %work%\\%%f.reg
if exist %work%\\delete.inf del %work%\\delete.inf
if exist %work%\\tmp rd /s /q %work%\\tmp
goto :eof
`,
};

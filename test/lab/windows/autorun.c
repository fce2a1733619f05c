/*
 * CMD.EXE of a host with an AutoRun (HKLM\Software\Microsoft\Command Processor), which Wine's cmd.exe lacks. It goes to
 * the folder of the AutoRun's `cd /d FOLDER` and then runs the real one with its own command line and handles. Every
 * cmd.exe of the host is this one, including those that a script starts.
 */
#include "lab.h"
#include <stdlib.h>
#include <wchar.h>

#define KEY L"Software\\Microsoft\\Command Processor"
#define CHANGE L"cd /d "

static void auto_run(void) {
	wchar_t text[512] = L"";
	DWORD size = sizeof text - sizeof *text;
	HKEY key;
	if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, KEY, 0, KEY_READ, &key)) return;
	LONG error = RegQueryValueExW(key, L"AutoRun", NULL, NULL, (BYTE *)text, &size);
	RegCloseKey(key);
	if (error) return;
	if (wcsncmp(text, CHANGE, wcslen(CHANGE))) lab_unknown(L"cmd: an AutoRun that is no cd /d", text);
	if (!SetCurrentDirectoryW(text + wcslen(CHANGE))) lab_unknown(L"cmd: AutoRun names a folder that is not there", text);
}

/* The command line after the program's own name. */
static const wchar_t *arguments(void) {
	const wchar_t *line = GetCommandLineW();
	return *line == '"' ? line + wcscspn(line + 1, L"\"") + 2 : line + wcscspn(line, L" \t");
}

int wmain(void) {
	STARTUPINFOW startup = {.cb = sizeof startup};
	PROCESS_INFORMATION process;
	DWORD code;
	size_t size = wcslen(GetCommandLineW()) + 64;
	wchar_t *line = malloc(size * sizeof *line);
	auto_run();
	swprintf(line, size, L"C:\\windows\\system32\\wine-cmd.exe%ls", arguments());
	if (!CreateProcessW(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process))
		lab_unknown(L"cmd: the real one cannot be started", line);
	WaitForSingleObject(process.hProcess, INFINITE);
	GetExitCodeProcess(process.hProcess, &code);
	return (int)code;
}

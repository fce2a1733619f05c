/*
 * The last step of an SSH server on Windows: passes the command unchanged to cmd.exe, as `cmd.exe /c "<command>"`.
 * handover.sh starts it with the command in LAB_COMMAND and the name of a pipe for STDERR in LAB_STDERR. Wine passes
 * the Unix descriptor 2 to every child, so it must not be the SSH channel, but the Windows handle must reach the
 * channel.
 *
 * It starts itself again to have a console, as a session on Windows has one: without it programs do not know their code
 * page. The console's conhost.exe lives as long as any program of the session and inherits the handles of the first
 * one. So the first program gets no handle of the channel, and fetches them afterwards.
 */
#include "lab.h"
#include <stdlib.h>
#include <wchar.h>

static wchar_t *take_variable(const wchar_t *name) {
	DWORD size = GetEnvironmentVariableW(name, NULL, 0);
	if (!size) return NULL;
	wchar_t *value = malloc(size * sizeof *value);
	GetEnvironmentVariableW(name, value, size);
	SetEnvironmentVariableW(name, NULL);
	return value;
}

/* Whether killScript() killed the process: Wine has no exit code for a killed process, Windows has 1. */
static int was_killed(HANDLE process) {
	WIN32_FILE_ATTRIBUTE_DATA killed;
	FILETIME started, unused;
	GetProcessTimes(process, &started, &unused, &unused, &unused);
	return GetFileAttributesExW(L"L:\\killed", GetFileExInfoStandard, &killed) &&
		CompareFileTime(&killed.ftLastWriteTime, &started) > 0;
}

/* A Unix exit status has 8 bits: a failure must not become 0. */
static int run(wchar_t *line, BOOL inherit, DWORD flags, STARTUPINFOW *startup) {
	PROCESS_INFORMATION process;
	DWORD code;
	if (!CreateProcessW(NULL, line, NULL, NULL, inherit, flags, NULL, NULL, startup, &process))
		lab_unknown(L"launcher: a program cannot be started", line);
	WaitForSingleObject(process.hProcess, INFINITE);
	GetExitCodeProcess(process.hProcess, &code);
	if (!code && was_killed(process.hProcess)) code = 1;
	return code > 255 ? 255 : (int)code;
}

/* A copy of another process's handle that a child inherits. A handle is passed as a number on the command line. */
static HANDLE fetch(HANDLE process, const wchar_t *number) {
	HANDLE copy = NULL;
	HANDLE original = (HANDLE)(ULONG_PTR)_wtoi(number);
	DuplicateHandle(process, original, GetCurrentProcess(), &copy, 0, TRUE, DUPLICATE_SAME_ACCESS);
	return copy;
}

static int run_command(HANDLE parent, const wchar_t *in, const wchar_t *out) {
	SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
	STARTUPINFOW startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
	wchar_t *command = take_variable(L"LAB_COMMAND");
	wchar_t *errors = take_variable(L"LAB_STDERR");
	size_t size = (command ? wcslen(command) : 0) + 32;
	wchar_t *line = malloc(size * sizeof *line);

	swprintf(line, size, command && *command ? L"cmd.exe /c \"%ls\"" : L"cmd.exe", command);
	startup.hStdInput = fetch(parent, in);
	startup.hStdOutput = fetch(parent, out);
	startup.hStdError =
		CreateFileW(errors, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherit, OPEN_EXISTING, 0, NULL);
	if (startup.hStdError == INVALID_HANDLE_VALUE) lab_unknown(L"launcher: STDERR cannot be opened", errors);
	lab_gate("before", L"session");
	int code = run(line, TRUE, 0, &startup);
	lab_gate("after", L"session");
	return code;
}

int wmain(int argc, wchar_t **argv) {
	wchar_t line[128];
	/* No standard handles, because Wine passes them on even if no handle is inherited. */
	STARTUPINFOW startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
	if (argc == 4) return run_command(OpenProcess(PROCESS_DUP_HANDLE, FALSE, _wtoi(argv[1])), argv[2], argv[3]);
	swprintf(line, 128, L"L:\\launcher.exe %lu %u %u", GetCurrentProcessId(),
		(unsigned)(ULONG_PTR)GetStdHandle(STD_INPUT_HANDLE), (unsigned)(ULONG_PTR)GetStdHandle(STD_OUTPUT_HANDLE));
	return run(line, FALSE, CREATE_NO_WINDOW, &startup);
}

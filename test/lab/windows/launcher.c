/*
 * The last step of an SSH server on Windows: hands the command to cmd.exe as it came, `cmd.exe /c "<command>"`.
 * Started by handover.sh with the command in LAB_COMMAND and the name of a pipe for STDERR in LAB_STDERR: Wine passes
 * the Unix descriptor 2 on to every child, so that must not be the SSH channel, but the Windows handle must reach it.
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

int wmain(void) {
	wchar_t shell[MAX_PATH];
	wchar_t *command = take_variable(L"LAB_COMMAND");
	wchar_t *stderr_path = take_variable(L"LAB_STDERR");
	SECURITY_ATTRIBUTES inherit = {sizeof inherit, NULL, TRUE};
	STARTUPINFOW startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
	PROCESS_INFORMATION process;
	DWORD code;

	GetEnvironmentVariableW(L"ComSpec", shell, MAX_PATH);
	size_t size = wcslen(shell) + (command ? wcslen(command) : 0) + 16;
	wchar_t *line = malloc(size * sizeof *line);
	if (command && *command)
		swprintf(line, size, L"%ls /c \"%ls\"", shell, command);
	else
		swprintf(line, size, L"%ls", shell);

	startup.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
	startup.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
	startup.hStdError = stderr_path
		? CreateFileW(stderr_path, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherit, OPEN_EXISTING, 0, NULL)
		: GetStdHandle(STD_ERROR_HANDLE);
	if (startup.hStdError == INVALID_HANDLE_VALUE) lab_unknown(L"launcher: STDERR cannot be opened", stderr_path);
	if (!CreateProcessW(shell, line, NULL, NULL, TRUE, CREATE_NO_WINDOW, NULL, NULL, &startup, &process))
		lab_unknown(L"launcher: cmd.exe cannot be started", line);
	WaitForSingleObject(process.hProcess, INFINITE);
	GetExitCodeProcess(process.hProcess, &code);
	/* A Unix exit status has 8 bits: a failure must not become 0. */
	return code > 255 ? 255 : (int)code;
}

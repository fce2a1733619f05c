/*
 * FORCEDOS.EXE as in NT: runs a program from the current directory only, with the rest of its own command line
 * unchanged.
 */
#include "lab.h"
#include <stdlib.h>
#include <wchar.h>

/* Finds the end of the word that begins here. Returns the rest after it, including blanks. */
static wchar_t *word_end(wchar_t *word) {
	return *word == '"' ? word + wcscspn(word + 1, L"\"") + 2 : word + wcscspn(word, L" \t");
}

static int run(const wchar_t *program, wchar_t *line) {
	STARTUPINFOW startup = {.cb = sizeof startup};
	PROCESS_INFORMATION process;
	DWORD code;
	if (!CreateProcessW(program, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process))
		lab_unknown(L"forcedos: a program cannot be started", program);
	WaitForSingleObject(process.hProcess, INFINITE);
	GetExitCodeProcess(process.hProcess, &code);
	return (int)code;
}

static void not_found(int argc, wchar_t **argv, const wchar_t *current) {
	lab_log(L"programs.log", "begin %s cwd=%s", lab_call("FORCEDOS", argc, argv), to_utf8(current));
	put_text(STD_OUTPUT_HANDLE, host_is_german() ? L"FORCEDOS: Programmdatei wurde nicht gefunden\r\n"
												 : L"FORCEDOS: Program file not found\r\n");
	lab_log(L"programs.log", "end FORCEDOS exit=1");
}

int wmain(int argc, wchar_t **argv) {
	wchar_t path[MAX_PATH], current[MAX_PATH], *own = GetCommandLineW();
	wchar_t *line = word_end(own) + wcsspn(word_end(own), L" \t");
	int length = (int)(word_end(line) - line);
	if (!length || wcschr(L"/\"", *line) || (int)wcscspn(line, L"\\:") < length)
		lab_unknown(L"forcedos: no plain name of a program", own);
	GetCurrentDirectoryW(MAX_PATH, current);
	swprintf(path, MAX_PATH, L"%ls\\%.*ls%ls", current, length, line, wmemchr(line, '.', length) ? L"" : L".exe");
	if (GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES) return run(path, line);
	not_found(argc, argv, current);
	return 1;
}

/*
 * REGEDIT.EXE as NT 4 has it: `/s file.reg` imports REGEDIT4 files and no others, `/e file KEY` exports ANSI REGEDIT4.
 * A program with windows: a caller that does not wait for it goes on at once. The import itself is done by Wine's
 * regedit, of which the lab keeps a copy on its own drive.
 */
#include "lab.h"
#include "reg-export.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static char *read_text(const wchar_t *path) {
	FILE *file = _wfopen(path, L"rb");
	if (!file) return NULL;
	fseek(file, 0, SEEK_END);
	long size = ftell(file);
	rewind(file);
	char *text = calloc(size + 1, 1);
	fread(text, 1, size, file);
	fclose(file);
	return text;
}

/* Without the lines that delete a value or a key: sources disagree whether NT 4 knows them. */
static void drop_deletions(char *text) {
	char *write = text;
	for (char *line = text, *next; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next) next++;
		size_t length = strcspn(line, "\r\n");
		int value = length > 2 && !strncmp(line + length - 2, "=-", 2);
		if (value || !strncmp(line, "[-", 2)) continue;
		memmove(write, line, next - line);
		write += next - line;
	}
	*write = 0;
}

static void import(const wchar_t *path) {
	wchar_t copy[MAX_PATH], line[2 * MAX_PATH];
	STARTUPINFOW startup = {.cb = sizeof startup};
	PROCESS_INFORMATION process;
	char *text = read_text(path);
	/* NT 4 says nothing and imports nothing of a file it does not take for its own. */
	if (!text || strncmp(text, "REGEDIT4", 8) || !strchr("\r\n", text[8])) return;
	if (lab_setting_is("regeditDeletes", "no")) drop_deletions(text);
	swprintf(copy, MAX_PATH, L"L:\\import.%lu.reg", GetCurrentProcessId());
	FILE *file = _wfopen(copy, L"wb");
	fwrite(text, 1, strlen(text), file);
	fclose(file);
	swprintf(line, 2 * MAX_PATH, L"L:\\wine-regedit.exe /s %ls", copy);
	if (!CreateProcessW(L"L:\\wine-regedit.exe", line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process))
		lab_unknown(L"regedit: Wine's regedit cannot be started", line);
	WaitForSingleObject(process.hProcess, INFINITE);
	_wremove(copy);
}

int wmain(int argc, wchar_t **argv) {
	if (argc == 3 && !_wcsicmp(argv[1], L"/s")) import(argv[2]);
	else if (argc == 4 && !_wcsicmp(argv[1], L"/e")) export_key(argv[2], argv[3]);
	/* Anything else opens a window on NT 4 and waits there for somebody. */
	else lab_unknown(L"regedit: unknown arguments", GetCommandLineW());
	return 0;
}

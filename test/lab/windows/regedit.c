/*
 * REGEDIT.EXE as in NT 4: `/s file.reg` imports only REGEDIT4 files, `/e file KEY` exports ANSI REGEDIT4. It is a
 * program with windows, so a caller that does not wait for it continues at once. Wine's regedit does the import; the
 * lab keeps a copy of it on its own drive.
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

/* Drops the lines that delete a value or a key: sources disagree whether NT 4 supports them. */
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

/* Writes the remaining text to the lab's own drive. */
static void write_copy(const wchar_t *path, char *text) {
	drop_deletions(text);
	FILE *file = _wfopen(path, L"wb");
	fwrite(text, 1, strlen(text), file);
	fclose(file);
}

/* Whether the hive refuses the text. regedit with /s does not report it. */
static int registry_refuses(const char *text) {
	char registry[256];
	lab_setting("registry", registry, sizeof registry, "normal");
	return lab_setting_is("access", "denied") || (!strncmp(registry, "full:", 5) && strstr(text, registry + 5));
}

/* Whether the user has no right to read the key. */
static int cannot_read(const wchar_t *key) {
	char registry[256], name[512];
	lab_setting("registry", registry, sizeof registry, "normal");
	WideCharToMultiByte(CP_UTF8, 0, key, -1, name, sizeof name, NULL, NULL);
	return !strncmp(registry, "unreadable:", 11) && strstr(name, registry + 11);
}

static void import(const wchar_t *path, char *text) {
	wchar_t copy[MAX_PATH], line[2 * MAX_PATH];
	STARTUPINFOW startup = {.cb = sizeof startup};
	PROCESS_INFORMATION process;
	int drops = lab_setting_is("regeditDeletes", "no");
	/* NT 4 imports nothing and prints nothing if the file is not REGEDIT4. */
	if (!text || strncmp(text, "REGEDIT4", 8) || !strchr("\r\n", text[8])) return;
	if (registry_refuses(text)) return;
	swprintf(copy, MAX_PATH, L"L:\\import.%lu.reg", GetCurrentProcessId());
	if (drops) write_copy(copy, text);
	swprintf(line, 2 * MAX_PATH, L"L:\\wine-regedit.exe /s \"%ls\"", drops ? copy : path);
	if (!CreateProcessW(L"L:\\wine-regedit.exe", line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process))
		lab_unknown(L"regedit: Wine's regedit cannot be started", line);
	WaitForSingleObject(process.hProcess, INFINITE);
	if (drops) _wremove(copy);
}

/* A gate may name the command line or a part of the imported file. */
static wchar_t *known_to_gates(const char *text) {
	const wchar_t *line = GetCommandLineW();
	size_t size = wcslen(line) + (text ? strlen(text) : 0) + 2;
	wchar_t *known = malloc(size * sizeof *known);
	swprintf(known, size, L"%ls %hs", line, text ? text : "");
	return known;
}

int wmain(int argc, wchar_t **argv) {
	int imports = argc == 3 && !_wcsicmp(argv[1], L"/s");
	char *text = imports ? read_text(argv[2]) : NULL;
	wchar_t *known = known_to_gates(text);
	lab_gate("before", known);
	if (imports) import(argv[2], text);
	else if (argc == 4 && !_wcsicmp(argv[1], L"/e")) {
		if (!cannot_read(argv[3])) export_key(argv[2], argv[3]);
	}
	/* With any other arguments NT 4's regedit opens a window and waits for a user. */
	else lab_unknown(L"regedit: unknown arguments", GetCommandLineW());
	lab_gate("after", known);
	return 0;
}

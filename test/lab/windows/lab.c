#include "lab.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

void lab_setting(const char *name, char *value, size_t size, const char *fallback) {
	char line[512];
	size_t length = strlen(name);
	FILE *file = _wfopen(L"L:\\settings", L"r");
	snprintf(value, size, "%s", fallback);
	if (!file) return;
	while (fgets(line, sizeof line, file)) {
		line[strcspn(line, "\r\n")] = 0;
		if (!strncmp(line, name, length) && line[length] == '=') snprintf(value, size, "%s", line + length + 1);
	}
	fclose(file);
}

int lab_setting_is(const char *name, const char *expected) {
	char value[256];
	lab_setting(name, value, sizeof value, "");
	return !strcmp(value, expected);
}

DWORD lab_setting_seconds(const char *name) {
	char value[256];
	lab_setting(name, value, sizeof value, "0");
	return (DWORD)(atof(value) * 1000);
}

/*
 * On a full disk (accidents.ts) no write of this process succeeds. But Wine's server can enlarge a file to map it into
 * memory, so the log is still written.
 */
static void append_mapped(HANDLE file, const char *line) {
	OVERLAPPED whole = {0};
	DWORD length = (DWORD)strlen(line);
	LockFileEx(file, LOCKFILE_EXCLUSIVE_LOCK, 0, MAXDWORD, 0, &whole);
	DWORD size = GetFileSize(file, NULL);
	HANDLE mapping = CreateFileMappingW(file, NULL, PAGE_READWRITE, 0, size + length, NULL);
	char *view = mapping ? MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, size + length) : NULL;
	if (view) memcpy(view + size, line, length);
	UnmapViewOfFile(view);
	CloseHandle(mapping);
	UnlockFileEx(file, 0, MAXDWORD, 0, &whole);
}

static void append(const wchar_t *name, const char *line) {
	wchar_t path[MAX_PATH];
	DWORD written, share = FILE_SHARE_READ | FILE_SHARE_WRITE;
	swprintf(path, MAX_PATH, L"L:\\%ls", name);
	/* One write with append access, so that lines of several processes do not mix. */
	HANDLE file = CreateFileW(path, FILE_APPEND_DATA, share, NULL, OPEN_ALWAYS, 0, NULL);
	BOOL done = WriteFile(file, line, (DWORD)strlen(line), &written, NULL);
	CloseHandle(file);
	if (done) return;
	file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, share, NULL, OPEN_ALWAYS, 0, NULL);
	if (file == INVALID_HANDLE_VALUE) return;
	append_mapped(file, line);
	CloseHandle(file);
}

void lab_log(const wchar_t *file, const char *format, ...) {
	char text[1024], line[1200];
	SYSTEMTIME now;
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	GetSystemTime(&now);
	snprintf(line, sizeof line, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ %lu %s\n", now.wYear, now.wMonth, now.wDay, now.wHour,
		now.wMinute, now.wSecond, now.wMilliseconds, GetCurrentProcessId(), text);
	append(file, line);
}

char *to_utf8(const wchar_t *text) {
	int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
	char *utf8 = malloc(size);
	WideCharToMultiByte(CP_UTF8, 0, text, -1, utf8, size, NULL, NULL);
	return utf8;
}

/* Whether this program belongs to a session of the product, not to a session of the lab or to the lab itself. */
static int is_product(void) {
	wchar_t who[16];
	return GetEnvironmentVariableW(L"LAB_SESSION", who, 16) && !wcscmp(who, L"product");
}

/* The first line of the gate's file is the wanted text. */
static int gate_wants(const wchar_t *gate, const char *text) {
	char wanted[512] = "";
	FILE *file = _wfopen(gate, L"r");
	if (!file) return 0;
	fgets(wanted, sizeof wanted, file);
	fclose(file);
	return *wanted && strstr(text, wanted);
}

/* Waits in the gate named `id`, unless another program took it first. */
static void enter(const wchar_t *gate, const wchar_t *id) {
	wchar_t held[MAX_PATH], open[MAX_PATH];
	swprintf(held, MAX_PATH, L"L:\\gates\\%ls.held", id);
	swprintf(open, MAX_PATH, L"L:\\gates\\%ls.open", id);
	if (!MoveFileW(gate, held)) return;
	while (GetFileAttributesW(open) == INVALID_FILE_ATTRIBUTES) Sleep(10);
}

void lab_gate(const char *when, const wchar_t *text) {
	wchar_t path[MAX_PATH];
	WIN32_FIND_DATAW gate;
	if (GetFileAttributesW(L"L:\\gates") == INVALID_FILE_ATTRIBUTES || !is_product()) return;
	char *utf8 = to_utf8(text);
	swprintf(path, MAX_PATH, L"L:\\gates\\*.%hs", when);
	HANDLE search = FindFirstFileW(path, &gate);
	if (search == INVALID_HANDLE_VALUE) return;
	do {
		swprintf(path, MAX_PATH, L"L:\\gates\\%ls", gate.cFileName);
		if (!gate_wants(path, utf8)) continue;
		*wcsrchr(gate.cFileName, '.') = 0;
		enter(path, gate.cFileName);
	} while (FindNextFileW(search, &gate));
	FindClose(search);
}

void lab_exit(int code) {
	fflush(stdout);
	lab_gate("after", GetCommandLineW());
	ExitProcess(code);
}

char *lab_call(const char *program, int argc, wchar_t **argv) {
	static wchar_t text[512];
	swprintf(text, 512, L"%hs", program);
	for (int i = 1; i < argc && wcslen(text) + wcslen(argv[i]) < 500; i++) {
		int is_password = argv[i][0] == '-' && towlower(argv[i][1]) == 'p';
		wcscat(text, L" ");
		wcscat(text, is_password ? L"-p***" : argv[i]);
	}
	return to_utf8(text);
}

void lab_unknown(const wchar_t *what, const wchar_t *got) {
	char utf8[700];
	wchar_t text[512];
	swprintf(text, 512, L"lab: %ls, got %.300ls; teach test/lab/windows or do without", what, got);
	WideCharToMultiByte(CP_UTF8, 0, text, -1, utf8, sizeof utf8, NULL, NULL);
	lab_log(L"errors.log", "%s", utf8);
	put_text(STD_ERROR_HANDLE, text);
	put_text(STD_ERROR_HANDLE, L"\r\n");
	ExitProcess(99);
}

void put_text(DWORD std_handle, const wchar_t *text) {
	DWORD written;
	int size = WideCharToMultiByte(CP_OEMCP, 0, text, -1, NULL, 0, NULL, NULL);
	char *bytes = malloc(size);
	WideCharToMultiByte(CP_OEMCP, 0, text, -1, bytes, size, NULL, NULL);
	WriteFile(GetStdHandle(std_handle), bytes, size - 1, &written, NULL);
	free(bytes);
}

int host_is_german(void) {
	return PRIMARYLANGID(GetSystemDefaultLangID()) == LANG_GERMAN;
}

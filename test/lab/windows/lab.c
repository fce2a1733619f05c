#include "lab.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void append(const wchar_t *file, const char *line) {
	wchar_t path[MAX_PATH];
	DWORD written;
	swprintf(path, MAX_PATH, L"L:\\%ls", file);
	/* One write with append access: lines of several processes do not mix. */
	HANDLE handle = CreateFileW(path, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_ALWAYS, 0, NULL);
	if (handle == INVALID_HANDLE_VALUE) return;
	WriteFile(handle, line, (DWORD)strlen(line), &written, NULL);
	CloseHandle(handle);
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

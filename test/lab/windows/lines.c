#include "lines.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static void append(struct lines *lines, char *line) {
	if (lines->count == lines->room) {
		lines->room = lines->room ? 2 * lines->room : 64;
		lines->line = realloc(lines->line, lines->room * sizeof *lines->line);
	}
	lines->line[lines->count++] = line;
}

struct lines lines_read(const wchar_t *path) {
	struct lines lines = {0};
	DWORD got = 0, share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
	HANDLE file = CreateFileW(path, GENERIC_READ, share, NULL, OPEN_EXISTING, 0, NULL);
	if (file == INVALID_HANDLE_VALUE) return lines;
	DWORD size = GetFileSize(file, NULL);
	char *text = malloc(size + 1);
	ReadFile(file, text, size, &got, NULL);
	CloseHandle(file);
	text[got] = 0;
	while (*text) {
		size_t length = strcspn(text, "\r\n"), end = length + strspn(text + length, "\r");
		if (text[end]) end++;
		text[length] = 0;
		append(&lines, text);
		text += end;
	}
	return lines;
}

void lines_add(struct lines *lines, const char *format, ...) {
	char line[512];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	append(lines, strdup(line));
}

void lines_drop(struct lines *lines, size_t count) {
	if (count > lines->count) count = lines->count;
	lines->count -= count;
	memmove(lines->line, lines->line + count, lines->count * sizeof *lines->line);
}

static size_t place(const struct lines *lines, const char *name) {
	size_t length = strlen(name), i = 0;
	while (i < lines->count && (strncmp(lines->line[i], name, length) || lines->line[i][length] != '=')) i++;
	return i;
}

const char *lines_value(const struct lines *lines, const char *name) {
	size_t i = place(lines, name);
	return i < lines->count ? lines->line[i] + strlen(name) + 1 : "";
}

void lines_set(struct lines *lines, const char *name, int value) {
	size_t i = place(lines, name);
	lines_add(lines, "%s=%d", name, value);
	if (i < lines->count - 1) lines->line[i] = lines->line[--lines->count];
}

char *lines_text(const struct lines *lines) {
	size_t size = 1;
	for (size_t i = 0; i < lines->count; i++) size += strlen(lines->line[i]) + 2;
	char *text = malloc(size), *end = text;
	for (size_t i = 0; i < lines->count; i++) end += sprintf(end, "%s\r\n", lines->line[i]);
	*end = 0;
	return text;
}

int lines_write(const wchar_t *path, const struct lines *lines) {
	wchar_t temporary[MAX_PATH];
	char *text = lines_text(lines);
	DWORD written = 0, size = (DWORD)strlen(text);
	swprintf(temporary, MAX_PATH, L"%ls.TMP", path);
	HANDLE file = CreateFileW(temporary, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
	if (file == INVALID_HANDLE_VALUE) return 0;
	WriteFile(file, text, size, &written, NULL);
	CloseHandle(file);
	free(text);
	if (written == size && MoveFileExW(temporary, path, MOVEFILE_REPLACE_EXISTING)) return 1;
	DeleteFileW(temporary);
	return 0;
}

#include "lab.h"
#include "reg-export.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* A line of bytes is wrapped after the byte that passes this column. */
#define HEX_COLUMN 76

static void put_ansi(FILE *file, const wchar_t *text) {
	int size = WideCharToMultiByte(CP_ACP, 0, text, -1, NULL, 0, NULL, NULL);
	char *bytes = malloc(size);
	WideCharToMultiByte(CP_ACP, 0, text, -1, bytes, size, NULL, NULL);
	fwrite(bytes, 1, size - 1, file);
	free(bytes);
}

static int put_quoted(FILE *file, const wchar_t *text) {
	wchar_t *escaped = calloc(2 * wcslen(text) + 3, sizeof *escaped), *write = escaped;
	*write++ = '"';
	for (; *text; text++) {
		if (*text == '\\' || *text == '"') *write++ = '\\';
		*write++ = *text;
	}
	*write++ = '"';
	put_ansi(file, escaped);
	int width = (int)(write - escaped);
	free(escaped);
	return width;
}

static void put_hex(FILE *file, DWORD type, const BYTE *data, DWORD size, int column) {
	column += type == REG_BINARY ? fprintf(file, "hex:") : fprintf(file, "hex(%lx):", type);
	for (DWORD i = 0; i < size; i++) {
		int last = i + 1 == size;
		column += fprintf(file, last ? "%02x" : "%02x,", data[i]);
		if (last || column <= HEX_COLUMN) continue;
		fputs("\\\r\n", file);
		column = fprintf(file, "  ");
	}
}

/* REGEDIT4 is ANSI throughout: the text types are written as the bytes of the ANSI code page. */
static void put_text_as_hex(FILE *file, DWORD type, const wchar_t *text, DWORD size, int column) {
	int bytes = WideCharToMultiByte(CP_ACP, 0, text, size / 2, NULL, 0, NULL, NULL);
	BYTE *ansi = malloc(bytes + 1);
	WideCharToMultiByte(CP_ACP, 0, text, size / 2, (char *)ansi, bytes, NULL, NULL);
	put_hex(file, type, ansi, bytes, column);
	free(ansi);
}

static void put_value(FILE *file, const wchar_t *name, DWORD type, const BYTE *data, DWORD size) {
	int column = *name ? put_quoted(file, name) : fprintf(file, "@");
	column += fprintf(file, "=");
	if (type == REG_SZ)
		put_quoted(file, (const wchar_t *)data);
	else if (type == REG_DWORD && size == 4)
		fprintf(file, "dword:%08lx", *(const DWORD *)data);
	else if (type == REG_EXPAND_SZ || type == REG_MULTI_SZ)
		put_text_as_hex(file, type, (const wchar_t *)data, size, column);
	else
		put_hex(file, type, data, size, column);
	fputs("\r\n", file);
}

static void put_values(FILE *file, HKEY key) {
	for (DWORD i = 0;; i++) {
		wchar_t name[512];
		DWORD type, length = 512, size = 0;
		if (RegEnumValueW(key, i, name, &length, NULL, &type, NULL, &size)) return;
		/* Two extra zero bytes end a text that was stored without an end mark. */
		BYTE *data = calloc(size + 2, 1);
		length = 512;
		RegEnumValueW(key, i, name, &length, NULL, &type, data, &size);
		put_value(file, name, type, data, size);
		free(data);
	}
}

static void put_key(FILE *file, HKEY key, const wchar_t *path) {
	fputs("[", file);
	put_ansi(file, path);
	fputs("]\r\n", file);
	put_values(file, key);
	fputs("\r\n", file);
	for (DWORD i = 0;; i++) {
		wchar_t name[256], below[2048];
		DWORD length = 256;
		HKEY child;
		if (RegEnumKeyExW(key, i, name, &length, NULL, NULL, NULL, NULL)) return;
		swprintf(below, 2048, L"%ls\\%ls", path, name);
		if (RegOpenKeyExW(key, name, 0, KEY_READ, &child)) continue;
		put_key(file, child, below);
		RegCloseKey(child);
	}
}

void export_key(const wchar_t *path, const wchar_t *key) {
	static const wchar_t root[] = L"HKEY_LOCAL_MACHINE\\";
	HKEY handle;
	if (_wcsnicmp(key, root, wcslen(root))) lab_unknown(L"regedit: a key outside HKEY_LOCAL_MACHINE", key);
	if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, key + wcslen(root), 0, KEY_READ, &handle)) return;
	FILE *file = _wfopen(path, L"wb");
	if (!file) return;
	fputs("REGEDIT4\r\n\r\n", file);
	put_key(file, handle, key);
	fclose(file);
	RegCloseKey(handle);
}

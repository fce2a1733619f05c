/*
 * FIND.EXE as in NT 4: FIND [/V] [/C] [/N] [/I] "string" [file ...]. The exit code is 0 if the string is found, 1 if
 * not or if a file does not exist (with a message on STDOUT), and 2 if the arguments are wrong.
 * It reads its own command line, because a doubled quote inside the string is one quote here, but not in C's argv.
 */
#include "lab.h"
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static int invert, count_only, numbers, ignore_case;
static wchar_t needle[2048];
static int have_needle;

static void refuse(DWORD handle, const wchar_t *text) {
	put_text(handle, text);
	put_text(handle, L"\r\n");
	lab_exit(2);
}

/* No script calls FIND like this on purpose, so the call is also recorded as a lab error. */
static void fail(const wchar_t *text, const wchar_t *got) {
	char utf8[1200];
	WideCharToMultiByte(CP_UTF8, 0, got, -1, utf8, sizeof utf8, NULL, NULL);
	lab_log(L"errors.log", "find: %ls, got %s", text, utf8);
	refuse(STD_ERROR_HANDLE, text);
}

static BYTE *read_all(HANDLE handle, size_t *length) {
	size_t room = 65536, used = 0;
	BYTE *bytes = malloc(room + 2);
	DWORD got;
	SetLastError(NO_ERROR);
	while (ReadFile(handle, bytes + used, (DWORD)(room - used), &got, NULL) && got) {
		used += got;
		if (used == room) bytes = realloc(bytes, (room *= 2) + 2);
	}
	DWORD error = GetLastError();
	if (error != NO_ERROR && error != ERROR_BROKEN_PIPE && error != ERROR_HANDLE_EOF)
		lab_log(L"errors.log", "find: what it was given cannot be read, error %lu", error);
	bytes[used] = bytes[used + 1] = 0;
	*length = used;
	return bytes;
}

/* UTF-16 with a byte order mark becomes the console code page; all other bytes are unchanged. */
static char *as_console_text(BYTE *bytes, size_t *length) {
	if (*length < 2 || bytes[0] != 0xff || bytes[1] != 0xfe) return (char *)bytes;
	const wchar_t *wide = (wchar_t *)(bytes + 2);
	int units = (int)((*length - 2) / 2);
	int size = WideCharToMultiByte(CP_OEMCP, 0, wide, units, NULL, 0, NULL, NULL);
	char *text = malloc(size + 1);
	WideCharToMultiByte(CP_OEMCP, 0, wide, units, text, size, NULL, NULL);
	*length = size;
	free(bytes);
	return text;
}

static int contains(const char *line, size_t length, const char *what, size_t what_length) {
	/* NT's FIND never finds the empty string: `find /v ""` passes every line. */
	if (!what_length) return 0;
	for (size_t i = 0; i + what_length <= length; i++)
		if (!(ignore_case ? _memicmp(line + i, what, what_length) : memcmp(line + i, what, what_length))) return 1;
	return 0;
}

static unsigned search(HANDLE input) {
	char what[4096];
	size_t length, start = 0;
	unsigned found = 0;
	int what_length = WideCharToMultiByte(CP_OEMCP, 0, needle, -1, what, sizeof what, NULL, NULL) - 1;
	BYTE *bytes = read_all(input, &length);
	char *text = as_console_text(bytes, &length);
	for (unsigned number = 1; start < length; number++) {
		const char *newline = memchr(text + start, '\n', length - start);
		size_t end = newline ? (size_t)(newline - text) : length, next = newline ? end + 1 : length;
		if (end > start && text[end - 1] == '\r') end--;
		if (contains(text + start, end - start, what, what_length) != invert) {
			found++;
			if (!count_only && numbers) printf("[%u]", number);
			if (!count_only) {
				fwrite(text + start, 1, end - start, stdout);
				fputs("\r\n", stdout);
			}
		}
		start = next;
	}
	free(text);
	return found;
}

static void put_header(const wchar_t *name) {
	wchar_t upper[MAX_PATH] = L"";
	/* Not CharUpper: USER32 loads all of Wine's graphics, a third of this program's run time. */
	LCMapStringW(LOCALE_SYSTEM_DEFAULT, LCMAP_UPPERCASE, name, -1, upper, MAX_PATH);
	fflush(stdout);
	put_text(STD_OUTPUT_HANDLE, L"\r\n---------- ");
	put_text(STD_OUTPUT_HANDLE, upper);
	put_text(STD_OUTPUT_HANDLE, count_only ? L": " : L"\r\n");
}

static unsigned search_file(const wchar_t *name) {
	if (wcspbrk(name, L"*?")) lab_unknown(L"find: a file name with wildcards", name);
	HANDLE file = CreateFileW(name, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
	if (file == INVALID_HANDLE_VALUE) {
		if (GetLastError() != ERROR_FILE_NOT_FOUND)
			lab_log(L"errors.log", "find: a file cannot be opened, error %lu", GetLastError());
		fflush(stdout);
		put_text(STD_OUTPUT_HANDLE, host_is_german() ? L"Datei nicht gefunden - " : L"File not found - ");
		put_text(STD_OUTPUT_HANDLE, name);
		put_text(STD_OUTPUT_HANDLE, L"\r\n");
		return 0;
	}
	put_header(name);
	unsigned found = search(file);
	CloseHandle(file);
	if (count_only) printf("%u\r\n", found);
	return found;
}

/* The next word of the command line, without quotes. *quoted distinguishes the search string from a file name. */
static wchar_t *next_word(wchar_t **cursor, int *quoted) {
	wchar_t *read = *cursor, *write, *word;
	while (*read == ' ' || *read == '\t') read++;
	if (!*read) return NULL;
	*quoted = *read == '"';
	word = write = read;
	if (*quoted) {
		for (read++; *read && (*read != '"' || read[1] == '"'); read++) {
			if (*read == '"') read++;
			*write++ = *read;
		}
		if (*read) read++;
	} else {
		while (*read && *read != ' ' && *read != '\t' && *read != '"' && (read == word || *read != '/')) *write++ = *read++;
	}
	/* The end mark would overwrite the begin of the next word, so the word is copied. */
	wchar_t *copy = calloc(write - word + 1, sizeof *copy);
	wmemcpy(copy, word, write - word);
	*cursor = read;
	return copy;
}

static void take_switch(const wchar_t *word) {
	switch (wcslen(word) == 2 ? towupper(word[1]) : 0) {
	case 'V': invert = 1; return;
	case 'C': count_only = 1; return;
	case 'N': numbers = 1; return;
	case 'I': ignore_case = 1; return;
	}
	fail(host_is_german() ? L"FIND: Ung\x00fcltiger Schalter" : L"FIND: Invalid switch", word);
}

int wmain(void) {
	wchar_t *cursor = wcsdup(GetCommandLineW()), *whole = GetCommandLineW(), *word, *files[64];
	unsigned found = 0, file_count = 0;
	const wchar_t *no_string = host_is_german() ? L"FIND: Parameterformat falsch" : L"FIND: Parameter format not correct";
	int quoted;
	_setmode(_fileno(stdout), _O_BINARY);
	lab_gate("before", whole);
	next_word(&cursor, &quoted);
	/* Scripts call it without arguments as a program that fails. NT's FIND prints this message on STDOUT. */
	if (!cursor[wcsspn(cursor, L" \t")]) refuse(STD_OUTPUT_HANDLE, no_string);
	while ((word = next_word(&cursor, &quoted))) {
		if (!quoted && *word == '/') take_switch(word);
		else if (!have_needle && quoted) have_needle = 1, swprintf(needle, 2048, L"%ls", word);
		else if (have_needle && file_count < 64) files[file_count++] = word;
		else fail(no_string, whole);
	}
	if (!have_needle) fail(no_string, whole);
	if (!file_count) {
		found = search(GetStdHandle(STD_INPUT_HANDLE));
		if (count_only) printf("%u\r\n", found);
	}
	for (unsigned i = 0; i < file_count; i++) found += search_file(files[i]);
	lab_exit(found ? 0 : 1);
	return 0;
}

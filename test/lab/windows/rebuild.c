/* REBUILD.EXE -f: writes the global address list again, from the post office's own users and the imported ones. */
#include "postoffice.h"
#include "lab.h"
#include <stdlib.h>
#include <string.h>

static int by_name(const void *left, const void *right) {
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static struct lines all_users(const struct party *office) {
	wchar_t path[MAX_PATH];
	postoffice_file(office, L"NME\\OTHERS.NME", path);
	struct lines all = lines_read(path);
	party_file(office, L"USERS.GLB", path);
	struct lines own = lines_read(path);
	for (size_t i = 0; i < own.count; i++) lines_add(&all, "%s%s", party_prefix(office->address), own.line[i]);
	if (all.count) qsort(all.line, all.count, sizeof *all.line, by_name);
	return all;
}

/* If another program, such as a mail client, has the file open, this program ends. */
static HANDLE open_alone(const struct party *office, const wchar_t *name) {
	wchar_t path[MAX_PATH];
	postoffice_file(office, name, path);
	HANDLE file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_ALWAYS, 0, NULL);
	if (file == INVALID_HANDLE_VALUE) dirsync_say(203, 0);
	return file;
}

static void write_anew(HANDLE file, const struct lines *lines) {
	DWORD written = 0;
	char *text = lines_text(lines);
	SetEndOfFile(file);
	dirsync_middle();
	WriteFile(file, text, (DWORD)strlen(text), &written, NULL);
	if (written != strlen(text)) dirsync_say(204, 0);
	CloseHandle(file);
}

int wmain(int argc, wchar_t **argv) {
	struct arguments arguments = postoffice_begin("REBUILD", argc, argv, L"f", 0);
	if (!arguments.flag['f']) lab_unknown(L"rebuild: without -f", L"questions");
	struct party office = postoffice_open(&arguments);
	HANDLE list = open_alone(&office, L"NME\\GAL.NME");
	open_alone(&office, L"GLB\\GALINDEX.GLB");
	open_alone(&office, L"GLB\\GALNETPO.GLB");
	struct lines users = all_users(&office);
	write_anew(list, &users);
	postoffice_tell(L"Global Address List has %d names", L"Globale Adre\x00dfliste hat %d Eintr\x00e4ge", (int)users.count);
	postoffice_leave();
	return 0;
}

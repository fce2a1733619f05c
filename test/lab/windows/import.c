/*
 * IMPORT.EXE with -q: applies SRVTRANS.GLB, which came from the server, to the post office's lists. A wrong name or
 * password is reported only on the screen.
 */
#include "postoffice.h"
#include "lab.h"
#include <stdlib.h>
#include <string.h>

/* A password may have any character, including a star, so the C runtime must not expand wildcards. */
int _dowildcard = 0;

static int may_enter(const struct party *office, const struct arguments *arguments) {
	wchar_t path[MAX_PATH];
	party_file(office, L"MASTER.GLB", path);
	struct lines master = lines_read(path);
	int is_admin = !_stricmp(to_utf8(arguments->admin), lines_value(&master, "admin"));
	int right = is_admin && !strcmp(to_utf8(arguments->password), lines_value(&master, "password"));
	lab_log(L"programs.log", "password %s", right ? "right" : "wrong");
	return right;
}

int wmain(int argc, wchar_t **argv) {
	wchar_t path[MAX_PATH];
	struct arguments arguments = postoffice_begin("IMPORT", argc, argv, L"qy", 1);
	if (!arguments.flag['q'] || !arguments.flag['y']) lab_unknown(L"import: without -q or -y", L"questions");
	struct party office = postoffice_open(&arguments);
	if (!may_enter(&office, &arguments)) {
		postoffice_whisper(L"Bad ID or Password", L"Ung\x00fcltige Kennung oder ung\x00fcltiges Kennwort");
		postoffice_leave();
	}
	postoffice_file(&office, L"NME\\OTHERS.NME", path);
	int count = requestor_apply(&office, path);
	postoffice_tell(L"%d updates imported", L"%d \x00c4nderungen \x00fc" L"bernommen", count);
	postoffice_leave();
	return 0;
}

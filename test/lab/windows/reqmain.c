/*
 * REQMAIN.EXE, the requestor's part of directory synchronization: -t sends its changes, -r receives the server's
 * answer.
 */
#include "postoffice.h"
#include "lab.h"

int wmain(int argc, wchar_t **argv) {
	struct arguments arguments = postoffice_begin("REQMAIN", argc, argv, L"rt", 0);
	if (arguments.flag['r'] == arguments.flag['t']) lab_unknown(L"reqmain: neither -r nor -t, or both", GetCommandLineW());
	struct party office = postoffice_open(&arguments);
	if (arguments.flag['t']) requestor_send(&office);
	else if (!requestor_receive(&office)) dirsync_say(105, 0);
	postoffice_leave();
	return 0;
}

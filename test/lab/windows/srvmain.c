/* SRVMAIN.EXE, the dirsync server's part: -r receives the requestors' changes, -t answers those that sent a request. */
#include "postoffice.h"
#include "lab.h"

int wmain(int argc, wchar_t **argv) {
	struct arguments arguments = postoffice_begin("SRVMAIN", argc, argv, L"rt", 0);
	if (arguments.flag['r'] == arguments.flag['t']) lab_unknown(L"srvmain: neither -r nor -t, or both", GetCommandLineW());
	struct party office = postoffice_open(&arguments);
	if (arguments.flag['r']) server_receive(&office);
	else server_send(&office);
	postoffice_leave();
	return 0;
}

/* A Unix FIND.EXE, for a host that has Unix tools before Windows' own on PATH. It takes its arguments for folders. */
#include "lab.h"

int wmain(int argc, wchar_t **argv) {
	put_text(STD_ERROR_HANDLE, L"find: '");
	put_text(STD_ERROR_HANDLE, argc > 1 ? argv[1] : L".");
	put_text(STD_ERROR_HANDLE, L"': No such file or directory\r\n");
	return 1;
}

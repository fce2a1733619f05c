/*
 * HOLDER.EXE <file> <mark>: creates the mark, a file, and keeps the other file open until the mark is deleted.
 * Meanwhile no other program can open the file. ADMIN.EXE and mail clients do the same.
 */
#include "lab.h"

int wmain(int argc, wchar_t **argv) {
	if (argc != 3) lab_unknown(L"holder: not a file and a mark", GetCommandLineW());
	HANDLE held = CreateFileW(argv[1], GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_ALWAYS, 0, NULL);
	if (held == INVALID_HANDLE_VALUE) lab_unknown(L"holder: the file cannot be opened", argv[1]);
	CloseHandle(CreateFileW(argv[2], GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL));
	while (GetFileAttributesW(argv[2]) != INVALID_FILE_ATTRIBUTES) Sleep(20);
	return 0;
}

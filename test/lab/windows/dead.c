/* A program that cannot start, as Windows ends one for want of a desktop heap: STATUS_DLL_INIT_FAILED, a negative number. */
int wmain(void) {
	return (int)0xc0000142;
}

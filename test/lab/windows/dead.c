/*
 * A program that cannot start. Windows ends one so when there is no desktop heap left: STATUS_DLL_INIT_FAILED, a
 * negative number.
 */
int wmain(void) {
	return (int)0xc0000142;
}

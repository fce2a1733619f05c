#ifndef REG_EXPORT_H
#define REG_EXPORT_H

/* Writes the key (`HKEY_LOCAL_MACHINE\...`) and all below it as REGEDIT4; no file where there is no such key. */
void export_key(const wchar_t *path, const wchar_t *key);

#endif

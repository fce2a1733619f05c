#ifndef REG_EXPORT_H
#define REG_EXPORT_H

/* Writes the key (`HKEY_LOCAL_MACHINE\...`) with all subkeys as REGEDIT4. Writes no file if the key does not exist. */
void export_key(const wchar_t *path, const wchar_t *key);

#endif

/*
 * What REQMAIN, SRVMAIN, IMPORT and REBUILD have in common: they run out of their own directory only, work on the post
 * office of the drive they are given, and say what they do with a number. Calls are in L:\programs.log; faults come from
 * L:\settings.
 */
#ifndef POSTOFFICE_H
#define POSTOFFICE_H

#include "dirsync.h"

struct arguments {
	wchar_t drive;
	const wchar_t *admin, *password;
	/* Whether the switch of this lower-case letter was given. */
	char flag['z' + 1];
};

/* Begins a call; with_admin where a name and -p belong to it. Switches outside of the given letters are unknown. */
struct arguments postoffice_begin(const char *name, int argc, wchar_t **argv, const wchar_t *letters, int with_admin);

/* The post office on this drive, locked for everybody else until the program ends. */
struct party postoffice_open(const struct arguments *arguments);
/* A file by its path on the post office's drive. */
void postoffice_file(const struct party *office, const wchar_t *name, wchar_t *path);

/* A text that bears no number. */
void postoffice_tell(const wchar_t *english, const wchar_t *german, int count);
/* The same, with nothing in any log. */
void postoffice_whisper(const wchar_t *english, const wchar_t *german);

/* Ends the call and the program: errorlevels of these programs mean nothing. */
void postoffice_leave(void);

#endif

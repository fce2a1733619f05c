/*
 * The common part of REQMAIN, SRVMAIN, IMPORT and REBUILD: they run only from their own directory, work on the post
 * office of the given drive, and print messages with a number. Calls are logged in L:\programs.log; faults are set in
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

/* Begins a call. With with_admin it needs a name and -p. Switches other than the given letters are unsupported. */
struct arguments postoffice_begin(const char *name, int argc, wchar_t **argv, const wchar_t *letters, int with_admin);

/* Opens the post office on this drive, and locks it for all other programs until this one ends. */
struct party postoffice_open(const struct arguments *arguments);
/* A file by its path on the post office's drive. */
void postoffice_file(const struct party *office, const wchar_t *name, wchar_t *path);

/* Prints and logs a text that has no number. */
void postoffice_tell(const wchar_t *english, const wchar_t *german, int count);
/* Prints the text without logging it. */
void postoffice_whisper(const wchar_t *english, const wchar_t *german);

/* Ends the call and the program. The errorlevels of these programs mean nothing. */
void postoffice_leave(void);

#endif

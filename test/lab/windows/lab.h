/*
 * The common part of the stand-ins: the lab's drive L: (settings, logs, gates), and output in the host's console code
 * page.
 */
#ifndef LAB_H
#define LAB_H

#include <windows.h>
#include <stddef.h>

/*
 * A STOP that the service must refuse. After a STOP, Wine's control manager kills a service that still runs at the next
 * control of any kind. So NET sends this control instead, and such a STOP never reaches the service.
 */
#define CONTROL_REFUSED_STOP 200

/*
 * The value of a line `name=value` in L:\settings. The file is read at each call, because a running host can be
 * changed.
 */
void lab_setting(const char *name, char *value, size_t size, const char *fallback);
int lab_setting_is(const char *name, const char *expected);
DWORD lab_setting_seconds(const char *name);

/* Appends `<UTC time> <pid> <text>` to a log on L:. */
void lab_log(const wchar_t *file, const char *format, ...);

/*
 * Blocks programs of the product for a test: waits while L:\gates has a gate for this moment ("before" or "after")
 * whose text is part of the given text. The first program takes the gate, so later ones pass.
 */
void lab_gate(const char *when, const wchar_t *text);

/* Ends the program, after the gate for its end. */
void lab_exit(int code);

/* A call in a form that may be logged: its arguments, with `-p***` instead of a password. In UTF-8. */
char *lab_call(const char *program, int argc, wchar_t **argv);

/*
 * For arguments that the stand-in does not support: a line in L:\errors.log, a text on stderr, exit code 99. Never
 * returns.
 */
void lab_unknown(const wchar_t *what, const wchar_t *got);

/* Writes text in the console (OEM) code page, as a console program of this host does. */
void put_text(DWORD std_handle, const wchar_t *text);

int host_is_german(void);

/* A copy, for logs and for files of bytes. */
char *to_utf8(const wchar_t *text);

#endif

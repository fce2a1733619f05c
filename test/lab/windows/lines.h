/*
 * Text files of a line each thing, which is what the stand-ins have in place of a post office's records. Nothing is given
 * back: programs that use them end soon, and the service reads few.
 */
#ifndef LINES_H
#define LINES_H

#include <windows.h>

struct lines {
	char **line;
	size_t count, room;
};

/* No lines where there is no such file. */
struct lines lines_read(const wchar_t *path);
void lines_add(struct lines *lines, const char *format, ...);
/* Forgets the first ones. */
void lines_drop(struct lines *lines, size_t count);
/* The value of the line `name=value`, or "". */
const char *lines_value(const struct lines *lines, const char *name);
void lines_set(struct lines *lines, const char *name, int value);

/* Bytes of all lines, CR and LF after each. */
char *lines_text(const struct lines *lines);
/* The file has these lines afterwards, or still its old ones and the answer is 0. */
int lines_write(const wchar_t *path, const struct lines *lines);

#endif

/*
 * Text files with one entry a line, which the stand-ins have instead of a post office's records. Memory is not freed:
 * programs that use them end soon, and the service reads few.
 */
#ifndef LINES_H
#define LINES_H

#include <windows.h>

struct lines {
	char **line;
	size_t count, room;
};

/* No lines if the file does not exist. */
struct lines lines_read(const wchar_t *path);
void lines_add(struct lines *lines, const char *format, ...);
/* Drops the first lines. */
void lines_drop(struct lines *lines, size_t count);
/* The value of the line `name=value`, or "". */
const char *lines_value(const struct lines *lines, const char *name);
void lines_set(struct lines *lines, const char *name, int value);

/* The bytes of all lines, with CR and LF after each. */
char *lines_text(const struct lines *lines);
/* Replaces the lines of the file. On failure the file keeps its old lines, and the result is 0. */
int lines_write(const wchar_t *path, const struct lines *lines);

#endif

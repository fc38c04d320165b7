/*
 * wrap: paragraphs that fit a width, broken between words and never in one: a
 * word that is longer than the line, such as a resource id, stays whole, so
 * that it can be copied.  Columns are out_columns'.  Nothing is owned here.
 */
#ifndef KEYROTD_CTL_WRAP_H
#define KEYROTD_CTL_WRAP_H

#include <stddef.h>

#include "ctl/out.h"

/* How many bytes of text go on a line of room columns (at least 1), without
 * the blank where it breaks; at least one word.  text begins with no blank. */
size_t wrap_cut(const char *text, size_t room);

/* What is left of the output's width behind column `at`, at least 12. */
size_t wrap_room(const struct out *o, size_t at);

/* How many lines of room columns text takes; 1 for an empty one. */
size_t wrap_lines(const char *text, size_t room);

/*
 * Print text and end the line.  The cursor stands in column `at` (0 is the
 * first); lines after the first begin in column `indent`.  Where the output
 * has no width it is one line.
 */
void wrap_text(struct out *o, enum out_colour colour, size_t at, size_t indent,
	       const char *text);

/* The same, printf-style and without colour. */
void wrap_line(struct out *o, size_t at, size_t indent, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif

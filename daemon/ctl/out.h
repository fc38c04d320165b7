/*
 * out: what people see.  The only file pair of keyrotctl that writes text,
 * so that nothing reaches a terminal which clean.h has not seen.
 *
 * An output is made of lines; every piece of text is cleaned, colour is asked
 * for apart.  The stream belongs to the caller.  Errors of writing are kept
 * and told by out_flush.
 */
#ifndef KEYROTD_CTL_OUT_H
#define KEYROTD_CTL_OUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/fault.h"

enum out_colour { OUT_PLAIN, OUT_BOLD, OUT_GREEN, OUT_YELLOW, OUT_RED };

struct out {
	FILE *file;
	bool terminal; /* somebody is looking */
	bool colour;   /* and likes colours */
	bool utf8;     /* the locale can show more than ASCII */
	int width;     /* columns of the terminal, 0: no limit */
	int height;    /* lines of the terminal, 0: no limit */
	size_t lines;  /* ended so far */
};

/*
 * An output on file.  Colours only on a terminal, and not with no_colour, a
 * non-empty $NO_COLOR (https://no-color.org) or TERM unset or "dumb".  The
 * width is $COLUMNS, where that is a number (environ(7)), or the terminal's,
 * the height the terminal's.
 */
void out_init(struct out *o, FILE *file, bool no_colour);
/* Ask the terminal again how large it is. */
void out_size(struct out *o);

/* Text without a line end. */
void out_text(struct out *o, enum out_colour colour, const char *text);
/* n blanks. */
void out_blanks(struct out *o, size_t n);
void out_end(struct out *o); /* ends the line */

/* One whole line, printf-style; line ends within it become blanks. */
void out_line(struct out *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* What an output of the same kind has made, whole lines of it. */
void out_copy(struct out *o, const char *made, size_t lines);

/* A JSON document of len bytes and a line end after it. */
void out_json(struct out *o, const char *text, size_t len);

/* Bytes that a program is to get as they are, such as a record with its hash;
 * cleaned only where a terminal shows them. */
void out_bytes(struct out *o, const char *text, size_t len);

/* Hand everything to the system; false with *f of kind FAULT_LOCAL (code
 * EPIPE: the reader went away) when any write so far failed. */
bool out_flush(struct out *o, struct fault *f);

/* How many columns text takes: one for each character. */
size_t out_columns(const char *text);

#endif

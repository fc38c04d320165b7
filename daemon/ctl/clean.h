/*
 * clean: what came from elsewhere, made harmless for a terminal.
 *
 * A reason may quote an answer of Azure, and an answer may hold anything.
 * Control characters (C0, DEL, C1) would steer the terminal; the characters
 * that turn the direction of writing (Unicode UAX #9) would make a line read
 * otherwise than it is.  Nothing is owned here.
 */
#ifndef KEYROTD_CTL_CLEAN_H
#define KEYROTD_CTL_CLEAN_H

#include <stdio.h>

/* Make one harmless line of s in place: whatever may steer a terminal becomes
 * blanks, bytes that are not UTF-8 "?". */
void clean_line(char *s);

/*
 * Write len bytes of a JSON document to file, with the same characters as
 * \uXXXX escapes: the document stays equal (RFC 8259, section 7).  Errors stay
 * in the file's error flag.
 */
void clean_json(FILE *file, const char *text, size_t len);

#endif

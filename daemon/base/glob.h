/*
 * glob: patterns over names and identifiers: '*' stands for any characters,
 * also none and slashes, '?' for one; everything else for itself.  There is no
 * sign that takes this meaning away: no Azure name has one of the two in it.
 */
#ifndef KEYROTD_BASE_GLOB_H
#define KEYROTD_BASE_GLOB_H

#include <stdbool.h>

/* Does the whole text match?  nocase: ASCII letters in either case.  Takes at
 * most the product of the two lengths. */
bool glob_match(const char *pattern, const char *text, bool nocase);

#endif

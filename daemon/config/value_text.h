/*
 * value_text: what the readers of values have in common: of which characters a
 * text is made, and how it gets to its place.
 *
 * What is kept belongs to what the block is read into.
 */
#ifndef KEYROTD_CONFIG_VALUE_TEXT_H
#define KEYROTD_CONFIG_VALUE_TEXT_H

#include <stdbool.h>

#define VALUE_DIGITS "0123456789"
#define VALUE_ALNUM \
	VALUE_DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* All of it is of this set of characters, and it is not empty. */
bool value_text_made_of(const char *s, const char *set);
/* The text itself is the value: it replaces what is at `at`, a char *.  Always
 * true. */
bool value_text_keep(void *at, const char *text);
/* It is added behind this sign to those that are there.  Always true. */
bool value_text_add(void *at, const char *text, char sign);

#endif

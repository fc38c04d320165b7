/*
 * check_unique: names that may stand only once, and finding one of them.
 */
#ifndef KEYROTD_CONFIG_CHECK_UNIQUE_H
#define KEYROTD_CONFIG_CHECK_UNIQUE_H

#include "config/draft.h"

/* Sort the names and complain about each that was there before, compared
 * without case; "" is no name.  `what` is put in front of it ("registry"). */
void check_unique(struct problems *p, struct config_name *names, size_t n,
		  const char *what);
/* Find a text among sorted names: its place before sorting, or SIZE_MAX. */
size_t check_unique_find(const struct config_name *names, size_t n,
			 const char *text);

#endif

/*
 * value: the text of one value becomes the value: one struct config_type for
 * each kind, in the value_*.c beside it.
 *
 * An option (a row of the table in options.c) says of which type it is and
 * where the value goes; the memory there belongs to the block's draft.
 */
#ifndef KEYROTD_CONFIG_VALUE_H
#define KEYROTD_CONFIG_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

#define CONFIG_VALUE_MAX 4096 /* bytes of one value, quotes included */

struct config_option;

/* One value on its way from its text into what its block is read into. */
struct config_value {
	const struct config_option *option;
	const char *text;
	unsigned line;
	void *base; /* what the block is read into */
	void *at;   /* the option's place in it */
	struct fault *why;
};

/* A kind of value: how it is read and what a person is told it may be. */
struct config_type {
	const char *accepts; /* NULL: its words, and nothing else */
	bool list;
	/* False when the text is no such value, with a line in *why, or that
	 * line empty when `accepts` says it all. */
	bool (*read)(const struct config_value *v);
	const char *const *words; /* by their number, ended by NULL */
	const char *chars;	  /* what a text may be made of, */
	char not_first;		  /* and what it may not begin with */
};

struct config_option {
	const char *name;
	const struct config_type *type;
	const char *min, *max; /* as text; only max: bytes of a string */
	const char *def;       /* as text; NULL: none */
	size_t offset;	       /* into what the block is read into */
	bool secret;	       /* what was written is never repeated */
	const char *help;
};

/* True when a name at distance d from a mistyped one is worth proposing. */
bool value_is_near(unsigned d, const char *mistyped);

#define VALUE_ACCEPTS_MAX 256

/* What such a value may be, to go behind "must be": `accepts`, or the words. */
void value_accepts(const struct config_type *t, char *dst, size_t size);

/* Read one value of an option into base; false with the whole complaint in
 * *why.  A value that is read again replaces the first, or is added to it in
 * a list. */
bool value_read(const struct config_option *o, const char *text, unsigned line,
		void *base, struct fault *why);

#endif

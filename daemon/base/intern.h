/*
 * intern: short texts that many share, each kept once and counted.
 *
 * Hundreds of thousands of registries name a few thousand versions and a
 * handful of identities.  Each place holds a pointer to the one copy, which
 * lives as long as a place names it; "" is nobody's and costs nothing.  The
 * table owns the texts; places belong to whoever embeds them, and are emptied
 * by intern_set before they go.  Equal texts have equal addresses.
 */
#ifndef KEYROTD_BASE_INTERN_H
#define KEYROTD_BASE_INTERN_H

#include <stddef.h>

struct intern_text;

struct intern {
	struct intern_text **buckets;
	size_t n, size; /* texts, buckets: a power of two, or 0 */
};

/* *place becomes the shared copy of text, which may be *place itself or a part
 * of it; what it named before is let go of.  NULL and "" give "".  *place is
 * a text of this table, "" or NULL. */
void intern_set(struct intern *t, const char **place, const char *text);
/* The table, when all its places are gone with it. */
void intern_free(struct intern *t);

#endif

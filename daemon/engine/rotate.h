/*
 * rotate: a move that a person asks for, checked by what is known before it
 * becomes an order.  The counterpart of `az acr encryption rotate-key`: for
 * manual keys, takeovers, and another identity that reads the key.
 */
#ifndef KEYROTD_ENGINE_ROTATE_H
#define KEYROTD_ENGINE_ROTATE_H

#include "engine/engine.h"

struct rotate {
	const char *version; /* must be, and stay, the wanted one; NULL: any */
	const char *key;     /* must be the watch's: from another key; NULL */
	const char
		*identity; /* client id, resource id, "system"; NULL: as is */
	const char *by;	   /* who asks, and why: a clause */
};

/*
 * What would be done: *call is the write, to be shown (it points into the
 * registry and into *w; in place of a client id that only the registry can
 * tell it has words in brackets), text what is verified afterwards.  False with
 * *f, one sentence that says what is in the way and what to do.
 * Source: Azure/azure-cli:src/azure-cli/azure/cli/command_modules/acr/
 * encryption.py.
 */
bool rotate_plan(const struct engine *e, const struct registry *r,
		 const struct rotate *w, struct call *call, char *text,
		 size_t size, struct fault *f);
/* The version that it would be moved to. */
const char *rotate_version(const struct registry *r);
/* The same, and then it is done: the outcome stands in the reports. */
bool rotate_begin(struct engine *e, struct registry *r, const struct rotate *w,
		  struct instant now, struct fault *f);

#endif

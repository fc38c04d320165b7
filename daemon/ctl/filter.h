/*
 * filter: which keys or registries a person wants to see.
 *
 * The filter owns what it has asked the daemon for; filter_close ends it.
 */
#ifndef KEYROTD_CTL_FILTER_H
#define KEYROTD_CTL_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "base/json.h"
#include "ctl/command.h"
#include "ctl/kinds.h"

struct filter {
	const struct args *args;
	const struct kind *kind;
	char *key; /* the one that --key means; NULL: any */
	/* Of keys with --subscription: those that its registries follow, in
	 * the order of strcasecmp(3). */
	char **followed;
	size_t n_followed;
};

/* What the command line asks for.  The daemon is asked what short names mean:
 * false with *f when that fails, or they mean none or several. */
bool filter_open(struct filter *w, struct ctl *ctl, const struct kind *k,
		 struct fault *f);
void filter_close(struct filter *w);

/* Whether an element of the kind is among those. */
bool filter_takes(const struct filter *w, const struct json *element);
/* Whether there may be some that are not. */
bool filter_narrows(const struct filter *w);

#endif

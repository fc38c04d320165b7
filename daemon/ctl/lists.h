/*
 * lists: the daemon's keys and registries, element by element.
 */
#ifndef KEYROTD_CTL_LISTS_H
#define KEYROTD_CTL_LISTS_H

#include "base/fault.h"
#include "base/json.h"
#include "ctl/client.h"

/* Told of each element, always an object; it dies when this returns.  now: by
 * the daemon's clock, when that was true (ms since 1970); -1: not told. */
typedef void lists_each(const struct json *element, int64_t now, void *arg);

/* Call ListKeys, or ListRegistries in as many parts as it has.  False with
 * *f; some elements may have been told by then. */
bool lists_keys(struct client *c, lists_each *each, void *arg, struct fault *f);
bool lists_registries(struct client *c, lists_each *each, void *arg,
		      struct fault *f);
/* The same for who passes each element on as it came, and does not look into
 * it: it may have no members, but a json_source. */
bool lists_keys_lent(struct client *c, lists_each *each, void *arg,
		     struct fault *f);
bool lists_registries_lent(struct client *c, lists_each *each, void *arg,
			   struct fault *f);

#endif

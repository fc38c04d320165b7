/*
 * discover_conf: registries that no watch names become watch blocks, as
 * keyrotd.conf(5) has them.
 *
 * It owns copies of all that it is told; discover_conf_free ends it.
 */
#ifndef KEYROTD_CTL_DISCOVER_CONF_H
#define KEYROTD_CTL_DISCOVER_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "ctl/out.h"

#define DISCOVER_CONF_MAX 200000 /* registries */

struct discover_row;

struct discover_conf {
	struct discover_row *rows;
	size_t n;
};

/* Add one of type Found, which has registry and credential; false: there are
 * too many. */
bool discover_conf_add(struct discover_conf *c, const struct json *found);
/* One block for each key, in the order of the identifiers.  What belongs to a
 * watch that there is, and what no watch can name, is told in comments. */
void discover_conf_print(struct discover_conf *c, struct out *o);
void discover_conf_free(struct discover_conf *c);

/* An identifier without its version into base (KEYID_TEXT_MAX), as it is when
 * it is none; true when it had a version.  key may be NULL. */
bool discover_conf_base(const char *key, char *base);

#endif

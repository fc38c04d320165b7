/*
 * facts: what was read of a registry is taken in, and held against what was
 * known of it.
 */
#ifndef KEYROTD_ENGINE_FACTS_H
#define KEYROTD_ENGINE_FACTS_H

#include "engine/model.h"

/* It was read just now.  proof: by a GET of its own, not by a LIST. */
void facts_take(struct engine *e, struct registry *r,
		const struct registry_view *v, bool proof);
void facts_missing(struct engine *e, struct registry *r); /* 404 */
/* It leaves its watch: nothing of it counts there any more. */
void facts_leave(struct engine *e, struct registry *r);

#endif

/*
 * health: what is true of each registry, and counted for the whole, in O(1).
 * Only settle brings it up to date.
 */
#ifndef KEYROTD_ENGINE_HEALTH_H
#define KEYROTD_ENGINE_HEALTH_H

#include "engine/model.h"

/* The registry was looked at: its state, and what is to be told of it. */
void health_refresh(struct engine *e, struct registry *r);
/* The watch was: is its key one that cannot be read? */
void health_key(struct engine *e, struct watch *w);
/* Why it is in the state it is in. */
enum decide_reason health_reason(const struct registry *r);
/* It is not counted any more. */
void health_leave(struct engine *e, struct registry *r);

#endif

/*
 * move_decide: what a registry needs: its facts, its key and what a person
 * asked for are put before decide.  It only reads.
 */
#ifndef KEYROTD_ENGINE_MOVE_DECIDE_H
#define KEYROTD_ENGINE_MOVE_DECIDE_H

#include "engine/model.h"

/* What it needs, by all that is known. */
struct decision move_decide_now(const struct engine *e,
				const struct registry *r);
/* The same if this were asked for (NULL: nothing). */
struct decision move_decide_if(const struct engine *e, const struct registry *r,
			       const struct order *o);
/* It would be written if nothing were wrong with the wanted version. */
bool move_decide_would_write(const struct registry *r);

#endif

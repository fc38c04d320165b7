/*
 * move_outcome: what comes of an attempt to move a registry, and what the whole
 * learns from it: how long adoptions take, and what a move costs.
 */
#ifndef KEYROTD_ENGINE_MOVE_OUTCOME_H
#define KEYROTD_ENGINE_MOVE_OUTCOME_H

#include "engine/model.h"

/* It is on the version that is wanted: that is told, when it is news. */
void move_outcome_done(struct engine *e, struct registry *r);
/* Nothing can be done now: back to routine reads.  yields: out of the others'
 * way. */
void move_outcome_rest(struct engine *e, struct registry *r, bool yields);
/* A failed attempt: wait as the rules say, then read before anything. */
void move_outcome_retry(struct engine *e, struct registry *r,
			const struct fault *f);

/* Ms up to which an adoption is counted in this place of the histogram;
 * INT64_MAX: the last one. */
int64_t move_outcome_bound(size_t i);

#endif

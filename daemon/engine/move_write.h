/*
 * move_write: writing a registry's key settings, from that it is wanted until
 * it is asked.  settle says whose turn it is.
 */
#ifndef KEYROTD_ENGINE_MOVE_WRITE_H
#define KEYROTD_ENGINE_MOVE_WRITE_H

#include "engine/model.h"

#define MOVE_WRITE_STALE_MS 20000 /* Azure may show what was before a write */
#define MOVE_WRITE_STALE_LOOK_MS 2000 /* meanwhile it is looked at so often */

/* Another daemon leads, and is to write it. */
bool move_write_is_gated(const struct engine *e, const struct registry *r,
			 enum decide_action action);
/* By what was just read this is what it needs: its turn is waited for, unless
 * something is in the way. */
void move_write_want(struct engine *e, struct registry *r,
		     enum decide_action action);
/* Its turn has come: write, or read first. */
void move_write_go(struct engine *e, struct registry *r);

#endif

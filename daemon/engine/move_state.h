/*
 * move_state: what a move changes in its registry: the phase, the effort that
 * it takes, the error that stands.
 *
 * The effort is the registry's, and there only while it is at it.
 */
#ifndef KEYROTD_ENGINE_MOVE_STATE_H
#define KEYROTD_ENGINE_MOVE_STATE_H

#include "engine/model.h"

/* The only place that assigns a phase. */
void move_state_phase(struct engine *e, struct registry *r,
		      enum move_phase phase);
/* What moving it takes, to be changed: from now on it is at it. */
struct effort *move_state_effort(struct registry *r);
/* It is at it no more. */
void move_state_rest(struct engine *e, struct registry *r);
void move_state_forget_operation(struct registry *r);
void move_state_clear_error(struct engine *e, struct registry *r);

#endif

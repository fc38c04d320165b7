/*
 * control_rotate: a move by hand: io.keyrotd.Status.PlanRotate, which changes
 * nothing, and io.keyrotd.Control.Rotate.  Engine and calls are others'.
 */
#ifndef KEYROTD_CONTROL_ROTATE_H
#define KEYROTD_CONTROL_ROTATE_H

#include "engine/engine.h"
#include "io/varlink.h"

void control_rotate_plan(struct engine *e, struct varlink_call *call,
			 struct instant now);
void control_rotate_begin(struct engine *e, struct varlink_call *call,
			  struct instant now);

#endif

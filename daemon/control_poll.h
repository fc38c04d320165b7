/*
 * control_poll: io.keyrotd.Control.Poll, keys are asked now.  Engine and call
 * are others'.
 */
#ifndef KEYROTD_CONTROL_POLL_H
#define KEYROTD_CONTROL_POLL_H

#include "engine/engine.h"
#include "io/varlink.h"

/* The key that the call names, or all of them. */
void control_poll_keys(struct engine *e, struct varlink_call *call,
		       struct instant now);

#endif

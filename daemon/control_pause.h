/*
 * control_pause: io.keyrotd.Control.Pause and .Resume, no writes for a while,
 * to one registry or to all.  Engine and calls are others'.
 */
#ifndef KEYROTD_CONTROL_PAUSE_H
#define KEYROTD_CONTROL_PAUSE_H

#include "engine/engine.h"
#include "io/varlink.h"

/* at: now.  Until the call's time, at most a day; replies with how many
 * registries that are, and a warning. */
void control_pause_begin(struct engine *e, struct varlink_call *call,
			 struct instant at);
/* Replies with what has ended. */
void control_pause_end(struct engine *e, struct varlink_call *call,
		       struct instant at);

#endif

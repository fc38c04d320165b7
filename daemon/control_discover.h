/*
 * control_discover: io.keyrotd.Control.Discover, a search over the socket.  One
 * caller at a time: a second one is told to wait.  It owns the caller; engine
 * and call are others'.
 */
#ifndef KEYROTD_CONTROL_DISCOVER_H
#define KEYROTD_CONTROL_DISCOVER_H

#include "engine/engine.h"
#include "io/varlink.h"

struct control_discover;

struct control_discover *control_discover_new(struct engine *e);
/* After varlink_free. */
void control_discover_free(struct control_discover *d);

/* Begin to search for this call, which is answered from now on here. */
void control_discover_begin(struct control_discover *d,
			    struct varlink_call *call, struct instant now);
/* After each turn: send what was found since. */
void control_discover_turn(struct control_discover *d);

#endif

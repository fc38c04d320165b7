/*
 * control_find: the registry that a call of the socket names.
 */
#ifndef KEYROTD_CONTROL_FIND_H
#define KEYROTD_CONTROL_FIND_H

#include "engine/engine.h"
#include "io/varlink.h"

/* NULL after the error was sent: there is no name or no such registry, or there
 * are several.  interface: whose errors to use. */
struct registry *control_find_registry(struct engine *e,
				       struct varlink_call *call,
				       const char *interface, const char *name);

#endif

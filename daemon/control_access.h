/*
 * control_access: who may change anything over the socket: uid 0, the daemon's
 * own user and members of the admin group.
 *
 * It owns which group that is, and whose refusals were told.
 */
#ifndef KEYROTD_CONTROL_ACCESS_H
#define KEYROTD_CONTROL_ACCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "engine/engine.h"
#include "io/varlink.h"

struct control_access;

/* group: (gid_t)-1: none. */
struct control_access *control_access_new(gid_t group);
void control_access_free(struct control_access *a);
void control_access_group(struct control_access *a, gid_t group);

/* May this caller?  It is logged either way; false after the error was sent. */
bool control_access_may(struct control_access *a, struct varlink_call *call,
			struct instant now);

#endif

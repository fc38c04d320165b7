/*
 * control_reply: the forms of answer that several methods of the socket have.
 * All it is given is the caller's, but for what is said to be taken.
 */
#ifndef KEYROTD_CONTROL_REPLY_H
#define KEYROTD_CONTROL_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "io/varlink.h"

/* The JSON in out, which is taken; not ok: it has become too large. */
void control_reply_send(struct varlink_call *call, struct buf *out, bool ok);
/* An error with one parameter. */
void control_reply_error(struct varlink_call *call, const char *error,
			 const char *name, const char *value);
/* One number, and a warning; NULL: nothing of a warning, "": there is none. */
void control_reply_count(struct varlink_call *call, const char *name, size_t n,
			 const char *warning);

#endif

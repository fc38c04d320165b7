/*
 * serve: one HTTP request on standard input, and its answer on standard output
 * (RFC 9110, RFC 9112), for a socket unit with Accept=yes.  Keeps nothing.
 */
#ifndef KEYROTD_CTL_SERVE_H
#define KEYROTD_CTL_SERVE_H

#include "ctl/request.h"

/* Wait 1 s for a first byte and 5 s at most for a head.  200 with *r, a status
 * to refuse it with, or 0: nobody has asked for anything. */
int serve_read(struct request *r);
/* The answer; type is the media type of body.  False: nobody took it. */
bool serve_answer(const struct request *r, int status, const char *type,
		  const char *body);

#endif

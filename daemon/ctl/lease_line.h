/*
 * lease_line: which part a daemon has among others, in words: of a lease of the
 * reply to Summary, and of the whole.
 */
#ifndef KEYROTD_CTL_LEASE_LINE_H
#define KEYROTD_CTL_LEASE_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"

/* A sentence about one lease at `now` (ms since 1970); the caller frees it. */
char *lease_line(const struct json *lease, int64_t now);
/* Somebody has to know of it: nobody is known to lead, or nobody confirms that
 * this daemon does. */
bool lease_line_warns(const struct json *lease);
/* What this daemon is, a clause that goes behind others ("standby, two
 * leads"), or what lease_line says of the first lease that warns; "" where it
 * is alone.  The caller frees it. */
char *lease_line_whole(const struct json *summary);
/* One of its leases warns. */
bool lease_line_amiss(const struct json *summary);

#endif

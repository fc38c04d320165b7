/*
 * reply_header: the values that Azure puts into headers.  Everything here is
 * somebody else's text: what cannot be understood counts as absent.
 */
#ifndef KEYROTD_AZURE_REPLY_HEADER_H
#define KEYROTD_AZURE_REPLY_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "azure/cloud.h"
#include "azure/exchange.h"

/* The Date header in ms since 1970, -1 when absent or wrong. */
int64_t reply_header_date(const struct answer *a);

/*
 * Retry-After in ms from now, at most a day, -1 when absent or wrong; seconds
 * or a date (RFC 9110 section 10.2.3).  A date is compared with the answer's
 * own Date header, or with wall_ms without one; a past one is 0.
 */
int64_t reply_header_retry_after(const struct answer *a, int64_t wall_ms);

/* x-ms-ratelimit-remaining-subscription-writes or -reads; -1 when absent. */
int reply_header_remaining(const struct answer *a, bool writes);

/* A URL of this header that the resource manager's token may be sent to, as
 * it was written (borrowed from a); NULL when there is none. */
const char *reply_header_url(const struct answer *a, enum answer_header h,
			     const struct cloud *cloud);

#endif

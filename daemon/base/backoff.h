/*
 * backoff: how long to wait before trying again.
 *
 * Exponential with full jitter (Amazon's "Exponential Backoff And Jitter"),
 * never more than a tenth of the time left to a deadline (but at least a
 * second), capped at BACKOFF_CAP_BEFORE_MS before the deadline and
 * BACKOFF_CAP_AFTER_MS after it.
 */
#ifndef KEYROTD_BASE_BACKOFF_H
#define KEYROTD_BASE_BACKOFF_H

#include <stdint.h>

#include "base/random.h"

#define BACKOFF_FIRST_MS 1000
#define BACKOFF_FLOOR_MS 250 /* jitter may draw 0: no storms */
#define BACKOFF_CAP_BEFORE_MS 60000
#define BACKOFF_CAP_AFTER_MS 300000
#define BACKOFF_RETRY_AFTER_MAX_MS 600000 /* what a server may ask for */
#define BACKOFF_NO_DEADLINE INT64_MAX

/*
 * Milliseconds to wait after the attempt-th failure in a row (1 = first).
 * left_ms: time to the deadline, <= 0 when it has passed,
 * BACKOFF_NO_DEADLINE when there is none.
 */
int64_t backoff_delay(unsigned attempt, int64_t left_ms, struct random *rng);

/* The same where a person has to act (403, 404): minutes, not seconds. */
int64_t backoff_denied(int64_t left_ms, struct random *rng);

/* A server's Retry-After, bounded; fallback_ms when it was silent (< 0). */
int64_t backoff_told(int64_t retry_after_ms, int64_t fallback_ms);

#endif

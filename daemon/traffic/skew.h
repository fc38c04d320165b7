/*
 * skew: what time it is at Azure.
 *
 * Deadlines are on Azure's clock.  It is estimated from the Date headers of
 * answers, relative to boot time, so that a step of our own wall clock
 * changes nothing once the first answer is in: the median of the last few
 * samples, half the round trip allowed for, and half a second because Date
 * has whole seconds (RFC 9110 section 6.6.1).
 */
#ifndef KEYROTD_TRAFFIC_SKEW_H
#define KEYROTD_TRAFFIC_SKEW_H

#include <stdbool.h>
#include <stdint.h>

#define SKEW_SAMPLES 9

/* One reading of both clocks, taken once per turn of the loop. */
struct instant {
	int64_t boot; /* CLOCK_BOOTTIME, ms */
	int64_t wall; /* CLOCK_REALTIME, ms since 1970 UTC */
};

struct skew {
	int64_t samples[SKEW_SAMPLES]; /* Azure's ms since 1970 minus boot */
	unsigned n, next;
	int64_t median;
};

void skew_add(struct skew *s, struct instant now, int64_t date_ms,
	      int64_t rtt_ms);
/* Azure's time now; our wall clock until the first sample is in. */
int64_t skew_azure(const struct skew *s, struct instant now);
/* Our wall clock minus Azure's, ms; false before the first sample. */
bool skew_offset(const struct skew *s, struct instant now, int64_t *offset);

#endif

/*
 * skew: what time it is at Azure.
 *
 * Deadlines are on Azure's clock.  It is estimated from the Date headers of
 * answers, relative to boot time, so that a step of our own wall clock
 * changes nothing once it is known: half the round trip is allowed for, and
 * half a second because Date has whole seconds (RFC 9110 section 6.6.1).
 *
 * Each host has one vote, the median of its last few dates, however often it
 * answers; the estimate is the median of the votes.  Of what is further than a
 * day from it nothing is believed unless two hosts agree, and more hosts than
 * stand by the estimate.  Before the first vote our own wall clock is what a
 * vote is held against.  It cannot be wrong by any amount: with a clock that
 * lies outside of a server's certificate there is no connection to it.
 *
 * The hosts heard last have a vote.  Who they are is their caller's affair; a
 * name is compared, and never looked into.
 */
#ifndef KEYROTD_TRAFFIC_SKEW_H
#define KEYROTD_TRAFFIC_SKEW_H

#include <stdbool.h>
#include <stdint.h>

#define SKEW_HOSTS 9	     /* that have a vote at a time */
#define SKEW_DATES 3	     /* of each, whose median its vote is */
#define SKEW_DAY_MS 86400000 /* a step beyond needs two that agree ... */
#define SKEW_AGREE_MS 300000 /* ... to within this */

/* One reading of both clocks, taken once per turn of the loop. */
struct instant {
	int64_t boot; /* CLOCK_BOOTTIME, ms */
	int64_t wall; /* CLOCK_REALTIME, ms since 1970 UTC */
};

struct skew_vote {
	const void *host;
	int64_t dates[SKEW_DATES]; /* Azure's ms since 1970 minus boot */
	unsigned n, next;
	int64_t median;
	uint64_t heard; /* skew.turn of its last date */
};

struct skew { /* all zero: nothing is known */
	struct skew_vote votes[SKEW_HOSTS];
	unsigned n;
	uint64_t turn;
	int64_t offset; /* the estimate, minus boot */
	unsigned steps; /* of more than a day, which two have agreed on */
	bool known;
};

/* A host told a date, rtt_ms after it was asked.  False when that is further
 * than a day from what is held to be Azure's time, and so is not believed. */
bool skew_add(struct skew *s, const void *host, struct instant now,
	      int64_t date_ms, int64_t rtt_ms);
/* Azure's time now; our wall clock until it is known. */
int64_t skew_azure(const struct skew *s, struct instant now);
/* Two hosts at least have told it alike. */
bool skew_sure(const struct skew *s);
/* Our wall clock minus Azure's, ms; false when that is not known. */
bool skew_offset(const struct skew *s, struct instant now, int64_t *offset);

#endif

/*
 * timer: moments of boot time in one heap.
 *
 * A timer is embedded in its owner and in the heap at most once; whoever owns
 * it takes it out before it goes.
 */
#ifndef KEYROTD_TRAFFIC_TIMER_H
#define KEYROTD_TRAFFIC_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/heap.h"

enum timer_kind {
	TIMER_JOB,   /* of traffic: a job is due */
	TIMER_LANE,  /* of traffic: a budget is there again */
	TIMER_OWNER, /* from here on: whatever the owner means by it */
};

struct timer {
	struct heap_node node; /* first: cast from it; its tag is the kind */
	void *owner;
};

void timer_init(struct timer *t, unsigned kind, void *owner);
unsigned timer_kind(const struct timer *t);
/* Ring at boot ms; INT64_MAX: not at all. */
void timer_set(struct heap *timers, struct timer *t, int64_t boot);
bool timer_is_set(const struct timer *t);
/* Boot ms at which it rings; INT64_MAX when it is not set. */
int64_t timer_at(const struct timer *t);
/* Take out one that is due at boot ms; NULL: none.  *due: when it was. */
struct timer *timer_due(struct heap *timers, int64_t boot, int64_t *due);

#endif

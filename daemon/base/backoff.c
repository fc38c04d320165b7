/*
 * Waiting grows with each failure and shrinks as a deadline comes near; the
 * dice keep many who failed together from coming back together.
 */
#include "base/backoff.h"

static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t max64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t backoff_delay(unsigned attempt, int64_t left_ms, struct random *rng)
{
	unsigned doublings = attempt > 1 ? attempt - 1 : 0;
	int64_t cap = left_ms > 0 ? BACKOFF_CAP_BEFORE_MS
				  : BACKOFF_CAP_AFTER_MS;
	int64_t top = cap;
	int64_t delay;

	if (doublings < 20)
		top = min64(cap, (int64_t)BACKOFF_FIRST_MS << doublings);
	delay = random_below(rng, top + 1);
	if (left_ms > 0 && left_ms != BACKOFF_NO_DEADLINE)
		delay = min64(delay, max64(left_ms / 10, 1000));
	return max64(delay, BACKOFF_FLOOR_MS);
}

int64_t backoff_denied(int64_t left_ms, struct random *rng)
{
	int64_t delay = 120000 + random_below(rng, 120001);

	if (left_ms > 0 && left_ms != BACKOFF_NO_DEADLINE)
		delay = min64(delay, max64(left_ms / 10, 30000));
	return delay;
}

int64_t backoff_told(int64_t retry_after_ms, int64_t fallback_ms)
{
	if (retry_after_ms < 0)
		return fallback_ms;
	return min64(retry_after_ms, BACKOFF_RETRY_AFTER_MAX_MS);
}

/* What time it is at Azure: the median of the last answers' dates. */
#include "traffic/skew.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void skew_add(struct skew *s, struct instant now, int64_t date_ms,
	      int64_t rtt_ms)
{
	int64_t sorted[SKEW_SAMPLES];

	/* A date outside 1970..9999 is no date; a round trip of more than
	 * a minute says nothing about the time in the middle of it. */
	if (date_ms <= 0 || date_ms > 253402300799000 || rtt_ms < 0 ||
	    rtt_ms > 60000)
		return;
	s->samples[s->next] = date_ms + 500 + rtt_ms / 2 - now.boot;
	s->next = (s->next + 1) % SKEW_SAMPLES;
	if (s->n < SKEW_SAMPLES)
		s->n++;
	memcpy(sorted, s->samples, s->n * sizeof(*sorted));
	qsort(sorted, s->n, sizeof(*sorted), compare);
	s->median = sorted[s->n / 2];
}

int64_t skew_azure(const struct skew *s, struct instant now)
{
	return s->n ? now.boot + s->median : now.wall;
}

bool skew_offset(const struct skew *s, struct instant now, int64_t *offset)
{
	if (!s->n)
		return false;
	*offset = now.wall - skew_azure(s, now);
	return true;
}

/* What time it is at Azure: the median of what its hosts say, a vote each. */
#include "traffic/skew.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The middle one.  Of two that disagree our own clock has the choice. */
static int64_t middle(int64_t *v, unsigned n, int64_t own)
{
	qsort(v, n, sizeof(*v), compare);
	if (n % 2 == 0 && llabs(v[n / 2 - 1] - own) < llabs(v[n / 2] - own))
		return v[n / 2 - 1];
	return v[n / 2];
}

/* The host's place; a new one takes that of the one not heard for longest. */
static struct skew_vote *vote_of(struct skew *s, const void *host)
{
	struct skew_vote *v = &s->votes[0];

	for (unsigned i = 0; i < s->n; i++) {
		if (s->votes[i].host == host)
			return &s->votes[i];
		if (s->votes[i].heard < v->heard)
			v = &s->votes[i];
	}
	if (s->n < SKEW_HOSTS)
		v = &s->votes[s->n++];
	*v = (struct skew_vote){ .host = host };
	return v;
}

static void cast(struct skew_vote *v, int64_t date, int64_t own)
{
	int64_t dates[SKEW_DATES];

	v->dates[v->next] = date;
	v->next = (v->next + 1) % SKEW_DATES;
	if (v->n < SKEW_DATES)
		v->n++;
	memcpy(dates, v->dates, v->n * sizeof(*dates));
	v->median = middle(dates, v->n, own);
}

/* Of votes in order, where the most begin that agree; how many is *n. */
static unsigned most_agreed(const int64_t *v, unsigned votes, unsigned *n)
{
	unsigned best = 0, k;

	*n = 0;
	for (unsigned i = 0; i < votes; i++) {
		for (k = i; k < votes && v[k] - v[i] <= SKEW_AGREE_MS; k++)
			;
		if (k - i > *n) {
			*n = k - i;
			best = i;
		}
	}
	return best;
}

static void count_votes(struct skew *s, int64_t held, int64_t own)
{
	int64_t near[SKEW_HOSTS], far[SKEW_HOSTS];
	unsigned n_near = 0, n_far = 0, agreed, from;

	for (unsigned i = 0; i < s->n; i++) {
		int64_t v = s->votes[i].median;

		if (llabs(v - held) <= SKEW_DAY_MS)
			near[n_near++] = v;
		else
			far[n_far++] = v;
	}
	qsort(far, n_far, sizeof(*far), compare);
	from = most_agreed(far, n_far, &agreed);
	if (agreed >= 2 && agreed > n_near) {
		s->offset = middle(far + from, agreed, own);
		s->steps++;
	} else if (n_near) {
		s->offset = middle(near, n_near, own);
	} else {
		return;
	}
	s->known = true;
}

bool skew_add(struct skew *s, const void *host, struct instant now,
	      int64_t date_ms, int64_t rtt_ms)
{
	int64_t own = now.wall - now.boot, held = s->known ? s->offset : own;
	int64_t date;
	struct skew_vote *v;

	/* A date outside 1970..9999 is no date; a round trip of more than
	 * a minute says nothing about the time in the middle of it. */
	if (date_ms <= 0 || date_ms > 253402300799000 || rtt_ms < 0 ||
	    rtt_ms > 60000)
		return true;
	date = date_ms + 500 + rtt_ms / 2 - now.boot;
	v = vote_of(s, host);
	v->heard = ++s->turn;
	cast(v, date, own);
	count_votes(s, held, own);
	return llabs(date - (s->known ? s->offset : held)) <= SKEW_DAY_MS;
}

int64_t skew_azure(const struct skew *s, struct instant now)
{
	return s->known ? now.boot + s->offset : now.wall;
}

bool skew_sure(const struct skew *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < s->n; i++)
		n += llabs(s->votes[i].median - s->offset) <= SKEW_AGREE_MS;
	return s->known && n >= 2;
}

bool skew_offset(const struct skew *s, struct instant now, int64_t *offset)
{
	if (!s->known)
		return false;
	*offset = now.wall - skew_azure(s, now);
	return true;
}

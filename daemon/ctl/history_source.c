/* Each daemon's life by its records, and when none of them watched. */
#include "ctl/history_source.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/history_span.h"

struct history_source *history_source_now(struct history *h)
{
	return &h->sources[h->source];
}

static void add_gap(struct history *h, int64_t to)
{
	struct history_source *now = history_source_now(h);
	struct history_gap g = { now->last, to, now->stopped };

	if (now->last < 0 || !history_span_holds(h, to))
		return;
	if (h->from > g.from)
		g.from = h->from;
	if (now->n_gaps == HISTORY_GAPS_MAX) {
		h->left_out++;
		return;
	}
	now->gaps = text_grow(now->gaps, now->n_gaps, sizeof(*now->gaps));
	now->gaps[now->n_gaps++] = g;
}

/* The first record behind the time asked for tells whether anybody watched
 * when that ended. */
void history_source_beyond(struct history *h, const struct chain_record *r)
{
	struct history_source *now = history_source_now(h);

	h->beyond = true;
	if (now->beyond)
		return;
	now->beyond = true;
	if (!strcmp(r->kind, "start") && h->to > now->last)
		add_gap(h, h->to);
}

void history_source_start(struct history *h, const struct chain_record *r)
{
	struct history_source *now = history_source_now(h);
	const char *host = json_get_str(r->root, "host");

	now->listing = false;
	text_copy(now->host, sizeof(now->host), host ? host : "");
	add_gap(h, r->time);
}

/* When one of them did not watch: before its first record, in its gaps, and
 * after a stop that is its end.  One that ends without a stop may run: that it
 * may have been killed then is told with its evidence. */
static struct history_gap *away(const struct history_source *s, size_t *n)
{
	struct history_gap *g = text_alloc(s->n_gaps + 2, sizeof(*g));

	*n = 0;
	g[(*n)++] = (struct history_gap){ INT64_MIN,
					  s->first < 0 ? INT64_MAX : s->first,
					  true };
	for (size_t i = 0; i < s->n_gaps && s->first >= 0; i++)
		g[(*n)++] = s->gaps[i];
	if (s->first >= 0 && !s->beyond && s->stopped)
		g[(*n)++] = (struct history_gap){ s->last, INT64_MAX, true };
	return g;
}

/* What is in both of two lists in order of time; the first is freed. */
static struct history_gap *both(struct history_gap *a, size_t *n_a,
				const struct history_gap *b, size_t n_b)
{
	struct history_gap *all = text_alloc(*n_a + n_b + 1, sizeof(*all));
	size_t n = 0, i = 0, k = 0;

	while (i < *n_a && k < n_b) {
		int64_t from = a[i].from > b[k].from ? a[i].from : b[k].from;
		int64_t to = a[i].to < b[k].to ? a[i].to : b[k].to;

		if (from < to)
			all[n++] = (struct history_gap){
				from, to, a[i].stopped && b[k].stopped
			};
		if (a[i].to < b[k].to)
			i++;
		else
			k++;
	}
	free(a);
	*n_a = n;
	return all;
}

/* Nobody watched when none of them did. */
static void join_gaps(struct history *h)
{
	size_t n, n_other, kept = 0;
	struct history_gap *g = away(&h->sources[0], &n), *other;

	for (unsigned i = 1; i < h->n_sources; i++) {
		other = away(&h->sources[i], &n_other);
		g = both(g, &n, other, n_other);
		free(other);
	}
	for (size_t i = 0; i < n; i++) {
		if (g[i].from < history_span_begin(h))
			g[i].from = history_span_begin(h);
		if (g[i].to > history_span_until(h))
			g[i].to = history_span_until(h);
		if (g[i].from < g[i].to)
			g[kept++] = g[i];
	}
	h->gaps = g;
	h->n_gaps = kept;
}

/* The whole is what each of them is. */
void history_source_join(struct history *h)
{
	h->stopped = h->listed = true;
	for (unsigned i = 0; i < h->n_sources; i++) {
		const struct history_source *s = &h->sources[i];

		h->stopped &= s->stopped;
		h->listed &= s->listed;
	}
	if (h->n_sources > 1) {
		join_gaps(h);
		return;
	}
	h->gaps = h->sources[0].gaps;
	h->n_gaps = h->sources[0].n_gaps;
	h->sources[0].gaps = NULL;
}

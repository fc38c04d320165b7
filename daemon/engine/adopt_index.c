/* The orders by which registries and watches are found. */
#include "engine/adopt_index.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/versions.h"

static int by_id(const void *a, const void *b)
{
	const struct registry *const *x = a, *const *y = b;

	return resid_compare((*x)->id, (*y)->id);
}

static int by_key(const void *a, const void *b)
{
	const struct watch *const *x = a, *const *y = b;
	int order = strcasecmp((*x)->base, (*y)->base);

	return order ? order : strcasecmp((*x)->key.version, (*y)->key.version);
}

void adopt_index_watches(struct engine *e)
{
	size_t n = 0, from = 0;
	struct watch *w;

	e->by_key =
		text_realloc(e->by_key, e->n_watches + 1, sizeof(*e->by_key));
	TAILQ_FOREACH(w, &e->watches, link)
		e->by_key[n++] = w;
	e->n_by_key = n;
	e->looks += n;
	qsort(e->by_key, n, sizeof(*e->by_key), by_key);
	for (size_t i = 1; i <= n; i++) {
		if (i < n &&
		    text_same(e->by_key[i]->base, e->by_key[from]->base))
			continue;
		for (size_t k = from; k < i; k++)
			e->by_key[k]->sibling =
				e->by_key[k + 1 < i ? k + 1 : from];
		from = i;
	}
	versions_strangers(e);
}

void adopt_index_registries(struct engine *e, struct registry **all, size_t n)
{
	qsort(all, n, sizeof(*all), by_id);
	free(e->by_id);
	e->by_id = all;
	e->n_registries = n;
}

bool adopt_index_few(size_t n, size_t all)
{
	return n < all / 64;
}

void adopt_index_registries_out(struct engine *e, struct registry **gone,
				size_t n)
{
	size_t kept = 0;

	qsort(gone, n, sizeof(*gone), by_id);
	if (!adopt_index_few(n, e->n_registries)) {
		for (size_t i = 0; i < e->n_registries; i++) {
			e->looks++;
			if (!e->by_id[i]->gone)
				e->by_id[kept++] = e->by_id[i];
		}
		e->n_registries = kept;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct registry **at = bsearch(&gone[i], e->by_id,
					       e->n_registries,
					       sizeof(*e->by_id), by_id);

		e->looks++;
		if (at)
			memmove(at, at + 1,
				(size_t)(e->by_id + e->n_registries-- - at -
					 1) *
					sizeof(*at));
	}
}

void adopt_index_watch_out(struct engine *e, struct watch *w)
{
	struct watch **at =
		bsearch(&w, e->by_key, e->n_by_key, sizeof(*e->by_key), by_key);
	struct watch *before = w;

	e->looks++;
	if (at)
		memmove(at, at + 1,
			(size_t)(e->by_key + e->n_by_key-- - at - 1) *
				sizeof(*at));
	while (before->sibling != w)
		before = before->sibling;
	before->sibling = w->sibling;
	w->sibling = w;
	if (versions_hosts(w))
		versions_strangers(e);
}

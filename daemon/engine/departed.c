/* Registries that left the file, and the versions that they were on then. */
#include "engine/departed.h"

#include <stdlib.h>

#include "azure/resid.h"
#include "base/text.h"
#include "engine/note.h"

static size_t bucket_of(const char *id)
{
	char identity[RESID_IDENTITY_MAX];

	resid_identity(id, identity, sizeof(identity));
	return text_hash(identity) % DEPARTED_BUCKETS;
}

#define ANY_KEY DEPARTED_BUCKETS

static size_t key_bucket_of(const char *base)
{
	return base ? text_hash(base) % DEPARTED_BUCKETS : ANY_KEY;
}

static bool is_id(const char *id)
{
	struct resid parsed;
	struct fault f;

	return resid_parse(&parsed, id, &f);
}

void departed_keep(struct engine *e, const char *id, const char *base,
		   const char *version, int64_t seen, const char *credential)
{
	struct departed *d;

	if (!is_id(id))
		return;
	note_save(e);
	if (e->n_departed >= ENGINE_DEPARTED_MAX) {
		e->departed_lost = true;
		return;
	}
	d = text_alloc(1, sizeof(*d));
	d->id = text_dup(id);
	d->base = text_dup(base);
	text_copy(d->version, sizeof(d->version), version);
	d->seen = seen;
	d->credential = text_dup(credential);
	LIST_INSERT_HEAD(&e->departed[bucket_of(id)], d, link);
	LIST_INSERT_HEAD(&e->departed_keys[key_bucket_of(base)], d, key_link);
	e->n_departed++;
}

static void drop(struct engine *e, struct departed *d)
{
	LIST_REMOVE(d, link);
	LIST_REMOVE(d, key_link);
	if (d->wanted)
		TAILQ_REMOVE(&d->wanted->visit.wanted, d, wanted_link);
	e->n_departed--;
	free(d->at);
	free(d->credential);
	free(d->base);
	free(d->id);
	free(d);
}

void departed_drop(struct engine *e, const char *id)
{
	struct departed *d, *next;

	if (e->n_departed == 0)
		return;
	for (d = LIST_FIRST(&e->departed[bucket_of(id)]); d; d = next) {
		next = LIST_NEXT(d, link);
		if (resid_compare(d->id, id) != 0)
			continue;
		drop(e, d);
		note_save(e);
	}
}

static struct departed *same(struct departed *d, const char *id)
{
	while (d && resid_compare(d->id, id) != 0)
		d = LIST_NEXT(d, link);
	return d;
}

struct departed *departed_first(const struct engine *e, const char *id)
{
	if (e->n_departed == 0 || !id || !is_id(id))
		return NULL;
	return same(LIST_FIRST(&e->departed[bucket_of(id)]), id);
}

struct departed *departed_next(const struct departed *d)
{
	return same(LIST_NEXT(d, link), d->id);
}

bool departed_has(const struct engine *e, const char *id)
{
	return departed_first(e, id) != NULL;
}

static bool may_be_on(const struct departed *d, const char *base,
		      const char *version)
{
	return (!d->base || text_same(d->base, base)) &&
	       (d->version[0] == '\0' || text_same(d->version, version));
}

/* The same as departed_find, of one bucket; n were found before. */
static size_t find_in(const struct engine *e, size_t bucket, const char *base,
		      const char *version, const struct departed **who,
		      size_t max, size_t n)
{
	const struct departed *d;

	LIST_FOREACH(d, &e->departed_keys[bucket], key_link)
	{
		if (!may_be_on(d, base, version))
			continue;
		if (n < max)
			who[n] = d;
		n++;
	}
	return n;
}

size_t departed_find(const struct engine *e, const char *base,
		     const char *version, const struct departed **who,
		     size_t max)
{
	size_t n;

	if (e->n_departed == 0)
		return 0;
	n = find_in(e, key_bucket_of(base), base, version, who, max, 0);
	return find_in(e, ANY_KEY, base, version, who, max, n);
}

bool departed_any(const struct engine *e, const char *base, const char *version)
{
	return e->departed_lost || departed_find(e, base, version, NULL, 0) > 0;
}

void departed_free(struct engine *e)
{
	/* The analyzer does not see that what drop() frees is the first of the
	 * list no more: it does not know whom le_prev points to. */
	/* NOLINTBEGIN(clang-analyzer-unix.Malloc) */
	for (size_t i = 0; i < DEPARTED_BUCKETS; i++)
		while (!LIST_EMPTY(&e->departed[i]))
			drop(e, LIST_FIRST(&e->departed[i]));
	/* NOLINTEND(clang-analyzer-unix.Malloc) */
}

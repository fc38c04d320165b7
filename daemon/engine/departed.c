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

/* base NULL: of whatever key; version "": nobody knows which. */
static struct departed_bucket *
version_bucket(const struct engine *e, const char *base, const char *version)
{
	uint64_t hash = base ? text_hash(base) : 0;

	/* One key may have left many behind, on each of its versions. */
	if (version[0] != '\0')
		hash = 31 * hash + text_hash(version);
	return &e->departed->by_version[hash % DEPARTED_BUCKETS];
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
	if (!e->departed)
		e->departed = text_alloc(1, sizeof(*e->departed));
	d = text_alloc(1, sizeof(*d));
	d->id = text_dup(id);
	d->base = text_dup(base);
	text_copy(d->version, sizeof(d->version), version);
	d->seen = seen;
	d->credential = text_dup(credential);
	LIST_INSERT_HEAD(&e->departed->by_id[bucket_of(id)], d, link);
	LIST_INSERT_HEAD(version_bucket(e, base, d->version), d, version_link);
	e->n_departed++;
}

static void drop(struct engine *e, struct departed *d)
{
	LIST_REMOVE(d, link);
	LIST_REMOVE(d, version_link);
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
	for (d = LIST_FIRST(&e->departed->by_id[bucket_of(id)]); d; d = next) {
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
	return same(LIST_FIRST(&e->departed->by_id[bucket_of(id)]), id);
}

struct departed *departed_next(const struct departed *d)
{
	return same(LIST_NEXT(d, link), d->id);
}

bool departed_has(const struct engine *e, const char *id)
{
	return departed_first(e, id) != NULL;
}

/* The same as departed_find, of those that were on just this; n were found
 * before. */
static size_t find_on(const struct engine *e, const char *base,
		      const char *version, const struct departed **who,
		      size_t max, size_t n)
{
	const struct departed *d;

	LIST_FOREACH(d, version_bucket(e, base, version), version_link)
	{
		if (!text_same(d->base, base) ||
		    !text_same(d->version, version))
			continue;
		if (n < max)
			who[n] = d;
		n++;
		if (!who)
			break;
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
	n = find_on(e, base, version, who, max, 0);
	n = find_on(e, NULL, version, who, max, n);
	if (version[0] == '\0')
		return n;
	n = find_on(e, base, "", who, max, n);
	return find_on(e, NULL, "", who, max, n);
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
	for (size_t i = 0; i < DEPARTED_BUCKETS && e->departed; i++)
		while (!LIST_EMPTY(&e->departed->by_id[i]))
			drop(e, LIST_FIRST(&e->departed->by_id[i]));
	/* NOLINTEND(clang-analyzer-unix.Malloc) */
	free(e->departed);
	e->departed = NULL;
}

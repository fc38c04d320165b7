/* A configuration becomes watches, registries, lanes and tokens; what was
 * there is kept, moved or retired by identity. */
#include <stdlib.h>
#include <string.h>

#include "azure/resid.h"
#include "base/text.h"
#include "engine/engine_internal.h"

/* ---- look-ups ---- */

static int by_id(const void *a, const void *b)
{
	const struct registry *const *x = a, *const *y = b;

	return strcasecmp((*x)->id, (*y)->id);
}

struct registry *adopt_find(const struct engine *e, const char *id)
{
	size_t low = 0, high = e->n_registries;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = strcasecmp(id, e->by_id[mid]->id);

		if (c == 0)
			return e->by_id[mid];
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

/* ---- registries and watches come and go ---- */

static void registry_link(struct registry *r, struct watch *w, struct scope *s)
{
	r->watch = w;
	TAILQ_INSERT_TAIL(&w->registries, r, watch_link);
	w->n_registries++;
	if (r->scope == s)
		return;
	if (r->scope) {
		TAILQ_REMOVE(&r->scope->registries, r, scope_link);
		r->scope->n_registries--;
	}
	r->scope = s;
	TAILQ_INSERT_TAIL(&s->registries, r, scope_link);
	s->n_registries++;
}

static void registry_unlink_watch(struct engine *e, struct registry *r)
{
	struct watch *w = r->watch;

	health_leave(e, r);
	if (r->facts.own_key && r->read_at >= 0)
		retirement_move(e, r, r->facts.in_use, "");
	free(r->facts.foreign);
	r->facts.foreign = NULL;
	retirement_stranger(e, r, false);
	if (r->waiting)
		TAILQ_REMOVE(&w->waiters, r, wait_link);
	r->waiting = false;
	if (r->slot)
		w->active--;
	r->slot = false;
	if (w->canary == r)
		w->canary = NULL;
	if (w->named == r)
		w->named = NULL;
	TAILQ_REMOVE(&w->registries, r, watch_link);
	w->n_registries--;
}

static struct registry *registry_new(const char *id)
{
	struct registry *r = text_alloc(1, sizeof(*r));

	r->id = text_dup(id);
	r->read_at = r->read_azure = r->verified_at = -1;
	schedule_job_init(&r->job, JOB_REGISTRY, r);
	r->truth.kind = TIMER_TRUTH;
	r->truth.owner = r;
	return r;
}

static void registry_free(struct engine *e, struct registry *r)
{
	watch_stop(e, r);
	registry_unlink_watch(e, r);
	TAILQ_REMOVE(&r->scope->registries, r, scope_link);
	r->scope->n_registries--;
	free(r->error);
	free(r->id);
	free(r);
}

static struct watch *watch_new(struct engine *e, const struct config_watch *c)
{
	struct watch *w = text_alloc(1, sizeof(*w));
	char base[KEYID_TEXT_MAX];

	w->key = c->key;
	keyid_print_base(&c->key, base, sizeof(base));
	w->base = text_dup(base);
	w->sibling = w;
	w->polled_at = w->polled_azure = w->first_seen = -1;
	w->stale_known = true;
	TAILQ_INIT(&w->registries);
	TAILQ_INIT(&w->waiters);
	schedule_job_init(&w->job, JOB_KEY, w);
	w->timer.kind = TIMER_WATCH;
	w->timer.owner = w;
	if (c->key.version[0] != '\0')
		key_seen_add(w, c->key.version);
	TAILQ_INSERT_TAIL(&e->watches, w, link);
	e->n_watches++;
	return w;
}

static void watch_free(struct engine *e, struct watch *w)
{
	schedule_cancel(e, &w->job);
	schedule_timer(e, &w->timer, INT64_MAX);
	if (w->bad)
		e->n_bad_keys--;
	TAILQ_REMOVE(&e->watches, w, link);
	e->n_watches--;
	free(w->error);
	free(w->seen);
	free(w->base);
	free(w);
}

static void watch_options(struct engine *e, struct watch *w,
			  const struct config_watch *c)
{
	const struct credential *cred =
		remote_credential(e, &e->config->credentials[c->credential]);
	struct vault *v = remote_vault(e, c->key.host, cred);

	w->kept = true;
	w->retired = false;
	w->mode = c->mode;
	w->takeover = c->takeover;
	w->canary_first = c->canary;
	w->max_parallel = c->max_parallel;
	text_copy(w->identity, sizeof(w->identity),
		  c->identity ? c->identity : "");
	w->named = NULL;
	if (w->vault != v) {
		schedule_cancel(e, &w->job);
		if (w->vault)
			w->vault->watches--;
		w->vault = v;
		v->watches++;
		schedule_at(e, &w->job, e->now.boot);
	}
}

/* ---- configuration ---- */

/* One registry of the file: found again, moved from another watch, or new. */
static struct registry *registry_take(struct engine *e, struct watch *w,
				      const struct config_watch *c,
				      const char *id)
{
	struct registry *r = adopt_find(e, id);
	const struct credential *cred =
		remote_credential(e, &e->config->credentials[c->credential]);
	struct resid parsed;
	struct fault f;

	if (!resid_parse(&parsed, id, &f))
		return NULL; /* config_parse has refused it already */
	if (!r)
		r = registry_new(id);
	else if (r->watch != w) {
		/* Its place in the old watch's queue goes with it. */
		if (!watch_writing(r))
			watch_stop(e, r);
		registry_unlink_watch(e, r);
		r->tried[0] = '\0';
		r->read_at = -1; /* its facts were about another key */
	}
	if (r->watch != w || !r->counted)
		r->settled = false;
	if (r->watch != w)
		registry_link(r, w, remote_scope(e, parsed.subscription, cred));
	else if (r->scope->credential != cred) {
		TAILQ_REMOVE(&w->registries, r, watch_link);
		w->n_registries--;
		registry_link(r, w, remote_scope(e, parsed.subscription, cred));
	}
	r->kept = true;
	r->retiring = false;
	return r;
}

static void link_siblings_of(struct watch **sorted, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		sorted[i]->sibling = sorted[i + 1 < to ? i + 1 : from];
}

static int by_key(const void *a, const void *b)
{
	const struct watch *const *x = a, *const *y = b;
	int order = strcasecmp((*x)->base, (*y)->base);

	return order ? order : strcasecmp((*x)->key.version, (*y)->key.version);
}

/* All watches there are, by key and version.  The caller frees the array. */
static struct watch **watches_sorted(const struct engine *e, size_t *n)
{
	struct watch **sorted = text_alloc(e->n_watches + 1, sizeof(*sorted));
	struct watch *w;

	*n = 0;
	TAILQ_FOREACH(w, &e->watches, link)
		sorted[(*n)++] = w;
	qsort(sorted, *n, sizeof(*sorted), by_key);
	return sorted;
}

static struct watch *watch_find(struct watch **sorted, size_t n,
				const struct keyid *key)
{
	char base[KEYID_TEXT_MAX];
	struct watch wanted = { .key = *key, .base = base }, *p = &wanted,
		     **found;

	keyid_print_base(key, base, sizeof(base));
	found = bsearch(&p, sorted, n, sizeof(*sorted), by_key);
	return found ? *found : NULL;
}

static void link_siblings(struct engine *e)
{
	size_t n, from = 0;
	struct watch **sorted = watches_sorted(e, &n);

	for (size_t i = 1; i <= n; i++) {
		if (i < n && text_same(sorted[i]->base, sorted[from]->base))
			continue;
		link_siblings_of(sorted, from, i);
		from = i;
	}
	free(sorted);
}

static void index_build(struct engine *e, struct registry **all, size_t n)
{
	qsort(all, n, sizeof(*all), by_id);
	free(e->by_id);
	e->by_id = all;
	e->n_registries = n;
}

/* What the file no longer names: free it, or let its write finish first. */
static size_t sweep(struct engine *e, struct registry **all, size_t n)
{
	size_t kept = n;

	for (size_t i = 0; i < e->n_registries; i++) {
		struct registry *r = e->by_id[i];

		if (r->kept)
			continue;
		if (watch_writing(r)) {
			health_leave(e, r);
			r->retiring = true;
			all[kept++] = r;
		} else {
			registry_free(e, r);
		}
	}
	return kept;
}

static void sweep_watches(struct engine *e)
{
	struct watch *w, *next;

	for (w = TAILQ_FIRST(&e->watches); w; w = next) {
		next = TAILQ_NEXT(w, link);
		if (w->kept)
			continue;
		w->retired = true; /* polled until its last write is over */
		health_key(e, w);
		if (w->n_registries == 0)
			watch_free(e, w);
	}
}

void adopt_gone(struct engine *e, struct registry *r)
{
	struct watch *w = r->watch;
	size_t i = 0;

	while (i < e->n_registries && e->by_id[i] != r)
		i++;
	memmove(e->by_id + i, e->by_id + i + 1,
		(e->n_registries - i - 1) * sizeof(*e->by_id));
	e->n_registries--;
	registry_free(e, r);
	if (w->retired && w->n_registries == 0) {
		watch_free(e, w);
		link_siblings(e);
	}
	engine_save(e);
}

static struct watch *watch_of(struct engine *e, const struct config_watch *c,
			      struct watch **sorted, size_t n_sorted)
{
	struct watch *w = watch_find(sorted, n_sorted, &c->key);

	if (!w)
		w = watch_new(e, c);
	watch_options(e, w, c);
	return w;
}

static void start(struct engine *e)
{
	struct scope *s;
	struct watch *w;

	TAILQ_FOREACH(s, &e->scopes, link) {
		struct registry *r;
		bool list = s->n_registries >= ENGINE_LIST_FROM;

		if (list && s->job.where == AT_REST)
			schedule_at(e, &s->job, e->now.boot);
		if (list)
			continue;
		TAILQ_FOREACH(r, &s->registries, scope_link)
			watch_kick(e, r);
	}
	TAILQ_FOREACH(w, &e->watches, link)
		if (!w->retired && w->job.where == AT_REST &&
		    !heap_has(&w->job.timer.node))
			schedule_at(e, &w->job, e->now.boot);
}

void adopt_config(struct engine *e, struct config *config, bool first)
{
	struct registry **all = text_alloc(
		config->n_registries + e->n_registries + 1, sizeof(*all));
	size_t n = 0, n_before;
	struct watch *w, **before = watches_sorted(e, &n_before);
	bool same;

	for (size_t i = 0; i < e->n_registries; i++)
		e->by_id[i]->kept = false;
	TAILQ_FOREACH(w, &e->watches, link)
		w->kept = false;
	same = !first && cloud_same(&e->config->cloud, &config->cloud);
	config_free(e->config);
	e->config = config;
	remote_limits(e);
	if (!first && !same)
		remote_cloud(e);
	for (size_t i = 0; i < config->n_watches; i++) {
		const struct config_watch *c = &config->watches[i];

		w = watch_of(e, c, before, n_before);
		for (size_t k = 0; k < c->n_registries; k++) {
			struct registry *r =
				registry_take(e, w, c, c->registries[k].id);

			if (!r)
				continue;
			all[n++] = r;
			if (text_same(c->canary_id, r->id))
				w->named = r;
		}
	}
	free(before);
	n = sweep(e, all, n);
	index_build(e, all, n);
	sweep_watches(e);
	link_siblings(e);
	remote_retry(e);
	start(e);
	health_refresh_all(e);
}

void adopt_free(struct engine *e)
{
	struct watch *w;

	for (size_t i = 0; i < e->n_registries; i++)
		registry_free(e, e->by_id[i]);
	while ((w = TAILQ_FIRST(&e->watches)))
		watch_free(e, w);
	remote_free(e);
	free(e->by_id);
}

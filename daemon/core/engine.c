/* The engine's life: start, events, actions, configuration, end. */
#include "core/engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azure/resid.h"
#include "base/text.h"
#include "core/engine_internal.h"

#define OFFSET_STEP_MS 2000 /* a smaller change of clocks moves no timer */

int64_t engine_azure(const struct engine *e)
{
	return skew_azure(&e->skew, e->now);
}

int64_t engine_boot_of(const struct engine *e, int64_t azure_ms)
{
	return e->now.boot + (azure_ms - engine_azure(e));
}

/* ---- actions ---- */

struct action *engine_push(struct engine *e, enum action_kind kind)
{
	if (e->next_action == e->n_actions)
		e->next_action = e->n_actions = 0;
	if (e->n_actions == e->size_actions) {
		e->size_actions = e->size_actions ? 2 * e->size_actions : 64;
		e->actions = text_realloc(e->actions, e->size_actions,
					  sizeof(*e->actions));
	}
	e->actions[e->n_actions] = (struct action){ .kind = kind };
	return &e->actions[e->n_actions++];
}

void engine_note(struct engine *e, enum note_kind kind, const struct watch *w,
		 const struct registry *r, const char *version,
		 const char *previous, const char *fmt, ...)
{
	struct note *n;
	va_list ap;

	if (e->n_actions - e->next_action >= ENGINE_NOTES_MAX) {
		e->dropped_notes++;
		return;
	}
	n = text_alloc(1, sizeof(*n));
	n->kind = kind;
	n->time = engine_azure(e);
	/* Copies: what is spoken of may be gone when this is fetched. */
	n->key = w ? text_dup(w->base) : NULL;
	n->registry = r ? text_dup(r->id) : NULL;
	text_copy(n->version, sizeof(n->version), version ? version : "");
	text_copy(n->previous, sizeof(n->previous), previous ? previous : "");
	va_start(ap, fmt);
	vsnprintf(n->text, sizeof(n->text), fmt, ap);
	va_end(ap);
	engine_push(e, ACTION_NOTE)->note = n;
}

void engine_save(struct engine *e)
{
	if (!e->save_asked)
		engine_push(e, ACTION_SAVE);
	e->save_asked = true;
}

bool engine_action(struct engine *e, struct action *a)
{
	if (e->fetched) {
		free(e->fetched->key);
		free(e->fetched->registry);
		free(e->fetched);
	}
	e->fetched = NULL;
	if (e->next_action == e->n_actions)
		return false;
	*a = e->actions[e->next_action++];
	if (a->kind == ACTION_NOTE)
		e->fetched = a->note;
	if (a->kind == ACTION_SAVE)
		e->save_asked = false;
	return true;
}

void engine_fault_keep(struct fault **place, const struct fault *f)
{
	if (!f) {
		free(*place);
		*place = NULL;
		return;
	}
	if (!*place)
		*place = text_alloc(1, sizeof(**place));
	**place = *f;
}

/* ---- look-ups ---- */

static int by_id(const void *a, const void *b)
{
	const struct registry *const *x = a, *const *y = b;

	return strcasecmp((*x)->id, (*y)->id);
}

struct registry *engine_by_id(const struct engine *e, const char *id)
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

struct registry *engine_find(const struct engine *e, const char *name,
			     size_t *matches)
{
	struct registry *found = engine_by_id(e, name);

	*matches = found ? 1 : 0;
	if (found || strchr(name, '/'))
		return found;
	for (size_t i = 0; i < e->n_registries; i++) {
		const char *slash = strrchr(e->by_id[i]->id, '/');

		if (!text_same(slash ? slash + 1 : "", name))
			continue;
		found = e->by_id[i];
		++*matches;
	}
	return *matches == 1 ? found : NULL;
}

/* ---- parts ---- */

static bool same_credential(const struct credential *a,
			    const struct credential *b)
{
	return strcmp(a->name, b->name) == 0 && a->kind == b->kind &&
	       text_same(a->tenant, b->tenant) &&
	       text_same(a->client_id, b->client_id) &&
	       text_same(a->object_id, b->object_id) &&
	       text_same(a->resource_id, b->resource_id) &&
	       text_same(a->secret_file, b->secret_file);
}

/* Our own copy, so that tokens and questions outlive a reload. */
static const struct credential *credential_of(struct engine *e,
					      const struct credential *c)
{
	struct credential *copy;

	for (size_t i = 0; i < e->n_credentials; i++)
		if (same_credential(e->credentials[i], c))
			return e->credentials[i];
	copy = text_alloc(1, sizeof(*copy));
	*copy = (struct credential){
		.name = text_dup(c->name),
		.kind = c->kind,
		.tenant = text_dup(c->tenant),
		.client_id = text_dup(c->client_id),
		.object_id = text_dup(c->object_id),
		.resource_id = text_dup(c->resource_id),
		.secret_file = text_dup(c->secret_file),
	};
	e->credentials = text_realloc(e->credentials, e->n_credentials + 1,
				      sizeof(*e->credentials));
	e->credentials[e->n_credentials++] = copy;
	return copy;
}

static void credential_free(struct credential *c)
{
	free(c->name);
	free(c->tenant);
	free(c->client_id);
	free(c->object_id);
	free(c->resource_id);
	free(c->secret_file);
	free(c);
}

static struct vault *vault_of(struct engine *e, const char *host,
			      const struct credential *c)
{
	const struct config *conf = e->config;
	struct vault *v;

	TAILQ_FOREACH(v, &e->vaults, link)
		if (v->credential == c && text_same(v->host, host))
			return v;
	v = text_alloc(1, sizeof(*v));
	text_copy(v->host, sizeof(v->host), host);
	v->credential = c;
	cloud_vault_audience(&conf->cloud, host, v->audience,
			     sizeof(v->audience));
	v->token = schedule_token(e, c, v->audience);
	schedule_lane_init(e, &v->lane, conf->vault_rate, conf->vault_burst);
	TAILQ_INSERT_TAIL(&e->vaults, v, link);
	return v;
}

static struct scope *scope_of(struct engine *e, const char *subscription,
			      const struct credential *c)
{
	const struct config *conf = e->config;
	struct scope *s;

	TAILQ_FOREACH(s, &e->scopes, link)
		if (s->credential == c &&
		    text_same(s->subscription, subscription))
			return s;
	s = text_alloc(1, sizeof(*s));
	text_copy(s->subscription, sizeof(s->subscription), subscription);
	s->credential = c;
	s->token = schedule_token(e, c, conf->cloud.arm_audience);
	schedule_lane_init(e, &s->read, conf->read_rate, conf->read_burst);
	schedule_lane_init(e, &s->write, conf->write_rate, conf->write_burst);
	schedule_job_init(&s->job, JOB_LIST, s);
	TAILQ_INIT(&s->registries);
	TAILQ_INSERT_TAIL(&e->scopes, s, link);
	return s;
}

/* ---- registries and watches come and go ---- */

static void registry_link(struct engine *e, struct registry *r,
			  struct watch *w, struct scope *s)
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
	(void)e;
}

static void registry_unlink_watch(struct engine *e, struct registry *r)
{
	struct watch *w = r->watch;

	health_leave(e, r);
	if (r->facts.own_key && r->read_at >= 0)
		retirement_move(e, r, r->facts.in_use, "");
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
	free(r->facts.foreign);
	free(r->error);
	free(r->id);
	free(r);
}

static struct watch *watch_find(const struct engine *e,
				const struct keyid *key)
{
	struct watch *w;

	TAILQ_FOREACH(w, &e->watches, link)
		if (keyid_same(&w->key, key))
			return w;
	return NULL;
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
		key_seen_add(e, w, c->key.version);
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
		credential_of(e, &e->config->credentials[c->credential]);
	struct vault *v = vault_of(e, c->key.host, cred);

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
	struct registry *r = engine_by_id(e, id);
	const struct credential *cred =
		credential_of(e, &e->config->credentials[c->credential]);
	struct resid parsed;
	struct fault f;

	if (!resid_parse(&parsed, id, &f))
		return NULL; /* config_parse has refused it already */
	if (!r)
		r = registry_new(id);
	else if (r->watch != w) {
		registry_unlink_watch(e, r);
		r->tried[0] = '\0';
		r->read_at = -1; /* its facts were about another key */
	}
	if (r->watch != w || !r->counted)
		r->settled = false;
	if (r->watch != w)
		registry_link(e, r, w, scope_of(e, parsed.subscription, cred));
	else if (r->scope->credential != cred) {
		TAILQ_REMOVE(&w->registries, r, watch_link);
		w->n_registries--;
		registry_link(e, r, w, scope_of(e, parsed.subscription, cred));
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

static int by_base(const void *a, const void *b)
{
	const struct watch *const *x = a, *const *y = b;

	return strcasecmp((*x)->base, (*y)->base);
}

static void link_siblings(struct engine *e)
{
	struct watch **sorted = text_alloc(e->n_watches + 1, sizeof(*sorted));
	struct watch *w;
	size_t n = 0, from = 0;

	TAILQ_FOREACH(w, &e->watches, link)
		sorted[n++] = w;
	qsort(sorted, n, sizeof(*sorted), by_base);
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

void engine_gone(struct engine *e, struct registry *r)
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

static void limits(struct engine *e)
{
	const struct config *c = e->config;
	struct vault *v;
	struct scope *s;

	TAILQ_FOREACH(v, &e->vaults, link)
		bucket_limit(&v->lane.bucket, c->vault_rate, c->vault_burst);
	TAILQ_FOREACH(s, &e->scopes, link) {
		bucket_limit(&s->read.bucket, c->read_rate, c->read_burst);
		bucket_limit(&s->write.bucket, c->write_rate, c->write_burst);
	}
}

static struct watch *watch_of(struct engine *e, const struct config_watch *c,
			      bool first)
{
	struct watch *w = first ? NULL : watch_find(e, &c->key);

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

/* Nothing of the old file's failures stands in the way of the new one. */
static void retry_tokens(struct engine *e)
{
	for (size_t i = 0; i < e->n_tokens; i++) {
		struct job *j = &e->tokens[i]->job;

		if (heap_has(&j->timer.node))
			schedule_timer(e, &j->timer, e->now.boot);
	}
}

static void adopt(struct engine *e, struct config *config, bool first)
{
	struct registry **all = text_alloc(
		config->n_registries + e->n_registries + 1, sizeof(*all));
	size_t n = 0;
	struct watch *w;

	for (size_t i = 0; i < e->n_registries; i++)
		e->by_id[i]->kept = false;
	TAILQ_FOREACH(w, &e->watches, link)
		w->kept = false;
	config_free(e->config);
	e->config = config;
	limits(e);
	for (size_t i = 0; i < config->n_watches; i++) {
		const struct config_watch *c = &config->watches[i];

		w = watch_of(e, c, first);
		for (size_t k = 0; k < c->n_registries; k++) {
			struct registry *r = registry_take(
				e, w, c, c->registries[k].id);

			if (!r)
				continue;
			all[n++] = r;
			if (text_same(c->canary_id, r->id))
				w->named = r;
		}
	}
	n = sweep(e, all, n);
	index_build(e, all, n);
	sweep_watches(e);
	link_siblings(e);
	retry_tokens(e);
	start(e);
	health_refresh_all(e);
}

void engine_reload(struct engine *e, struct config *config,
		   struct instant now)
{
	e->now = now;
	adopt(e, config, false);
	engine_note(e, NOTE_RELOAD, NULL, NULL, NULL, NULL,
		    "The configuration was read again: %zu keys, %zu registries.",
		    config->n_watches, config->n_registries);
	engine_tick(e, now);
}

/* ---- life ---- */

static int64_t clock_offset(const struct engine *e)
{
	return engine_azure(e) - e->now.boot;
}

struct engine *engine_new(struct config *config, uint64_t seed,
			  uint64_t phase, struct instant now)
{
	struct engine *e = text_alloc(1, sizeof(*e));

	e->now = now;
	e->started = now.wall;
	e->phase = phase;
	random_init(&e->rng, seed);
	TAILQ_INIT(&e->vaults);
	TAILQ_INIT(&e->scopes);
	TAILQ_INIT(&e->watches);
	TAILQ_INIT(&e->flying);
	TAILQ_INIT(&e->landed);
	e->flights = text_alloc(ENGINE_FLIGHTS_MAX, sizeof(*e->flights));
	for (size_t i = 0; i < ENGINE_FLIGHTS_MAX; i++)
		TAILQ_INSERT_TAIL(&e->landed, &e->flights[i], link);
	e->offset_used = clock_offset(e);
	adopt(e, config, true);
	return e;
}

void engine_dry_run(struct engine *e, bool on)
{
	e->dry_run = on;
}

int64_t engine_now(const struct engine *e, struct instant now)
{
	return skew_azure(&e->skew, now);
}

const struct config *engine_config(const struct engine *e)
{
	return e->config;
}

static void free_parts(struct engine *e)
{
	struct vault *v;
	struct scope *s;

	while ((v = TAILQ_FIRST(&e->vaults))) {
		TAILQ_REMOVE(&e->vaults, v, link);
		schedule_lane_free(e, &v->lane);
		free(v);
	}
	while ((s = TAILQ_FIRST(&e->scopes))) {
		TAILQ_REMOVE(&e->scopes, s, link);
		schedule_lane_free(e, &s->read);
		schedule_lane_free(e, &s->write);
		free(s->next_url);
		free(s->error);
		free(s);
	}
	for (size_t i = 0; i < e->n_tokens; i++)
		free(e->tokens[i]);
	for (size_t i = 0; i < e->n_credentials; i++)
		credential_free(e->credentials[i]);
}

void engine_free(struct engine *e)
{
	struct action a;
	struct watch *w;

	if (!e)
		return;
	while (engine_action(e, &a))
		;
	for (size_t i = 0; i < e->n_registries; i++)
		registry_free(e, e->by_id[i]);
	while ((w = TAILQ_FIRST(&e->watches)))
		watch_free(e, w);
	free_parts(e);
	while (engine_action(e, &a))
		;
	heap_free(&e->timers);
	heap_free(&e->ready);
	free(e->flights);
	free(e->tokens);
	free(e->credentials);
	free(e->by_id);
	free(e->actions);
	config_free(e->config);
	free(e);
}

/* Timers were set by what was known of Azure's clock.  When that changes
 * (first answer, a step of our clock before it), they are set anew. */
static void follow_clock(struct engine *e)
{
	int64_t off = clock_offset(e);
	int64_t step = off - e->offset_used;

	if (step > -OFFSET_STEP_MS && step < OFFSET_STEP_MS)
		return;
	e->offset_used = off;
	health_refresh_all(e);
}

static void finish(struct engine *e)
{
	follow_clock(e);
	schedule_run(e);
	health_tell(e);
}

void engine_tick(struct engine *e, struct instant now)
{
	e->now = now;
	finish(e);
}

void engine_reply(struct engine *e, const struct reply *r, struct instant now)
{
	e->now = now;
	schedule_reply(e, r);
	finish(e);
}

int64_t engine_wake(const struct engine *e)
{
	const struct heap_node *n = heap_min(&e->timers);
	const struct flight *f = TAILQ_FIRST(&e->flying);
	int64_t at = n ? n->key : INT64_MAX;

	if (f && f->sent + ENGINE_REPLY_GUARD_MS < at)
		at = f->sent + ENGINE_REPLY_GUARD_MS;
	return at;
}

bool engine_overdue(const struct engine *e, struct instant now,
		    int64_t grace_ms)
{
	int64_t wake = engine_wake(e);

	return wake != INT64_MAX && wake + grace_ms < now.boot;
}

size_t engine_in_flight(const struct engine *e)
{
	return e->in_flight;
}

bool engine_idle_writes(const struct engine *e)
{
	return e->n_writes == 0;
}

/* ---- commands ---- */

size_t engine_poll(struct engine *e, const char *key, struct instant now)
{
	struct watch *w;
	size_t n = 0;

	e->now = now;
	TAILQ_FOREACH(w, &e->watches, link) {
		if (w->retired || (key && !text_same(key, w->base)))
			continue;
		key_poll(e, w);
		n++;
	}
	finish(e);
	return n;
}

static void pause_warning(const struct engine *e, const struct registry *r,
			  int64_t until, char *warning, size_t size)
{
	int64_t deadline = key_deadline(e, r->watch);
	char when[32];

	if (!warning || warning[0] != '\0' || deadline < 0 ||
	    watch_on_target(r) || until <= deadline)
		return;
	text_time(when, sizeof(when), deadline);
	snprintf(warning, size,
		 "Registry %s is not on the wanted version yet; its deadline at %s will be missed.",
		 r->id, when);
}

static void pause_one(struct engine *e, struct registry *r, int64_t until)
{
	r->paused_until = until;
	health_refresh(e, r);
	if (until == 0)
		watch_kick(e, r);
}

size_t engine_pause(struct engine *e, struct registry *r, int64_t until,
		    char *warning, size_t size, struct instant now)
{
	char when[32];

	e->now = now;
	if (warning && size)
		warning[0] = '\0';
	text_time(when, sizeof(when), until);
	if (!r)
		e->paused_until = until;
	for (size_t i = 0; i < e->n_registries; i++) {
		struct registry *one = e->by_id[i];

		if (r && one != r)
			continue;
		pause_warning(e, one, until, warning, size);
		/* Resuming all ends each registry's own pause as well. */
		pause_one(e, one, r || until == 0 ? until : one->paused_until);
	}
	engine_note(e, until ? NOTE_PAUSED : NOTE_RESUMED,
		    r ? r->watch : NULL, r, NULL, NULL,
		    until ? "Writes to %s are paused until %s." :
			    "Writes to %s go on.%s",
		    r ? r->id : "all registries", until ? when : "");
	engine_save(e);
	finish(e);
	return r ? 1 : e->n_registries;
}

const char *note_kind_str(enum note_kind kind)
{
	static const char *const names[] = {
		[NOTE_NEW_VERSION] = "new-version", [NOTE_WRITE] = "write",
		[NOTE_ACCEPTED] = "accepted", [NOTE_VERIFIED] = "verified",
		[NOTE_LATE] = "late", [NOTE_FAILED] = "failed",
		[NOTE_BLOCKED] = "blocked", [NOTE_HELD] = "held",
		[NOTE_OVERDUE] = "overdue", [NOTE_DRIFT] = "drift",
		[NOTE_WARNING] = "warning", [NOTE_KEY_ERROR] = "key-error",
		[NOTE_KEY_OK] = "key-ok", [NOTE_PAUSED] = "paused",
		[NOTE_RESUMED] = "resumed", [NOTE_RELOAD] = "reload",
		[NOTE_STATE] = "state", [NOTE_CLOCK] = "clock",
		[NOTE_DRY_RUN] = "dry-run",
		[NOTE_HELLO] = "hello",
	};

	return names[kind];
}

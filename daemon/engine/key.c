/* A watch's key: polling its newest version, and the versions in use. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/engine_internal.h"

#define NBF_MARGIN_MS 1000

struct seen_version *key_seen(const struct watch *w, const char *version)
{
	for (size_t i = 0; i < w->n_seen; i++)
		if (text_same(w->seen[i].v.version, version))
			return &w->seen[i];
	return NULL;
}

/* Make room: the one that has been out of use longest goes. */
static size_t oldest_unused(const struct watch *w)
{
	size_t found = w->n_seen;

	for (size_t i = 0; i < w->n_seen; i++) {
		const struct seen_version *s = &w->seen[i];

		if (s->in_use || text_same(s->v.version, w->newest) ||
		    text_same(s->v.version, w->key.version))
			continue;
		if (found == w->n_seen ||
		    s->v.created < w->seen[found].v.created)
			found = i;
	}
	return found;
}

struct seen_version *key_seen_add(struct watch *w, const char *version)
{
	struct seen_version *s = key_seen(w, version);
	size_t at = w->n_seen;

	if (s || version[0] == '\0')
		return s;
	if (w->n_seen == ENGINE_VERSIONS_MAX) {
		at = oldest_unused(w);
		if (at == w->n_seen)
			return NULL;
	} else {
		w->seen =
			text_realloc(w->seen, w->n_seen + 1, sizeof(*w->seen));
		w->n_seen++;
	}
	s = &w->seen[at];
	*s = (struct seen_version){ .read_at = -1,
				    .tried_at = -1,
				    .off_since = -1 };
	text_copy(s->v.version, sizeof(s->v.version), version);
	s->v.created = s->v.updated = s->v.not_before = s->v.expires = -1;
	return s;
}

struct seen_version *key_target(const struct watch *w)
{
	struct seen_version *s;

	if (w->mode == WATCH_MANUAL) {
		s = key_seen(w, w->key.version);
		return s && (s->read_at >= 0 || s->missing || s->disabled)
			       ? s
			       : NULL;
	}
	if (w->newest_disabled || w->gone)
		return NULL;
	s = key_seen(w, w->newest);
	return s && s->read_at >= 0 ? s : NULL;
}

int64_t key_effective(const struct watch *w, const struct seen_version *s)
{
	int64_t t = s->v.created >= 0 ? s->v.created : w->first_seen;

	return s->v.not_before > t ? s->v.not_before : t;
}

int64_t key_deadline(const struct engine *e, const struct watch *w)
{
	const struct seen_version *s = key_target(w);

	if (!s || w->mode == WATCH_MANUAL)
		return -1;
	return key_effective(w, s) + e->config->window_ms;
}

/*
 * Azure's clock is known to about a second, for Date has whole ones, and what
 * is known of it may go back by as much.  A write that comes too soon is
 * refused, which costs minutes; so wait a little, and then stay with it.
 */
static int64_t valid_from(const struct seen_version *s)
{
	return s->v.not_before < 0 ? -1 : s->v.not_before + NBF_MARGIN_MS;
}

static void begin(const struct engine *e, struct seen_version *s)
{
	if (valid_from(s) <= engine_azure(e))
		s->begun = true;
	if (s->v.expires >= 0 && s->v.expires <= engine_azure(e))
		s->ended = true;
}

static enum decide_reason usable(const struct engine *e,
				 const struct seen_version *s)
{
	int64_t azure = engine_azure(e);
	enum decide_reason r;

	if (s->begun && azure < s->v.not_before)
		azure = s->v.not_before;
	if (s->ended && azure < s->v.expires)
		azure = s->v.expires;
	r = decide_usable(&s->v, azure);
	return r == REASON_NONE && !s->begun ? REASON_NEWEST_NOT_YET : r;
}

enum decide_reason key_fault(const struct engine *e, const struct watch *w)
{
	const struct seen_version *s = key_target(w);

	if (w->newest_disabled)
		return REASON_NEWEST_DISABLED;
	if (w->gone)
		return REASON_NEWEST_MISSING;
	if (w->went_back)
		return REASON_NEWEST_OLDER;
	return s ? usable(e, s) : REASON_KEY_UNREAD;
}

/* One missed poll is allowed for; two are not. */
bool key_fresh(const struct engine *e, const struct watch *w)
{
	return w->polled_at >= 0 &&
	       e->now.boot - w->polled_at <= 2 * e->config->poll_interval_ms;
}

/* ---- asking ---- */

static void ask(struct engine *e, struct watch *w)
{
	w->job.urgency = w->polled_azure < 0
				 ? 0
				 : w->polled_azure + e->config->window_ms / 2;
	schedule_ask(e, &w->job, CALL_KEY, &w->vault->lane, w->vault->token);
}

void key_due(struct engine *e, struct watch *w)
{
	w->asking = KEY_NEWEST;
	ask(e, w);
}

void key_poll(struct engine *e, struct watch *w)
{
	if (w->job.where == AT_REST)
		key_due(e, w);
}

void key_fill(const struct watch *w, struct call *c)
{
	c->key = w->key;
	c->key.version[0] = '\0';
	if (w->asking == KEY_VERSION)
		text_copy(c->key.version, sizeof(c->key.version),
			  w->asking_version);
}

/* A version in use (or held by hand) whose attributes are not known, or not
 * any more: it may have been disabled, and then the registry is locked. */
static bool wants_read(const struct engine *e, const struct watch *w,
		       const struct seen_version *s)
{
	int64_t again = e->config->reread_interval_ms;
	bool newest = text_same(s->v.version, w->newest);

	if (s->in_use == 0 && !text_same(s->v.version, w->key.version))
		return false;
	if (newest && !w->newest_disabled && s->read_at >= 0)
		return false;
	/* An unknown one holds a rotation up: do not wait as long. */
	if (s->read_at < 0 && !s->missing && !s->disabled)
		again = again < 30000 ? again : 30000;
	return s->tried_at < 0 || e->now.boot - s->tried_at >= again;
}

static bool ask_version(struct engine *e, struct watch *w)
{
	for (size_t i = 0; i < w->n_seen; i++) {
		if (!wants_read(e, w, &w->seen[i]))
			continue;
		w->asking = KEY_VERSION;
		text_copy(w->asking_version, sizeof(w->asking_version),
			  w->seen[i].v.version);
		ask(e, w);
		return true;
	}
	return false;
}

void key_look(struct engine *e, struct watch *w)
{
	if (w->job.where == AT_REST)
		ask_version(e, w);
}

static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t key_turns(const struct engine *e, const struct watch *w)
{
	const struct seen_version *s = key_seen(w, w->newest);
	int64_t azure = engine_azure(e), at = INT64_MAX;

	if (s && s->read_at >= 0 && !s->begun)
		at = engine_boot_of(e, valid_from(s));
	if (s && s->v.expires > azure)
		at = min64(at, engine_boot_of(e, s->v.expires));
	return at;
}

void key_time(struct engine *e, struct watch *w)
{
	struct seen_version *s = key_seen(w, w->newest);

	if (s && s->read_at >= 0)
		begin(e, s);
	if (w->judged != key_fault(e, w)) {
		watch_target_changed(e, w);
		return;
	}
	/* What is known of Azure's clock may have gone back and forth over
	 * the moment that counts. */
	health_refresh_watch(e, w);
	canary_pump(e, w);
}

/* Polls keep their place in the interval, spread over it by key and machine;
 * a version that becomes valid or expires sooner is looked at just then. */
void key_next_poll(struct engine *e, struct watch *w)
{
	int64_t interval = e->config->poll_interval_ms;
	int64_t phase =
		(int64_t)((text_hash(w->base) ^ e->phase) % (uint64_t)interval);
	int64_t next = e->now.boot - (e->now.boot - phase) % interval;
	int64_t turns = key_turns(e, w);

	while (next <= e->now.boot + interval / 10)
		next += interval;
	if (turns != INT64_MAX)
		next = min64(next, turns + 1000);
	schedule_at(e, &w->job, next);
}

/* ---- answers ---- */

static void rest(struct engine *e, struct watch *w)
{
	/* Whoever was judged meanwhile may have asked already. */
	if (w->job.where == AT_REST && !ask_version(e, w))
		key_next_poll(e, w);
	health_key(e, w);
	canary_pump(e, w);
}

static bool same(const struct key_version *a, const struct key_version *b)
{
	return a->enabled == b->enabled && a->rsa == b->rsa &&
	       a->wraps == b->wraps && a->bits == b->bits &&
	       a->created == b->created && a->not_before == b->not_before &&
	       a->expires == b->expires &&
	       a->purge_protected == b->purge_protected;
}

/* Store what was read; true when something about it changed. */
static bool store(struct engine *e, struct seen_version *s,
		  const struct key_version *v)
{
	bool changed = s->read_at < 0 || s->missing || s->disabled ||
		       !same(&s->v, v);

	s->begun = s->begun && s->v.not_before == v->not_before;
	s->ended = s->ended && s->v.expires == v->expires;
	s->v = *v;
	s->read_at = s->tried_at = e->now.boot;
	s->missing = s->disabled = false;
	begin(e, s);
	return changed;
}

static bool older_than_newest(const struct watch *w,
			      const struct key_version *v)
{
	const struct seen_version *s = key_seen(w, w->newest);

	return s && s->read_at >= 0 && s->v.created >= 0 && v->created >= 0 &&
	       v->created < s->v.created && !text_same(v->version, w->newest);
}

static void new_version(struct engine *e, struct watch *w,
			const struct key_version *v)
{
	char previous[KEYID_VERSION_MAX];

	text_copy(previous, sizeof(previous), w->newest);
	text_copy(w->newest, sizeof(w->newest), v->version);
	w->first_seen = engine_azure(e);
	w->canary = NULL;
	w->named_out = false;
	w->canary_state = CANARY_NONE;
	if (previous[0] != '\0')
		engine_note(e, NOTE_NEW_VERSION, w, NULL, v->version, previous,
			    "A new version %.8s of %s was seen (before: %.8s).",
			    v->version, w->base, previous);
	engine_save(e);
}

static void poll_good(struct engine *e, struct watch *w)
{
	if (w->error)
		engine_note(e, NOTE_KEY_OK, w, NULL, NULL, NULL,
			    "Key %s can be read again.", w->base);
	engine_fault_keep(&w->error, NULL);
	w->gone = false;
	w->polled_at = e->now.boot;
	w->polled_azure = engine_azure(e);
}

static void newest_in(struct engine *e, struct watch *w,
		      const struct key_version *v)
{
	bool was_error = w->error != NULL || w->newest_disabled;
	bool changed = was_error || w->polled_at < 0;
	struct seen_version *s;

	poll_good(e, w);
	w->newest_disabled = false;
	if (older_than_newest(w, v)) {
		changed |= !w->went_back;
		w->went_back = true;
	} else {
		changed |= w->went_back;
		w->went_back = false;
		s = key_seen_add(w, v->version);
		if (s && store(e, s, v))
			changed = true;
		if (!text_same(w->newest, v->version)) {
			new_version(e, w, v);
			changed = true;
		}
	}
	if (changed || w->judged != key_fault(e, w))
		watch_target_changed(e, w);
	retirement_update(e, w);
	rest(e, w);
}

static bool says_disabled(const struct fault *f)
{
	return f->kind == FAULT_REFUSED &&
	       text_same(f->inner_code, "KeyDisabled");
}

static void newest_refused(struct engine *e, struct watch *w)
{
	bool was = w->newest_disabled;

	poll_good(e, w);
	w->newest_disabled = true;
	if (!was)
		watch_target_changed(e, w);
	rest(e, w);
}

/* DELETE takes a key with all its versions. */
static void all_missing(struct watch *w)
{
	for (size_t i = 0; i < w->n_seen; i++)
		w->seen[i].missing = true;
}

static void newest_failed(struct engine *e, struct watch *w,
			  const struct fault *f)
{
	bool missing = f->kind == FAULT_MISSING && !w->gone;
	bool news = !w->error || w->error->kind != f->kind || missing;
	int64_t delay = schedule_delay(e, &w->job, f, BACKOFF_NO_DEADLINE);

	engine_fault_keep(&w->error, f);
	if (news) {
		engine_note(e, NOTE_KEY_ERROR, w, NULL, NULL, NULL, "%s",
			    f->text);
		if (missing) {
			w->gone = true;
			all_missing(w);
		}
		watch_target_changed(e, w);
	}
	health_key(e, w);
	if (fault_is_transient(f))
		schedule_sleep(e, &w->job, delay);
	else
		schedule_at(e, &w->job, e->now.boot + delay);
}

static void version_in(struct engine *e, struct watch *w, const struct reply *r)
{
	struct seen_version *s = key_seen(w, w->asking_version);
	bool changed = false;

	if (!s) { /* made room for another meanwhile */
		rest(e, w);
		return;
	}
	s->tried_at = e->now.boot;
	if (r->fault.kind == FAULT_NONE) {
		changed = store(e, s, &r->key);
	} else if (r->fault.kind == FAULT_MISSING) {
		changed = !s->missing;
		s->missing = true;
	} else if (says_disabled(&r->fault)) {
		changed = !s->disabled;
		s->disabled = true;
	}
	if (changed)
		watch_target_changed(e, w);
	rest(e, w);
}

void key_reply(struct engine *e, struct watch *w, const struct reply *r)
{
	if (w->asking == KEY_VERSION)
		version_in(e, w, r);
	else if (r->fault.kind == FAULT_NONE)
		newest_in(e, w, &r->key);
	else if (says_disabled(&r->fault))
		newest_refused(e, w);
	else
		newest_failed(e, w, &r->fault);
}

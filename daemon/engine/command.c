/* What people ask of the engine: find, poll, pause, resume. */
#include <stdio.h>
#include <string.h>

#include "azure/resid.h"
#include "base/text.h"
#include "engine/key.h"
#include "engine/lease.h"
#include "engine/list.h"
#include "engine/model.h"
#include "engine/move.h"
#include "engine/note.h"
#include "engine/policy.h"
#include "engine/versions.h"
#include "traffic/job.h"

struct registry *engine_find(const struct engine *e, const char *name,
			     size_t *matches)
{
	struct registry *found = model_find(e, name);

	*matches = found ? 1 : 0;
	if (found)
		return found;
	for (size_t i = 0; i < e->n_registries; i++) {
		if (!resid_means(name, e->by_id[i]->id))
			continue;
		found = e->by_id[i];
		++*matches;
	}
	return *matches == 1 ? found : NULL;
}

/* ---- poll ---- */

const char *polled_kind_str(enum polled_kind kind)
{
	static const char *const names[] = {
		[POLLED_TOKEN] = "token",
		[POLLED_KEY] = "key",
		[POLLED_LIST] = "list",
		[POLLED_REGISTRY] = "registry",
	};

	return names[kind];
}

const char *polled_wait_str(enum polled_wait wait)
{
	static const char *const names[] = {
		[POLLED_WOKEN] = "woken",
		[POLLED_TOLD] = "told",
		[POLLED_WRITE] = "write",
	};

	return names[wait];
}

static bool meant(const struct watch *w, const char *key)
{
	return !w->retired && (!key || text_same(key, w->base));
}

/* Nothing failed, but it is not as it should be: what stands in its way may
 * have been mended. */
static bool amiss(const struct registry *r)
{
	return !r->error &&
	       (r->state == STATE_BLOCKED || r->state == STATE_OVERDUE ||
		r->state == STATE_UNKNOWN || r->state == STATE_UNREACHABLE ||
		(r->warnings & DECIDE_SERIOUS));
}

static void hurry_token(struct engine *e, struct token *k)
{
	if (job_hurry_token(&e->traffic, k))
		k->hurried = true;
}

static void hurry_registry(struct engine *e, struct registry *r)
{
	struct scope *s = r->scope;

	hurry_token(e, s->end->token);
	s->hurried |= list_hurry(e, s);
	r->hurried = move_hurry(e, r);
	if (r->hurried || !amiss(r))
		return;
	if (!model_listed(r)) {
		move_ask(e, r);
		r->hurried = true;
	} else if (s->job.where == JOB_REST) {
		list_begin(e, s);
		s->hurried = true;
	}
}

/* Who asks for all wants to know who is new as well. */
static void hurry_rules(struct engine *e, struct scope *s)
{
	if (LIST_EMPTY(&s->looks))
		return;
	hurry_token(e, s->end->token);
	s->hurried = s->job.failures || s->failed;
	if (s->job.where == JOB_REST)
		list_begin(e, s);
}

static void hurry(struct engine *e, const char *key)
{
	struct traffic *t = &e->traffic;
	struct registry *r;
	struct scope *s;
	struct watch *w;

	for (size_t i = 0; i < t->n_tokens; i++)
		t->tokens[i]->hurried = t->tokens[i]->named = false;
	TAILQ_FOREACH(s, &e->scopes, link) {
		s->hurried = s->named = false;
		if (!key)
			hurry_rules(e, s);
	}
	TAILQ_FOREACH(w, &e->watches, link) {
		if (!meant(w, key))
			continue;
		hurry_token(e, w->vault->token);
		if (w->arm)
			hurry_token(e, w->arm->token);
		w->hurried = key_hurry(e, w);
		/* Whoever asks for all asks for versions, not for this. */
		if (key)
			policy_read(e, w);
		TAILQ_FOREACH(r, &w->registries, watch_link) {
			e->looks++;
			hurry_registry(e, r);
		}
	}
}

/* Who hears what has become of each thing that waited. */
struct hearing {
	struct engine *e;
	engine_polled *each;
	void *arg;
};

static void say(const struct hearing *h, enum polled_kind kind,
		enum polled_wait wait, const char *name, int64_t boot)
{
	struct polled p = {
		.kind = kind, .wait = wait, .name = name, .until = -1
	};

	if (wait != POLLED_WOKEN)
		p.until = model_azure(h->e) + (boot - model_boot(h->e));
	h->each(&p, h->arg);
}

static void say_job(const struct hearing *h, enum polled_kind kind,
		    const char *name, const struct job *j, bool hurried)
{
	int64_t until = job_told_until(&h->e->traffic, j);

	if (until >= 0)
		say(h, kind, POLLED_TOLD, name, until);
	else if (hurried)
		say(h, kind, POLLED_WOKEN, name, -1);
}

static void say_token(const struct hearing *h, struct token *k)
{
	char name[CALL_AUDIENCE_MAX + 80];

	if (!k || !k->job || k->named)
		return;
	k->named = true;
	snprintf(name, sizeof(name), "%s with credential \"%s\"", k->audience,
		 k->credential->name);
	if (k->hurried || !TAILQ_EMPTY(&k->waiters))
		say_job(h, POLLED_TOKEN, name, k->job, k->hurried);
}

static void say_list(const struct hearing *h, struct scope *s)
{
	if (s->named)
		return;
	s->named = true;
	if (s->hurried || s->job.where != JOB_REST)
		say_job(h, POLLED_LIST, s->subscription, &s->job, s->hurried);
}

static void say_registry(const struct hearing *h, const struct registry *r)
{
	bool rests = (r->phase == PHASE_IDLE || r->phase == PHASE_WAIT) &&
		     r->job.where == JOB_REST;

	if (r->hurried && model_effort(r)->writes > 0 &&
	    model_effort(r)->write_again > model_boot(h->e))
		say(h, POLLED_REGISTRY, POLLED_WRITE, r->id,
		    model_effort(r)->write_again);
	else if (r->hurried || (!rests && r->phase != PHASE_POLL))
		say_job(h, POLLED_REGISTRY, r->id, &r->job, r->hurried);
}

/* Tokens come first: the others wait for them. */
static void hear_all(const struct hearing *h, const char *key)
{
	struct registry *r;
	struct scope *s;
	struct watch *w;

	TAILQ_FOREACH(w, &h->e->watches, link) {
		if (!meant(w, key))
			continue;
		say_token(h, w->vault->token);
		if (w->arm)
			say_token(h, w->arm->token);
		TAILQ_FOREACH(r, &w->registries, watch_link)
			say_token(h, r->scope->end->token);
	}
	TAILQ_FOREACH(s, &h->e->scopes, link)
		if (!key && !LIST_EMPTY(&s->looks)) {
			say_token(h, s->end->token);
			say_list(h, s);
		}
	TAILQ_FOREACH(w, &h->e->watches, link)
		if (meant(w, key))
			say_job(h, POLLED_KEY, w->base, &w->job, w->hurried);
	TAILQ_FOREACH(w, &h->e->watches, link) {
		if (!meant(w, key))
			continue;
		TAILQ_FOREACH(r, &w->registries, watch_link) {
			say_list(h, r->scope);
			say_registry(h, r);
		}
	}
}

size_t engine_retry(struct engine *e, const char *key, engine_polled *each,
		    void *arg, struct instant now)
{
	struct hearing h = { .e = e, .each = each, .arg = arg };
	struct watch *w;
	size_t n = 0;

	/* What is due by itself is not the person's doing. */
	engine_tick(e, now);
	TAILQ_FOREACH(w, &e->watches, link)
		n += meant(w, key);
	hurry(e, key);
	engine_tick(e, now);
	if (each)
		hear_all(&h, key);
	return n;
}

void engine_proof_changed(struct engine *e, const struct credential *c,
			  struct instant now)
{
	struct registry *r;
	struct scope *s;
	struct watch *w;

	engine_tick(e, now);
	TAILQ_FOREACH(s, &e->scopes, link)
		if (s->end->credential == c)
			hurry_rules(e, s);
	TAILQ_FOREACH(w, &e->watches, link) {
		if (w->retired)
			continue;
		if (w->vault->credential == c) {
			hurry_token(e, w->vault->token);
			if (w->arm)
				hurry_token(e, w->arm->token);
			key_hurry(e, w);
		}
		TAILQ_FOREACH(r, &w->registries, watch_link)
			if (r->scope->end->credential == c)
				hurry_registry(e, r);
	}
	engine_tick(e, now);
}

size_t engine_poll(struct engine *e, const char *key, struct instant now)
{
	return engine_retry(e, key, NULL, NULL, now);
}

/* ---- pause and resume ---- */

static void pause_warning(const struct engine *e, const struct registry *r,
			  int64_t until, char *warning, size_t size)
{
	int64_t deadline = versions_deadline(e, r->watch);
	char when[32];

	if (!warning || warning[0] != '\0' || deadline < 0 ||
	    versions_on_target(r) || until <= deadline)
		return;
	text_time(when, sizeof(when), deadline);
	snprintf(
		warning, size,
		"Registry %s is not on the wanted version yet; its deadline at %s will be missed.",
		r->id, when);
}

/* A pause is for a person who relies on it. */
static void warn_unsaved(char *warning, size_t size)
{
	size_t len = warning && size ? strlen(warning) : 0;

	if (len + 1 < size)
		snprintf(
			warning + len, size - len,
			"%sThe state cannot be saved now: if keyrotd is restarted before it can, this pause is forgotten.",
			len ? " " : "");
}

/* What is under a lease is written by others that share it. */
static void warn_shared(const struct engine *e, const struct registry *r,
			char *warning, size_t size)
{
	size_t len = warning && size ? strlen(warning) : 0;
	const char *when = "at the latest when a quarter of a window is left";
	const struct lease *l = r ? r->watch->lease : NULL;
	const struct watch *w;

	if (!r && lease_role_all(e) == ROLE_LEADER)
		when = "and at once, for this one leaves it to them";

	if (!r)
		TAILQ_FOREACH(w, &e->watches, link)
			l = l ? l : w->lease;
	if (l && !e->dry_run && len + 1 < size)
		snprintf(
			warning + len, size - len,
			"%sThat is so for this daemon alone: others that share lease \"%s\" write all the same, %s; pause it on each of them.",
			len ? " " : "", l->name, when);
}

static void tell_pause(struct engine *e, struct registry *r, int64_t until,
		       const struct pause *p)
{
	const char *by = p && p->by ? p->by : NULL;
	const char *reason = p && p->reason ? p->reason : NULL;
	char when[32];

	text_time(when, sizeof(when), until);
	if (r && !until && model_paused(e, r)) {
		note_tell(e, NOTE_RESUMED, r->watch, r, NULL, NULL,
			  "%s has no pause of its own any more%s%s; it is not "
			  "written yet, for all registries are paused.",
			  r->id, by ? ", by " : "", by ? by : "");
		return;
	}
	note_tell(e, until ? NOTE_PAUSED : NOTE_RESUMED, r ? r->watch : NULL, r,
		  NULL, NULL, "Writes to %s %s%s%s%s%s%s.",
		  r ? r->id : "all registries",
		  until ? "are paused until " : "go on", until ? when : "",
		  by ? ", by " : "", by ? by : "", reason ? ": " : "",
		  reason ? reason : "");
}

size_t engine_pause(struct engine *e, struct registry *r, int64_t until,
		    char *warning, size_t size, struct instant now)
{
	return engine_pause_by(e, r, until, NULL, NULL, warning, size, now);
}

size_t engine_pause_by(struct engine *e, struct registry *r, int64_t until,
		       const char *by, const char *reason, char *warning,
		       size_t size, struct instant now)
{
	struct pause **place = r ? &r->pause : &e->pause, *said = NULL;

	model_pause_keep(&said, INT64_MAX, by, reason);
	job_tick(&e->traffic, now);
	if (warning && size)
		warning[0] = '\0';
	model_pause_keep(place, until, by, reason);
	for (size_t i = 0; i < e->n_registries; i++) {
		struct registry *one = e->by_id[i];

		if (r && one != r)
			continue;
		pause_warning(e, one, until, warning, size);
		/* Resuming all ends each registry's own pause as well. */
		if (until == 0)
			model_pause_keep(&one->pause, 0, NULL, NULL);
		model_mark(e, one, until ? MARK_LOOK : MARK_ASK);
	}
	if (until && e->unsaved)
		warn_unsaved(warning, size);
	if (until)
		warn_shared(e, r, warning, size);
	tell_pause(e, r, until, said);
	model_pause_keep(&said, 0, NULL, NULL);
	lease_paused(e);
	note_save(e);
	engine_tick(e, now);
	return r ? 1 : e->n_registries;
}

/* A watch's key: polling its newest version, and the versions in use. */
#include "engine/key.h"

#include "base/text.h"
#include "engine/note.h"
#include "engine/versions.h"
#include "traffic/job.h"

bool key_fresh(const struct engine *e, const struct watch *w)
{
	return w->polled_at >= 0 &&
	       model_boot(e) - w->polled_at <= 2 * e->config->poll_interval_ms;
}

int64_t key_stales(const struct engine *e, const struct watch *w)
{
	return key_fresh(e, w)
		       ? w->polled_at + 2 * e->config->poll_interval_ms + 1
		       : INT64_MAX;
}

/* ---- asking ---- */

static void fill(const void *world, const struct job *j, struct call *c)
{
	const struct watch *w = j->owner;

	(void)world;
	c->key = w->key;
	c->key.version[0] = '\0';
	if (w->asking == KEY_VERSION)
		text_copy(c->key.version, sizeof(c->key.version),
			  w->asking_version);
}

const struct job_kind key_kind = { fill, NULL };

static void ask(struct engine *e, struct watch *w)
{
	w->job.urgency = w->polled_azure < 0
				 ? 0
				 : w->polled_azure + e->config->window_ms / 2;
	job_ask(&e->traffic, &w->job, CALL_KEY, w->vault, END_READ);
}

static void ask_newest(struct engine *e, struct watch *w)
{
	w->asking = KEY_NEWEST;
	ask(e, w);
}

void key_poll(struct engine *e, struct watch *w)
{
	if (w->job.where == JOB_REST)
		ask_newest(e, w);
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
	return s->tried_at < 0 || model_boot(e) - s->tried_at >= again;
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
	if (w->job.where == JOB_REST)
		ask_version(e, w);
}

/* Polls keep their place in the interval, spread over it by key and machine;
 * a version that becomes valid or expires sooner is looked at just then. */
void key_next_poll(struct engine *e, struct watch *w)
{
	int64_t interval = e->config->poll_interval_ms, boot = model_boot(e);
	int64_t phase =
		(int64_t)((text_hash(w->base) ^ e->phase) % (uint64_t)interval);
	int64_t next = boot - (boot - phase) % interval;
	int64_t turns = versions_turns(e, w);

	while (next <= boot + interval / 10)
		next += interval;
	if (turns != INT64_MAX && turns + 1000 < next)
		next = turns + 1000;
	job_at(&e->traffic, &w->job, next, true);
}

/* ---- answers ---- */

static void rest(struct engine *e, struct watch *w)
{
	if (!ask_version(e, w))
		key_next_poll(e, w);
}

static bool older_than_newest(const struct watch *w,
			      const struct key_version *v)
{
	const struct seen_version *s = versions_find(w, w->newest);

	return s && s->read_at >= 0 && s->v.created >= 0 && v->created >= 0 &&
	       v->created < s->v.created && !text_same(v->version, w->newest);
}

static void new_version(struct engine *e, struct watch *w,
			const struct key_version *v)
{
	char previous[KEYID_VERSION_MAX];

	text_copy(previous, sizeof(previous), w->newest);
	text_copy(w->newest, sizeof(w->newest), v->version);
	w->first_seen = model_azure(e);
	if (previous[0] != '\0')
		note_tell(e, NOTE_NEW_VERSION, w, NULL, v->version, previous,
			  "A new version %.8s of %s was seen (before: %.8s).",
			  v->version, w->base, previous);
	note_save(e);
}

/* The vault answered, and it is no matter of rights or of a lost key. */
static void poll_good(struct engine *e, struct watch *w)
{
	if (w->error)
		note_tell(e, NOTE_KEY_OK, w, NULL, NULL, NULL,
			  "Key %s can be read again.", w->base);
	model_fault_keep(&w->error, NULL);
	w->gone = false;
	w->polled_at = model_boot(e);
	w->polled_azure = model_azure(e);
	model_mark_watch(e, w, MARK_JUDGE);
}

static void newest_in(struct engine *e, struct watch *w,
		      const struct key_version *v)
{
	struct seen_version *s;

	poll_good(e, w);
	w->newest_disabled = false;
	w->went_back = older_than_newest(w, v);
	if (!w->went_back) {
		s = versions_add(w, v->version);
		if (s)
			versions_store(e, w, s, v);
		if (!text_same(w->newest, v->version))
			new_version(e, w, v);
	}
	rest(e, w);
}

static bool says_disabled(const struct fault *f)
{
	return f->kind == FAULT_REFUSED &&
	       text_same(f->inner_code, "KeyDisabled");
}

static void newest_failed(struct engine *e, struct watch *w,
			  const struct fault *f)
{
	bool missing = f->kind == FAULT_MISSING && !w->gone;
	int64_t delay = job_delay(&e->traffic, &w->job, f, BACKOFF_NO_DEADLINE);

	if (!w->error || w->error->kind != f->kind || missing)
		note_tell(e, NOTE_KEY_ERROR, w, NULL, NULL, NULL, "%s",
			  f->text);
	model_fault_keep(&w->error, f);
	if (missing) {
		w->gone = true;
		/* DELETE takes a key with all its versions. */
		for (size_t i = 0; i < w->n_seen; i++)
			versions_lost(w, &w->seen[i], true, false);
	}
	model_mark_watch(e, w, MARK_LOOK);
	if (fault_is_transient(f))
		job_sleep(&e->traffic, &w->job, delay);
	else
		job_at(&e->traffic, &w->job, model_boot(e) + delay, false);
}

static void version_in(struct engine *e, struct watch *w, const struct reply *r)
{
	struct seen_version *s = versions_find(w, w->asking_version);

	if (s) { /* else it made room for another meanwhile */
		s->tried_at = model_boot(e);
		if (r->fault.kind == FAULT_NONE)
			versions_store(e, w, s, &r->key);
		else
			versions_lost(w, s, r->fault.kind == FAULT_MISSING,
				      says_disabled(&r->fault));
	}
	model_mark_watch(e, w, MARK_LOOK);
	rest(e, w);
}

static void answer(struct engine *e, struct watch *w, const struct reply *r)
{
	if (w->asking == KEY_VERSION) {
		version_in(e, w, r);
	} else if (r->fault.kind == FAULT_NONE) {
		newest_in(e, w, &r->key);
	} else if (says_disabled(&r->fault)) {
		poll_good(e, w);
		w->newest_disabled = true;
		rest(e, w);
	} else {
		newest_failed(e, w, &r->fault);
	}
}

void key_take(struct engine *e, struct watch *w, const struct value *v)
{
	switch (v->kind) {
	case VALUE_DUE:
		ask_newest(e, w);
		break;
	case VALUE_ANSWER:
		answer(e, w, v->reply);
		break;
	case VALUE_NO_TOKEN:
		model_fault_keep(&w->error, v->fault);
		model_mark_watch(e, w, MARK_LOOK);
		break;
	case VALUE_UNTRUE: /* nothing makes it so but a lost interest */
	case VALUE_TIMER:
	case VALUE_NEWS:
		break;
	}
}

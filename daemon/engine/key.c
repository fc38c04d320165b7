/* A watch's key: polling its newest version, and the versions in use. */
#include "engine/key.h"

#include "base/text.h"
#include "engine/note.h"
#include "engine/versions.h"
#include "traffic/job.h"

#define LOST_LOOKUPS 3 /* in vain, and for so long: then it is gone */
#define LOST_MS 600000
#define LOST_LOOK_MS 5000 /* between the first ones */

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
	w->doubting = false;
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
static void next_poll(struct engine *e, struct watch *w)
{
	int64_t interval = e->config->poll_interval_ms, boot = model_boot(e);
	int64_t phase =
		(int64_t)((text_hash(w->base) ^ e->phase) % (uint64_t)interval);
	int64_t next = boot - (boot - phase) % interval;
	int64_t turns = versions_turns(e, w);

	while (next <= boot + interval / 10)
		next += interval;
	/* After another interval the last poll may be older than its place. */
	if (w->polled_at >= 0 && next > w->polled_at + interval * 3 / 2)
		next = w->polled_at + interval * 3 / 2;
	if (turns != INT64_MAX && turns + 1000 < next)
		next = turns + 1000;
	job_at(&e->traffic, &w->job, next, true);
}

void key_in_time(struct engine *e, struct watch *w)
{
	int64_t boot = model_boot(e);
	int64_t due = w->polled_at + e->config->poll_interval_ms;

	if (w->job.where != JOB_REST)
		return;
	if (w->polled_at < 0 || w->error || due <= boot ||
	    !timer_is_set(&w->job.timer))
		job_at(&e->traffic, &w->job, boot, false);
	else if (timer_at(&w->job.timer) > due)
		next_poll(e, w);
}

/* ---- answers ---- */

static void rest(struct engine *e, struct watch *w)
{
	if (!ask_version(e, w))
		next_poll(e, w);
}

/*
 * A replica that lags, or two that alternate, show what was left already: an
 * older version, or one of the same second that was the newest before.
 */
static bool doubtful(const struct watch *w, const struct key_version *v)
{
	const struct seen_version *newest = versions_find(w, w->newest);
	const struct seen_version *s = versions_find(w, v->version);

	if (!newest || newest == s)
		return false;
	if (newest->v.created >= 0 && v->created >= 0 &&
	    newest->v.created != v->created)
		return v->created < newest->v.created;
	return s && s->was_newest;
}

static void new_version(struct engine *e, struct watch *w,
			const struct key_version *v)
{
	char previous[KEYID_VERSION_MAX];

	text_copy(previous, sizeof(previous), w->newest);
	text_copy(w->newest, sizeof(w->newest), v->version);
	versions_add(w, v->version)->was_newest = true;
	w->first_seen = model_azure(e);
	if (previous[0] != '\0')
		note_tell(
			e, NOTE_NEW_VERSION, w, NULL, v->version, previous,
			w->lookups
				? "Version %.8s of %s is the newest again: %.8s is not found any more."
				: "A new version %.8s of %s was seen (before: %.8s).",
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

static void accept(struct engine *e, struct watch *w,
		   const struct key_version *v)
{
	poll_good(e, w);
	w->newest_disabled = false;
	versions_store(e, w, versions_add(w, v->version), v);
	if (!text_same(w->newest, v->version))
		new_version(e, w, v);
	w->lookups = 0;
	rest(e, w);
}

static void newest_in(struct engine *e, struct watch *w,
		      const struct key_version *v)
{
	if (!doubtful(w, v)) {
		accept(e, w, v);
		return;
	}
	w->doubting = true;
	w->shown = *v;
	w->asking = KEY_VERSION;
	text_copy(w->asking_version, sizeof(w->asking_version), w->newest);
	ask(e, w);
}

static bool says_disabled(const struct fault *f)
{
	return f->kind == FAULT_REFUSED &&
	       text_same(f->inner_code, "KeyDisabled");
}

static void newest_refused(struct engine *e, struct watch *w)
{
	poll_good(e, w);
	w->newest_disabled = true;
	rest(e, w);
}

/* Told once for each kind of trouble. */
static void keep_error(struct engine *e, struct watch *w, const struct fault *f)
{
	if (!w->error || w->error->kind != f->kind)
		note_tell(e, NOTE_KEY_ERROR, w, NULL, NULL, NULL, "%s",
			  f->text);
	model_fault_keep(&w->error, f);
	model_mark_watch(e, w, MARK_LOOK);
}

static void newest_failed(struct engine *e, struct watch *w,
			  const struct fault *f)
{
	int64_t delay = job_delay(&e->traffic, &w->job, f, BACKOFF_NO_DEADLINE);

	if (f->kind == FAULT_MISSING && !w->gone) {
		w->gone = true;
		/* DELETE takes a key with all its versions. */
		for (size_t i = 0; i < w->n_seen; i++)
			versions_lost(w, &w->seen[i], true, false);
	}
	keep_error(e, w, f);
	if (fault_is_transient(f))
		job_sleep(&e->traffic, &w->job, delay);
	else
		job_at(&e->traffic, &w->job, model_boot(e) + delay, false);
}

/*
 * The version that we know is not found, and an older one is shown: a replica
 * lags, or the key was restored from a backup.  What is read outranks what is
 * remembered, but one sample is no verdict.
 */
static void newest_lost(struct engine *e, struct watch *w)
{
	struct fault f;

	if (w->lookups++ == 0)
		w->lost_since = model_boot(e);
	if (w->lookups >= LOST_LOOKUPS &&
	    model_boot(e) - w->lost_since >= LOST_MS) {
		versions_lost(w, versions_add(w, w->newest), true, false);
		accept(e, w, &w->shown);
		return;
	}
	fault_set(
		&f, FAULT_CONFLICT, 404,
		"Key Vault shows %.8s as the newest version of %s, and does not find %.8s, which was newer; it is looked at again.",
		w->shown.version, w->base, w->newest);
	keep_error(e, w, &f);
	if (w->lookups < LOST_LOOKUPS)
		job_at(&e->traffic, &w->job, model_boot(e) + LOST_LOOK_MS,
		       false);
	else
		key_next_poll(e, w);
}

/* The newest version that we know was looked up, because Key Vault showed one
 * that is older. */
static void doubt_settled(struct engine *e, struct watch *w,
			  const struct reply *r)
{
	w->doubting = false;
	if (r->fault.kind == FAULT_NONE) {
		accept(e, w, &r->key);
	} else if (r->fault.kind == FAULT_MISSING) {
		newest_lost(e, w);
	} else if (says_disabled(&r->fault)) {
		newest_refused(e, w);
	} else {
		newest_failed(e, w, &r->fault);
	}
}

static void version_in(struct engine *e, struct watch *w, const struct reply *r)
{
	struct seen_version *s = versions_find(w, w->asking_version);

	if (w->doubting) {
		doubt_settled(e, w, r);
		return;
	}
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
		newest_refused(e, w);
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
		next_poll(e, w);
		break;
	case VALUE_TIMER:
	case VALUE_NEWS:
		break;
	}
}

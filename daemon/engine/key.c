/* A watch's key: polling its newest version, and the versions in use. */
#include "engine/key.h"

#include "base/text.h"
#include "engine/key_way.h"
#include "engine/note.h"
#include "engine/policy.h"
#include "engine/versions.h"
#include "traffic/job.h"

#define LOST_LOOKUPS 3 /* in vain, and for so long: then it is gone */
#define LOST_MS 600000
#define LOST_LOOK_MS 5000	   /* between the first ones */
#define VERSION_TRIES ENGINE_LOOKS /* in vain: then nobody waits for it */
#define VERSION_AGAIN_MS 5000
#define VERSION_LATER_MS 30000
#define VERSION_LATEST_MS 240000 /* in vain for long */
#define TOGETHER 16 /* keys that are polled at the same moment, at least */
#define PLACES 6    /* moments in an interval, at least */
#define HINT_EACH_MS 1000  /* hints bring a poll so often at most */
#define HINT_FIRST_MS 1000 /* and it is looked again so much later ... */
#define HINT_LAST_MS 4000  /* ... up to this, in doubled steps */

bool key_fresh(const struct engine *e, const struct watch *w)
{
	return w->polled_at >= 0 &&
	       model_boot(e) - w->polled_at <= 2 * e->config->poll_interval_ms;
}

bool key_sure(const struct engine *e, const struct watch *w)
{
	const struct seen_version *s = versions_target(w);

	return key_fresh(e, w) && !w->absent &&
	       !(w->mode == WATCH_MANUAL ? s && s->absent : w->lookups > 0);
}

int64_t key_stales(const struct engine *e, const struct watch *w)
{
	return key_fresh(e, w)
		       ? w->polled_at + 2 * e->config->poll_interval_ms + 1
		       : INT64_MAX;
}

/* That a key is not found is known of it, and no failure to read it. */
const char *key_state_str(const struct engine *e, const struct watch *w)
{
	enum decide_reason r = versions_fault(e, w);
	bool told = w->error ? w->error->kind == FAULT_MISSING
			     : key_fresh(e, w);

	if (r == REASON_KEY_UNREAD || r == REASON_MANUAL_UNREAD)
		told = false;
	if (told && r != REASON_NONE)
		return "unusable";
	if (w->error)
		return "unreachable";
	return told ? "usable" : "unknown";
}

/* ---- asking ---- */

static void fill(const void *world, const struct job *j, struct call *c)
{
	const struct watch *w = j->owner;

	(void)world;
	c->vault_resource = j->end == w->arm ? w->vault_resource : NULL;
	c->key = w->key;
	c->key.version[0] = '\0';
	if (w->asking == KEY_VERSION)
		text_copy(c->key.version, sizeof(c->key.version),
			  w->asking_version);
}

const struct job_kind key_kind = { fill, NULL };

/* What one end told to wait for is nothing to the other, but failures are the
 * key's, whichever way it was asked for. */
static void to_end(struct engine *e, struct watch *w, struct end *end)
{
	unsigned failures = w->job.failures;

	job_cancel(&e->traffic, &w->job);
	job_rebind(&e->traffic, &w->job, end);
	w->job.failures = failures;
}

static void ask(struct engine *e, struct watch *w)
{
	w->job.urgency = w->polled_azure < 0
				 ? 0
				 : w->polled_azure + e->config->window_ms / 2;
	to_end(e, w, key_way_end(e, w));
	job_ask(&e->traffic, &w->job, CALL_KEY, w->job.end, END_READ);
}

static void ask_newest(struct engine *e, struct watch *w)
{
	w->asking = KEY_NEWEST;
	w->doubting = false;
	w->asked_at = model_boot(e);
	ask(e, w);
}

void key_poll(struct engine *e, struct watch *w)
{
	if (w->job.where == JOB_REST)
		ask_newest(e, w);
}

bool key_hurry(struct engine *e, struct watch *w)
{
	bool waits = w->error != NULL;

	if (w->job.where != JOB_REST)
		return false;
	for (size_t i = 0; i < w->n_seen; i++) {
		struct seen_version *s = &w->seen[i];

		if (!s->failed && !s->missing && !s->disabled)
			continue;
		s->tried_at = -1; /* after the newest one */
		waits |= s->failed > 0;
	}
	key_way_hurry(e, w);
	ask_newest(e, w);
	return waits;
}

/* A failed one soon, for it may hold a rotation up; then ever later, up to a
 * quarter earlier so that many do not come at once. */
static int64_t again_failed(const struct seen_version *s)
{
	unsigned more = s->failed - VERSION_TRIES;
	int64_t wait;

	if (s->failed < VERSION_TRIES)
		return VERSION_AGAIN_MS;
	wait = VERSION_LATER_MS << (more < 4 ? more : 4);
	if (wait > VERSION_LATEST_MS)
		wait = VERSION_LATEST_MS;
	return wait - (int64_t)(text_hash(s->v.version) % (uint64_t)wait) / 4;
}

/* Boot ms at which a version in use (or held by hand) is to be read: its
 * attributes are not known, or not any more, for it may have been disabled,
 * and then the registry is locked.  INT64_MAX: it is not. */
static int64_t version_due(const struct engine *e, const struct watch *w,
			   const struct seen_version *s)
{
	int64_t again = e->config->reread_interval_ms, sooner = again;
	bool newest = text_same(s->v.version, w->newest);

	if (s->in_use == 0 && !text_same(s->v.version, w->key.version))
		return INT64_MAX;
	if (newest && !w->newest_disabled && s->read_at >= 0)
		return INT64_MAX;
	if (s->tried_at < 0)
		return model_boot(e);
	/* An unknown one holds a rotation up: do not wait as long. */
	if (s->missing)
		sooner = ENGINE_GONE_MS;
	else if (s->absent)
		sooner = ENGINE_LOOK_MS;
	else if (s->failed)
		sooner = again_failed(s);
	else if (s->read_at < 0 && !s->disabled)
		sooner = VERSION_LATER_MS;
	return s->tried_at + (sooner < again ? sooner : again);
}

/* The one that was not asked for the longest: none takes all of the time. */
static bool ask_version(struct engine *e, struct watch *w)
{
	const struct seen_version *next = NULL;

	for (size_t i = 0; i < w->n_seen; i++) {
		if (version_due(e, w, &w->seen[i]) <= model_boot(e) &&
		    (!next || w->seen[i].tried_at < next->tried_at))
			next = &w->seen[i];
	}
	if (!next)
		return false;
	w->asking = KEY_VERSION;
	text_copy(w->asking_version, sizeof(w->asking_version),
		  next->v.version);
	ask(e, w);
	return true;
}

void key_look(struct engine *e, struct watch *w)
{
	if (w->job.where == JOB_REST)
		ask_version(e, w);
}

/* The next poll, or a version in use that is looked at before it. */
static void at(struct engine *e, struct watch *w, int64_t poll)
{
	int64_t next = w->next_poll = poll, due;

	for (size_t i = 0; i < w->n_seen; i++) {
		due = version_due(e, w, &w->seen[i]);
		next = due < next ? due : next;
	}
	job_at(&e->traffic, &w->job, next, true);
}

/* Boot ms at which it is looked again what a hint meant; INT64_MAX: not. */
static int64_t look_again(const struct engine *e, struct watch *w)
{
	int64_t wait = w->hint_wait;

	if (wait == 0)
		return INT64_MAX;
	w->hint_wait = wait < HINT_LAST_MS ? 2 * wait : 0;
	return model_boot(e) + wait;
}

/* Where in the interval this key is polled, in ms: spread over it by key and
 * machine.  Some go together, since waking up costs more than one question:
 * as many as a host is asked at a time, within a small part of the interval. */
static int64_t place(const struct engine *e, const struct watch *w)
{
	int64_t interval = e->config->poll_interval_ms;
	int64_t step = interval / (int64_t)(e->n_watches / TOGETHER + 1);
	int64_t at =
		(int64_t)((text_hash(w->base) ^ e->phase) % (uint64_t)interval);

	if (step > interval / PLACES)
		step = interval / PLACES;
	return step > 0 ? at - at % step : at;
}

/* Polls keep their place in the interval; a version that becomes valid or
 * expires sooner is looked at just then. */
static void next_poll(struct engine *e, struct watch *w)
{
	int64_t interval = e->config->poll_interval_ms, boot = model_boot(e);
	int64_t phase = place(e, w);
	int64_t next = boot - (boot - phase) % interval;
	int64_t latest = w->polled_at + interval * 3 / 2;
	int64_t turns = versions_turns(e, w), soon = look_again(e, w);

	while (next <= boot + interval / PLACES)
		next += interval;
	/* After another interval the last poll may be older than its place; but
	 * what is in vain for longer has its place like all others. */
	if (w->polled_at >= 0 && latest > boot && next > latest)
		next = latest;
	if (turns != INT64_MAX && turns + 1000 < next)
		next = turns + 1000;
	at(e, w, soon < next ? soon : next);
}

bool key_hint(struct engine *e, struct watch *w, bool news)
{
	int64_t boot = model_boot(e), due = w->asked_at + HINT_EACH_MS;

	if (news)
		w->hint_wait = HINT_FIRST_MS;
	if (w->job.where != JOB_REST) {
		/* What is on its way may be from before. */
		if (!w->hint_wait)
			w->hint_wait = HINT_LAST_MS;
		if (w->next_poll > boot)
			w->next_poll = boot;
		return false;
	}
	if (due <= boot) {
		ask_newest(e, w);
		return true;
	}
	if (timer_at(&w->job.timer) > due)
		at(e, w, due);
	return false;
}

void key_in_time(struct engine *e, struct watch *w)
{
	int64_t boot = model_boot(e);
	int64_t due = w->polled_at + e->config->poll_interval_ms;

	if (w->job.where != JOB_REST)
		return;
	if (w->polled_at < 0 || w->error || due <= boot ||
	    !timer_is_set(&w->job.timer))
		job_at(&e->traffic, &w->job, w->next_poll = boot, false);
	else if (w->next_poll > due)
		next_poll(e, w);
	else if (timer_at(&w->job.timer) > boot)
		at(e, w, w->next_poll); /* a version in use may be due */
}

/* ---- answers ---- */

/* The newest version was answered for: the versions in use that are due follow
 * at once, and the next poll has its time whatever becomes of them. */
static void rest(struct engine *e, struct watch *w)
{
	next_poll(e, w);
	ask_version(e, w);
}

/* A version in use was.  The newest is the one that a rotation waits for: once
 * its poll is due, no other version is asked for before it. */
static void rest_of_version(struct engine *e, struct watch *w)
{
	int64_t turns = versions_turns(e, w);

	if (turns != INT64_MAX && turns + 1000 < w->next_poll)
		w->next_poll = turns + 1000;
	if (model_boot(e) >= w->next_poll)
		ask_newest(e, w);
	else if (!ask_version(e, w))
		at(e, w, w->next_poll);
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

/* Another watch of this key, which was there before, has seen it already. */
static bool is_told(const struct watch *w, const char *version)
{
	const struct watch *s = w->sibling;

	while (s != w &&
	       !(text_same(s->newest, version) && s->since <= w->polled_at))
		s = s->sibling;
	return s != w;
}

static void tell_version(struct engine *e, const struct watch *w,
			 const char *previous, bool hinted)
{
	if (w->lookups)
		note_tell(
			e, NOTE_NEW_VERSION, w, NULL, w->newest, previous,
			"Version %.8s of %s is the newest again: %.8s is not found any more.",
			w->newest, w->base, previous);
	else
		note_tell(e, NOTE_NEW_VERSION, w, NULL, w->newest, previous,
			  "A new version %.8s of %s was seen%s (before: %.8s).",
			  w->newest, w->base, hinted ? ", after a hint" : "",
			  previous);
}

static void new_version(struct engine *e, struct watch *w,
			const struct key_version *v)
{
	char previous[KEYID_VERSION_MAX];
	bool told = is_told(w, v->version), hinted = w->hint_wait > 0;

	text_copy(previous, sizeof(previous), w->newest);
	text_copy(w->newest, sizeof(w->newest), v->version);
	w->hint_wait = 0;
	versions_add(w, v->version)->was_newest = true;
	w->first_seen = model_azure(e);
	if (previous[0] != '\0' && !told)
		tell_version(e, w, previous, hinted);
	note_save(e);
}

/* The vault answered, and it is no matter of rights or of a lost key. */
static void poll_good(struct engine *e, struct watch *w)
{
	bool again = w->error != NULL;

	if (again)
		note_tell(e, NOTE_KEY_OK, w, NULL, NULL, NULL,
			  "Key %s can be read again.", w->base);
	model_fault_keep(e, &w->error, NULL);
	/* What was gone with the key, or failed with it, may be there again. */
	for (size_t i = 0; i < w->n_seen; i++)
		if (w->gone || (again && w->seen[i].failed))
			w->seen[i].tried_at = -1;
	w->gone = false;
	w->absent = 0;
	w->polled_at = model_boot(e);
	w->polled_azure = model_azure(e);
	policy_in_time(e, w);
	model_mark_watch(e, w, MARK_JUDGE);
}

static void take(struct engine *e, struct watch *w, const struct key_version *v)
{
	poll_good(e, w);
	w->newest_disabled = false;
	versions_store(e, w, versions_add(w, v->version), v);
	if (!text_same(w->newest, v->version))
		new_version(e, w, v);
	/* What a saved state says cannot be, or it says nothing. */
	else if (w->first_seen < 0 || w->first_seen > model_azure(e))
		w->first_seen = model_azure(e);
	w->lookups = 0;
	rest(e, w);
}

static void newest_in(struct engine *e, struct watch *w,
		      const struct key_version *v)
{
	if (!doubtful(w, v)) {
		w->rivals = 0;
		take(e, w, v);
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

/* There is something else for a person to mend than before. */
static bool other_trouble(const struct fault *before, const struct fault *f)
{
	return before->kind != f->kind ||
	       (!fault_is_transient(f) &&
		(!text_same(before->azure_code, f->azure_code) ||
		 !text_same(before->inner_code, f->inner_code)));
}

/* Told once for each kind of trouble. */
static void keep_error(struct engine *e, struct watch *w, const struct fault *f)
{
	if (!w->error || other_trouble(w->error, f))
		note_tell(e, NOTE_KEY_ERROR, w, NULL, NULL, NULL, "%s",
			  f->text);
	model_fault_keep(e, &w->error, f);
	model_mark_watch(e, w, MARK_LOOK);
}

/* One 404 among good answers is no verdict: it is looked at again. */
static bool passes(struct engine *e, struct watch *w, const struct fault *f)
{
	if (f->kind != FAULT_MISSING || w->polled_at < 0 || w->gone ||
	    ++w->absent >= ENGINE_LOOKS)
		return false;
	at(e, w, model_boot(e) + ENGINE_LOOK_MS);
	return true;
}

static void newest_failed(struct engine *e, struct watch *w,
			  const struct fault *f)
{
	int64_t delay, again;

	if (passes(e, w, f))
		return;
	delay = job_delay(&e->traffic, &w->job, f, BACKOFF_NO_DEADLINE);
	if (f->kind == FAULT_MISSING)
		delay = ENGINE_GONE_MS;
	again = fault_is_transient(f) ? INT64_MAX : look_again(e, w);
	if (again - model_boot(e) < delay)
		delay = again - model_boot(e);
	if (f->kind == FAULT_MISSING && !w->gone) {
		w->gone = true;
		/* DELETE takes a key with all its versions. */
		for (size_t i = 0; i < w->n_seen; i++)
			versions_lost(w, &w->seen[i], true, false);
	}
	keep_error(e, w, f);
	w->next_poll = model_boot(e) + delay;
	if (fault_is_transient(f))
		job_sleep(&e->traffic, &w->job, delay);
	else
		job_at(&e->traffic, &w->job, w->next_poll, false);
}

/* It was asked for in vain, and not because the key does not have it. */
static void version_unread(struct engine *e, struct watch *w,
			   struct seen_version *s, const struct fault *f)
{
	if (s->failed++ == 0)
		note_tell(e, NOTE_KEY_ERROR, w, NULL, s->v.version, NULL,
			  "Version %.8s, which is in use, cannot be read: %s",
			  s->v.version, f->text);
	/* Whoever waits for it may know. */
	if (s->failed == VERSION_TRIES)
		w->revision++;
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
		take(e, w, &w->shown);
		return;
	}
	fault_set(
		&f, FAULT_CONFLICT, 404,
		"Key Vault shows %.8s as the newest version of %s, and does not find %.8s, which was newer; it is looked at again.",
		w->shown.version, w->base, w->newest);
	keep_error(e, w, &f);
	if (w->lookups < LOST_LOOKUPS)
		at(e, w, model_boot(e) + LOST_LOOK_MS);
	else
		next_poll(e, w);
}

/* Of two of one second nobody can tell which is the newer one, but Key Vault
 * by showing the same one for long. */
static bool rival_stays(const struct engine *e, struct watch *w,
			const struct key_version *known)
{
	if (known->created < 0 || known->created != w->shown.created)
		return false;
	if (w->rivals++ == 0)
		w->rival_since = model_boot(e);
	return w->rivals >= LOST_LOOKUPS &&
	       model_boot(e) - w->rival_since >= LOST_MS;
}

/* The newest version that we know was looked up, because Key Vault showed one
 * that is older, or was left. */
static void doubt_settled(struct engine *e, struct watch *w,
			  const struct reply *r)
{
	w->doubting = false;
	if (r->fault.kind == FAULT_NONE) {
		take(e, w, rival_stays(e, w, &r->key) ? &w->shown : &r->key);
	} else if (r->fault.kind == FAULT_MISSING) {
		newest_lost(e, w);
	} else if (says_disabled(&r->fault)) {
		newest_refused(e, w);
	} else {
		newest_failed(e, w, &r->fault);
	}
}

/*
 * It is in use, and newer than the newest that we know: somebody else has moved
 * a registry to it.  That is a hint like any other, and the newest is looked at
 * before this one counts, or Key Vault would seem to be behind its own version.
 */
static bool is_ahead(const struct watch *w, const struct seen_version *s,
		     const struct key_version *v)
{
	const struct seen_version *newest = versions_find(w, w->newest);

	return newest && !s->ahead && newest->v.created >= 0 &&
	       v->created > newest->v.created;
}

static void look_ahead(struct engine *e, struct watch *w,
		       struct seen_version *s)
{
	s->ahead = true;
	s->tried_at = -1; /* unless it turns out to be the newest */
	ask_newest(e, w);
}

static void version_in(struct engine *e, struct watch *w, const struct reply *r)
{
	struct seen_version *s = versions_find(w, w->asking_version);
	const struct fault *f = &r->fault;

	if (w->doubting) {
		doubt_settled(e, w, r);
		return;
	}
	if (s) { /* else it made room for another meanwhile */
		s->tried_at = model_boot(e);
		if (f->kind == FAULT_NONE && is_ahead(w, s, &r->key)) {
			look_ahead(e, w, s);
			return;
		}
		if (f->kind == FAULT_NONE)
			versions_store(e, w, s, &r->key);
		else if (says_disabled(f))
			versions_lost(w, s, false, true);
		else if (f->kind != FAULT_MISSING)
			version_unread(e, w, s, f);
		/* One that was read, be it in a former life, is not believed
		 * to be gone at once. */
		else if ((s->read_at < 0 && s->v.created < 0) || s->missing ||
			 ++s->absent >= ENGINE_LOOKS)
			versions_lost(w, s, true, false);
	}
	model_mark_watch(e, w, MARK_LOOK);
	rest_of_version(e, w);
}

static void answer(struct engine *e, struct watch *w, const struct reply *r)
{
	if (key_way_again(e, w, r))
		ask(e, w);
	else if (w->asking == KEY_VERSION) {
		version_in(e, w, r);
	} else if (r->fault.kind == FAULT_NONE) {
		newest_in(e, w, &r->key);
	} else if (says_disabled(&r->fault)) {
		newest_refused(e, w);
	} else {
		newest_failed(e, w, &r->fault);
	}
	if (w->polled_at == model_boot(e))
		w->polled_by = r->request;
}

void key_take(struct engine *e, struct watch *w, const struct value *v)
{
	switch (v->kind) {
	case VALUE_DUE:
		/* Its vault works again: what failure put off is due. */
		if (w->job.roused)
			w->next_poll = model_boot(e);
		if (model_boot(e) >= w->next_poll || !ask_version(e, w))
			ask_newest(e, w);
		break;
	case VALUE_ANSWER:
		answer(e, w, v->reply);
		break;
	case VALUE_NO_TOKEN:
		model_fault_keep(e, &w->error, v->fault);
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

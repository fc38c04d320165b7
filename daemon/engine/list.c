/* One LIST per subscription and credential in place of many GETs. */
#include "engine/list.h"

#include <stdlib.h>
#include <string.h>

#include "azure/call_text.h"
#include "azure/resid.h"
#include "base/secret.h"
#include "base/text.h"
#include "engine/facts.h"
#include "engine/note.h"
#include "engine/rules.h"
#include "engine/visit.h"
#include "traffic/job.h"

#define LIST_PAGES_MAX 1000  /* of one LIST; more is no end at all */
#define LIST_AGAIN_MS 300000 /* and a LIST is tried so often, at least */
#define SEEK_MS 300000	     /* between two looks for what is not there */

static void fill(const void *world, const struct job *j, struct call *c)
{
	const struct scope *s = j->owner;

	(void)world;
	c->subscription = s->subscription;
	c->group = s->group;
	c->tags = s->tags;
	c->url = s->n_pages ? s->pages[s->n_pages - 1] : NULL;
}

const struct job_kind list_kind = { fill, NULL };

static void ask(struct engine *e, struct scope *s)
{
	s->job.urgency = model_azure(e) + e->config->window_ms / 2;
	job_ask(&e->traffic, &s->job, CALL_LIST, s->end, END_READ);
}

void list_forget(struct scope *s)
{
	while (s->n_pages > 0)
		free(s->pages[--s->n_pages]);
	free(s->pages);
	s->pages = NULL;
}

static void due(struct engine *e, struct scope *s)
{
	if (!model_lists(s) && !s->seeking)
		return;
	list_forget(s);
	s->pass++;
	s->listed = 0;
	s->pass_started = model_boot(e);
	rules_begin(e, s);
	ask(e, s);
}

void list_begin(struct engine *e, struct scope *s)
{
	if (s->job.where == JOB_REST)
		job_at(&e->traffic, &s->job, model_boot(e), false);
	else
		s->listed = 0; /* who has come may have been on a page before */
}

bool list_hurry(struct engine *e, struct scope *s)
{
	if (s->job.where != JOB_REST || !(s->error || s->failed))
		return false;
	list_begin(e, s);
	return true;
}

void list_seek(struct engine *e, struct scope *s)
{
	int64_t boot = model_boot(e);

	/* A list that fails has a time of its own. */
	if (s->job.where != JOB_REST || s->job.failures ||
	    (s->sought_at >= 0 && boot - s->sought_at < SEEK_MS))
		return;
	s->sought_at = boot;
	s->seeking = true;
	job_at(&e->traffic, &s->job, boot, false);
}

/* A read has to be in hand before the last one is stale: begin at three
 * quarters of the interval, at a place of this scope's own. */
static void next_pass(struct engine *e, struct scope *s)
{
	int64_t interval = e->config->reread_interval_ms;

	list_forget(s);
	s->seeking = false;
	if (!model_lists(s))
		return;
	job_at(&e->traffic, &s->job,
	       s->pass_started + interval * 3 / 4 -
		       job_random(&e->traffic, &s->job, interval / 8 + 1),
	       true);
}

/* Nothing of its own is under way, and it has not been read since the pass
 * began: what it was asked itself since then is newer.  Where the host is busy
 * the list may be late, and its own routine read waits behind it. */
static bool open_to(const struct scope *s, const struct registry *r)
{
	bool rests = (r->phase == PHASE_IDLE || r->phase == PHASE_WAIT) &&
		     r->job.where == JOB_REST;

	return (rests || model_read_waits(r)) && r->read_at < s->pass_started;
}

/* Where it lies is the registry's own affair, but who asks has to know.  What
 * was read at its place since the pass began is newer. */
static void follow(struct engine *e, struct scope *s, struct registry *r,
		   const char *id)
{
	if (text_same(id, model_place(r)) ||
	    (r->read_at >= s->pass_started && !r->facts.missing))
		return;
	if (resid_moved(id, model_place(r)))
		note_tell(
			e, NOTE_WARNING, r->watch, r, NULL, NULL,
			"Registry %s was moved: it is %s now, and is read there. Correct the configuration.",
			r->id, id);
	free(r->at);
	r->at = text_same(id, r->id) ? NULL : text_dup(id);
	model_mark(e, r, MARK_ASK);
}

static void take_items(struct engine *e, struct scope *s, const struct reply *m)
{
	size_t at = 0;

	for (size_t i = 0; i < m->list.n; i++) {
		const struct registry_view *v = &m->list.items[i].view;
		struct registry *r =
			model_find_next(e, m->list.items[i].id, &at);
		bool retry;

		e->looks++;
		if (!r || r->scope != s || r->retiring)
			continue;
		s->listed += r->pass != s->pass;
		r->pass = s->pass;
		follow(e, s, r, m->list.items[i].id);
		if (!open_to(s, r))
			continue;
		/* A retry has its own time; a list does not bring it on. */
		retry = model_retries(r);
		/* A list may leave it out: the registry itself has the word. */
		if (v->hidden || (v->encrypted && !v->version_known)) {
			model_mark(e, r, retry ? MARK_LOOK : MARK_ASK);
			continue;
		}
		if (facts_agree(r, v)) {
			if (r->error && !retry)
				model_fault_keep(e, &r->error, NULL);
			facts_take(e, r, v, false);
			r->read_by = m->request;
			model_mark(e, r, retry ? MARK_LOOK : MARK_JUDGE);
		} else if (!retry) {
			model_mark(e, r, MARK_ASK);
		}
	}
}

/* Missing from the list is no proof: each one is asked itself. */
static void ask_missing(struct engine *e, struct scope *s)
{
	struct registry *r;

	if (s->listed == s->n_registries)
		return;
	TAILQ_FOREACH(r, &s->registries, scope_link) {
		e->looks++;
		if (r->pass != s->pass && open_to(s, r) && !model_retries(r))
			model_mark(e, r, MARK_ASK);
	}
}

/* What stands in the way of the list stands in the way of all it covers. */
static void set_error(struct engine *e, struct scope *s, const struct fault *f)
{
	bool same = (f ? f->kind : FAULT_NONE) ==
		    (s->error ? s->error->kind : FAULT_NONE);
	struct registry *r;

	model_fault_keep(e, &s->error, f);
	if (same)
		return;
	TAILQ_FOREACH(r, &s->registries, scope_link) {
		e->looks++;
		model_mark(e, r, MARK_LOOK);
	}
}

/* A LIST is an economy.  When none comes, or the role is on the registries
 * alone, each one is read itself: at once where nothing is known of it, and
 * at its own time otherwise. */
static void one_by_one(struct engine *e, struct scope *s)
{
	struct registry *r;

	if (s->alone)
		return;
	s->alone = true;
	TAILQ_FOREACH(r, &s->registries, scope_link) {
		e->looks++;
		model_mark(e, r, r->read_at < 0 ? MARK_ASK : MARK_LOOK);
	}
}

/* A role on the registries alone is enough: who reads that the list was
 * refused is told that nothing has to be done. */
static void say(struct engine *e, struct scope *s, const struct fault *f)
{
	static const char alone[] =
		" Each registry is read by itself instead, which needs no right on the subscription.";
	static const char ruled[] =
		" What rules have found in it stays watched; who is new in it is not found until that list comes.";
	struct fault told = *f;
	const char *more = LIST_EMPTY(&s->looks) ? alone : ruled;
	size_t room = sizeof(told.text) - strlen(more) - 1, len;

	if (f->kind == FAULT_DENIED || more == ruled) {
		told.text[room] = '\0'; /* the end of its words gives way */
		len = strlen(told.text);
		text_copy(told.text + len, sizeof(told.text) - len, more);
	}
	note_fault(e, s->job.id, &told);
}

static void failed(struct engine *e, struct scope *s, const struct fault *f)
{
	int64_t most = e->config->reread_interval_ms * 3 / 4, delay;

	/* Few registries need no list: it was worth a try. */
	if (!model_lists(s)) {
		s->job.failures = 0;
		next_pass(e, s);
		return;
	}
	/* Pages that came before this one are no success. */
	s->job.failures = s->failed++;
	delay = job_delay(&e->traffic, &s->job, f, BACKOFF_NO_DEADLINE);
	if (!s->error || s->error->kind != f->kind)
		say(e, s, f);
	set_error(e, s, f);
	list_forget(s);
	rules_failed(e, s, f);
	if (fault_is_transient(f) && s->failed < ENGINE_TRIES) {
		job_sleep(&e->traffic, &s->job, delay);
		return;
	}
	one_by_one(e, s);
	if (most > LIST_AGAIN_MS)
		most = LIST_AGAIN_MS;
	if (delay < most)
		delay = most;
	/* One answer tells of all of them, once Azure answers again. */
	if (fault_is_transient(f))
		job_sleep(&e->traffic, &s->job, delay);
	else
		job_at(&e->traffic, &s->job, model_boot(e) + delay, true);
}

/*
 * On to the next page.  One that was asked for before, in this pass, leads
 * round in a circle, and one list of so many pages has no end: half a list
 * must not pass for the whole.
 */
static void follow_link(struct engine *e, struct scope *s, const char *url)
{
	struct call c = { .kind = CALL_LIST, .subscription = s->subscription };
	struct fault f = fault_none();

	for (size_t i = 0; i < s->n_pages && f.kind == FAULT_NONE; i++)
		if (strcmp(s->pages[i], url) == 0)
			call_fault(
				&c, &f, FAULT_INVALID, 0,
				"the link of page %zu leads back to page %zu, and so round without an end: %.200s",
				s->n_pages + 1, i + 2, url);
	if (f.kind == FAULT_NONE && s->n_pages == LIST_PAGES_MAX - 1)
		call_fault(
			&c, &f, FAULT_INVALID, 0,
			"it has no end after %d pages; the last one leads to %.200s",
			LIST_PAGES_MAX, url);
	if (f.kind != FAULT_NONE) {
		/* A link keeps what looks like a token; a log does not. */
		secret_strike(NULL, f.text);
		failed(e, s, &f);
		return;
	}
	s->pages = text_realloc(s->pages, s->n_pages + 1, sizeof(*s->pages));
	s->pages[s->n_pages++] = text_dup(url);
	ask(e, s);
}

static void answer(struct engine *e, struct scope *s, const struct reply *r)
{
	if (r->fault.kind != FAULT_NONE) {
		failed(e, s, &r->fault);
		return;
	}
	take_items(e, s, r);
	rules_page(e, s, r);
	visit_page(e, s, r);
	if (r->list.next_url) {
		follow_link(e, s, r->list.next_url);
		return;
	}
	set_error(e, s, NULL);
	s->failed = 0;
	s->alone = false;
	ask_missing(e, s);
	visit_listed(e, s);
	next_pass(e, s);
	/* Who has begun to look in the middle of it has not seen it all. */
	if (!rules_listed(e, s))
		job_at(&e->traffic, &s->job, model_boot(e), false);
}

void list_take(struct engine *e, struct scope *s, const struct value *v)
{
	switch (v->kind) {
	case VALUE_DUE:
		due(e, s);
		break;
	case VALUE_ANSWER:
		answer(e, s, v->reply);
		break;
	case VALUE_NO_TOKEN:
		set_error(e, s, v->fault);
		rules_failed(e, s, v->fault);
		break;
	case VALUE_UNTRUE: /* nothing makes it so but a lost interest */
		next_pass(e, s);
		break;
	case VALUE_TIMER:
	case VALUE_NEWS:
		break;
	}
}

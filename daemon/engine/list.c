/* One LIST per subscription and credential in place of many GETs. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/engine_internal.h"

#define LIST_PAGES_MAX 1000 /* a nextLink that leads round in a circle */

bool list_covers(const struct registry *r)
{
	return r->scope->n_registries >= ENGINE_LIST_FROM;
}

void list_fill(const struct scope *s, struct call *c)
{
	c->subscription = s->subscription;
	c->url = s->next_url;
}

static void ask(struct engine *e, struct scope *s)
{
	s->job.urgency = engine_azure(e) + e->config->window_ms / 2;
	schedule_ask(e, &s->job, CALL_LIST, &s->read, s->token);
}

static void forget_page(struct scope *s)
{
	free(s->next_url);
	s->next_url = NULL;
}

/* A read has to be in hand before the last one is stale: begin at three
 * quarters of the interval, at a place of this scope's own. */
static void next_pass(struct engine *e, struct scope *s)
{
	int64_t interval = e->config->reread_interval_ms;

	forget_page(s);
	schedule_at(e, &s->job,
		    s->pass_started + interval * 3 / 4 -
			    random_below(&e->rng, interval / 8 + 1));
}

void list_due(struct engine *e, struct scope *s)
{
	if (s->n_registries < ENGINE_LIST_FROM)
		return;
	forget_page(s);
	s->pass++;
	s->pages = 0;
	s->pass_started = e->now.boot;
	ask(e, s);
}

static void take_items(struct engine *e, struct scope *s, const struct reply *m)
{
	for (size_t i = 0; i < m->list.n; i++) {
		struct registry *r = adopt_find(e, m->list.items[i].id);

		if (!r || r->scope != s || r->retiring)
			continue;
		r->pass = s->pass;
		/* What it was asked itself since then is newer. */
		if ((r->phase == PHASE_IDLE || r->phase == PHASE_WAIT) &&
		    r->job.where == AT_REST && r->read_at < s->pass_started)
			watch_listed(e, r, &m->list.items[i].view);
	}
}

/* Missing from the list is no proof: each one is asked itself. */
static void ask_missing(struct engine *e, struct scope *s)
{
	struct registry *r;

	TAILQ_FOREACH(r, &s->registries, scope_link)
		if (r->pass != s->pass && r->phase == PHASE_IDLE &&
		    r->job.where == AT_REST && r->read_at < s->pass_started)
			watch_kick(e, r);
}

static void failed(struct engine *e, struct scope *s, const struct fault *f)
{
	int64_t delay = schedule_delay(e, &s->job, f, BACKOFF_NO_DEADLINE);
	struct registry *r;

	if (!s->error || s->error->kind != f->kind)
		engine_note(e, NOTE_FAILED, NULL, NULL, NULL, NULL, "%s",
			    f->text);
	engine_fault_keep(&s->error, f);
	forget_page(s);
	if (!fault_is_transient(f)) {
		/* The role may be on the registries alone: ask each. */
		s->pass_started = e->now.boot;
		ask_missing(e, s);
		delay = e->config->reread_interval_ms * 3 / 4;
		schedule_at(e, &s->job, e->now.boot + delay);
		return;
	}
	TAILQ_FOREACH(r, &s->registries, scope_link)
		if (r->phase == PHASE_IDLE && r->job.where == AT_REST)
			watch_unreachable(e, r, f);
	schedule_sleep(e, &s->job, delay);
}

void list_reply(struct engine *e, struct scope *s, const struct reply *r)
{
	if (r->fault.kind != FAULT_NONE) {
		failed(e, s, &r->fault);
		return;
	}
	engine_fault_keep(&s->error, NULL);
	take_items(e, s, r);
	forget_page(s);
	if (r->list.next_url && ++s->pages < LIST_PAGES_MAX) {
		s->next_url = text_dup(r->list.next_url);
		ask(e, s);
		return;
	}
	ask_missing(e, s);
	next_pass(e, s);
}

/* The simulation's only look into the engine's structures. */
#include "look.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "engine/key.h"
#include "engine/lease.h"
#include "engine/model.h"
#include "engine/report.h"
#include "engine/retirement.h"
#include "engine/versions.h"

int64_t look_now(const struct engine *e)
{
	return model_boot(e);
}

int64_t look_azure(const struct engine *e)
{
	return model_azure(e);
}

bool look_clock_known(const struct engine *e)
{
	return e->traffic.skew.known;
}

void look_sizes(const struct engine *e, struct look_sizes *s)
{
	s->registries = e->n_registries;
	s->watches = e->n_watches;
	s->tokens = e->traffic.n_tokens;
	s->flights = e->traffic.in_flight;
	s->timers = e->traffic.timers.n;
	s->waiting = e->traffic.hosts.ready.n;
	s->actions = e->n_actions - e->next_action + e->traffic.n_errands -
		     e->traffic.next_errand;
	s->lost_notes = e->dropped_notes;
}

uint64_t look_work(const struct engine *e)
{
	return e->looks;
}

int64_t look_guard(void)
{
	return TRAFFIC_GUARD_MS;
}

/* The job that waits for the answer; NULL when none does. */
static const struct job *job_of(const struct engine *e, uint64_t ticket)
{
	size_t i = ticket & 0xffff;

	return i < TRAFFIC_FLIGHTS_MAX && e->traffic.flights[i].ticket == ticket
		       ? e->traffic.flights[i].job
		       : NULL;
}

bool look_awaited(const struct engine *e, uint64_t ticket)
{
	return job_of(e, ticket) != NULL;
}

bool look_renewed(const struct engine *e, uint64_t ticket)
{
	const struct job *j = job_of(e, ticket);

	return j && j->renewed;
}

const struct watch *look_asker(const struct engine *e, uint64_t ticket)
{
	const struct job *j = job_of(e, ticket);

	return j && j->kind == &key_kind ? j->owner : NULL;
}

struct watch *look_watch(const struct engine *e, const char *name,
			 const char *version)
{
	struct watch *w, *found = NULL;

	TAILQ_FOREACH(w, &e->watches, link)
		if (strcmp(w->key.name, name) == 0 &&
		    text_same(w->key.version, version))
			found = w;
	return found;
}

const char *look_newest(const struct watch *w)
{
	return w->newest;
}

/* Under way, or timed.  A server that has named a time means it. */
static int64_t runs(const struct engine *e, const struct job *j)
{
	if (j->where != JOB_REST || j->not_before > model_boot(e))
		return model_boot(e);
	return timer_at(&j->timer);
}

int64_t look_polls(const struct engine *e, const struct watch *w)
{
	return runs(e, &w->job);
}

int64_t look_reads(const struct engine *e, const struct registry *r)
{
	int64_t own = runs(e, &r->job);
	int64_t list = model_listed(r) ? runs(e, &r->scope->job) : INT64_MAX;

	return own < list ? own : list;
}

bool look_unreadable(const struct watch *w)
{
	return w->error != NULL;
}

bool look_around(const struct watch *w)
{
	return w->around;
}

bool look_led(const struct watch *w, const char *version)
{
	const struct seen_version *s = versions_find(w, version);

	return s && s->was_newest;
}

bool look_unread(const struct watch *w)
{
	return w->polled_at < 0;
}

bool look_clear(const struct engine *e, const struct watch *w,
		const char *version)
{
	int64_t since, until;

	return retirement_of(e, w, version, &since, &until) == RETIREMENT_CLEAR;
}

struct registry *look_find(const struct engine *e, const char *id)
{
	struct registry *r = model_find(e, id);

	/* Who leaves with a write under way is nobody's business any more. */
	return r && !r->retiring ? r : NULL;
}

struct look_registry look_registry(const struct registry *r)
{
	return (struct look_registry){ .read_at = r->read_at,
				       .polled_at = r->watch->polled_at,
				       .state = r->state };
}

bool look_same(const struct registry *r, const struct look_registry *was)
{
	return r->read_at == was->read_at &&
	       r->watch->polled_at == was->polled_at && r->state == was->state;
}

bool look_attempt(const struct engine *e, const struct registry *r,
		  int64_t *azure)
{
	const char *text = NULL;
	struct json *root;
	struct fault f;
	struct buf b;
	char *last;
	size_t at = 0;

	while (at < e->n_registries && e->by_id[at] != r)
		at++;
	buf_init(&b, REPORT_ROWS_MAX);
	last = at > 0 && at < e->n_registries ? text_dup(e->by_id[at - 1]->id)
					      : NULL;
	report_registries(e, &last, 1, &b);
	free(last);
	root = json_parse(buf_str(&b), b.len, 1 << 20, &f);
	text = json_get_str(root, "next_attempt");
	*azure = text ? text_parse_rfc3339(text) : -1;
	json_free(root);
	buf_free(&b);
	return *azure >= 0;
}

bool look_settled(const struct registry *r)
{
	return r->settled;
}

enum decide_reason look_reason(const struct registry *r)
{
	return r->reason;
}

bool look_paused(const struct engine *e, const struct registry *r)
{
	return model_paused(e, r);
}

bool look_refused(const struct registry *r)
{
	return r->refused;
}

bool look_failed(const struct registry *r)
{
	return r->error && !r->refused;
}

bool look_writing(const struct registry *r)
{
	return model_writing(r);
}

const char *look_wrote(const struct registry *r)
{
	return r->wrote;
}

bool look_goes_by(const struct registry *r, const char *version)
{
	return text_same(r->watch->newest, version);
}

bool look_leads(const struct engine *e, size_t lease, int64_t boot)
{
	return lease_role(lease_at(e, lease), boot) == ROLE_LEADER;
}

struct look_forecast look_forecast(const struct engine *e)
{
	const struct forecast *f = &e->outlook.now;

	return (struct look_forecast){ f->measured, f->late, f->by_ms };
}

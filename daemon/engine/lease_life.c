/* A lease begins, is let go of, and is no more. */
#include "engine/lease_life.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "base/text.h"
#include "engine/lease_question.h"
#include "engine/lease_settle.h"
#include "traffic/end.h"
#include "traffic/job.h"
#include "traffic/timer.h"

/* A GUID of version 4 in form (RFC 9562): told apart, not secret. */
static void name_it(const struct engine *e, struct lease *l)
{
	struct random r;
	uint64_t a, b;

	random_init(&r, e->traffic.seed ^ l->job.id ^ (uint64_t)e->started);
	a = random_next(&r);
	b = random_next(&r);
	snprintf(l->id, sizeof(l->id),
		 "%08" PRIx64 "-%04" PRIx64 "-4%03" PRIx64 "-%04" PRIx64
		 "-%012" PRIx64,
		 a >> 32, a >> 16 & 0xffff, a & 0xfff,
		 0x8000 | (b >> 48 & 0x3fff), b & 0xffffffffffff);
}

struct lease *lease_life_new(struct engine *e, const struct config_lease *c)
{
	struct lease *l = text_alloc(1, sizeof(*l));

	l->url = text_dup(c->url);
	l->role = ROLE_STANDBY;
	l->facts.failed_at = l->looked_at = l->wanted_at = l->made_at = -1;
	l->known_at = -1;
	l->failing_since = -1;
	l->since = model_azure(e);
	job_init(&l->job, &lease_question_kind, l, text_hash(c->url));
	timer_init(&l->timer, TIMER_LEASE, l);
	name_it(e, l);
	TAILQ_INSERT_TAIL(&e->leases, l, link);
	return l;
}

/* Where it is asked for, which is counted there. */
void lease_life_place(struct lease *l, struct end *end)
{
	if (l->end)
		l->end->users--;
	l->end = end;
	if (end)
		end->users++;
}

void lease_life_gone(struct engine *e, struct lease *l)
{
	struct watch *w;

	TAILQ_FOREACH(w, &e->watches, link)
		if (w->lease == l)
			w->lease = NULL;
	job_cancel(&e->traffic, &l->job);
	lease_life_place(l, NULL);
	timer_set(&e->traffic.timers, &l->timer, INT64_MAX);
	model_fault_keep(e, &l->error, NULL);
	TAILQ_REMOVE(&e->leases, l, link);
	free(l->name);
	free(l->url);
	free(l);
}

/* What the file names no more: it is let go of first. */
void lease_life_leave(struct engine *e, struct lease *l, bool ending)
{
	bool maybe = l->facts.word == LEASE_OURS ||
		     (l->asked == LEASE_ACQUIRE && l->job.where == JOB_FLIGHT);

	if (ending ? l->ending : l->leaving)
		return;
	if (ending)
		l->ending = true;
	else
		l->leaving = true;
	job_cancel(&e->traffic, &l->job);
	if (maybe && l->end)
		lease_question_let_go(e, l);
	lease_settle_role(e, l);
	lease_settle_arm(e, l);
}

void lease_life_end(struct engine *e)
{
	struct lease *l;

	TAILQ_FOREACH(l, &e->leases, link)
		lease_life_leave(e, l, true);
}

void lease_life_free_all(struct engine *e)
{
	while (!TAILQ_EMPTY(&e->leases))
		lease_life_gone(e, TAILQ_FIRST(&e->leases));
	free(e->lease_of);
}

/* Asking: how a question gets on its way, or anew to another end or cloud. */
#include "traffic/end.h"
#include "traffic/host.h"
#include "traffic/job.h"
#include "traffic/job_place.h"
#include "traffic/job_token.h"

/* The place that is kept for it, when it has looked again and asks what its
 * turn had come for. */
static int64_t kept_place(struct traffic *t, const struct job *j)
{
	struct lane *l = j->lane;

	if (l->turn != j)
		return INT64_MAX;
	l->turn = NULL;
	return t->now.boot < l->turn_until ? l->turn_place : INT64_MAX;
}

/* At a place that is not behind `before`. */
static void put(struct traffic *t, struct job *j, enum call_kind ask,
		struct end *end, enum end_lane lane, int64_t before)
{
	int64_t kept;

	if (j->end != end)
		job_turn_over(j);
	job_leave(t, j);
	j->ask = ask;
	j->end = end;
	j->host = NULL;
	j->lane = &end->lanes[lane];
	j->place = job_place(t, j);
	kept = kept_place(t, j);
	before = kept < before ? kept : before;
	j->place = before < j->place ? before : j->place;
	j->renewed = j->fresh = false;
	/* Whoever is in a hurry: a server that names a time means it. */
	if (t->now.boot < j->not_before)
		timer_set(&t->timers, &j->timer, j->not_before);
	else
		job_queue_up(t, j);
}

void job_ask(struct traffic *t, struct job *j, enum call_kind ask,
	     struct end *end, enum end_lane lane)
{
	put(t, j, ask, end, lane, INT64_MAX);
}

void job_ask_on(struct traffic *t, struct job *j, enum call_kind ask,
		struct end *end, enum end_lane lane)
{
	put(t, j, ask, end, lane, j->place);
}

void job_ask_fresh(struct traffic *t, struct job *j, enum call_kind ask,
		   struct end *end, enum end_lane lane)
{
	job_ask(t, j, ask, end, lane);
	if (!end->token || j->where == JOB_TOKEN || j->where == JOB_REST ||
	    end_is_blind(end))
		return;
	job_cancel(t, j);
	j->fresh = true;
	j->stale = end->token->generation;
	job_queue_up(t, j);
}

void job_ask_host(struct traffic *t, struct job *j, enum call_kind ask,
		  struct host *host)
{
	job_cancel(t, j);
	j->ask = ask;
	j->end = NULL;
	j->lane = NULL;
	j->token = NULL;
	j->host = host;
	j->place = job_place(t, j);
	j->renewed = j->fresh = false;
	job_queue_up(t, j);
}

bool job_rebind(struct traffic *t, struct job *j, struct end *end)
{
	enum end_lane lane = END_READ;

	if (j->end == end)
		return j->where != JOB_REST;
	j->failures = 0;
	j->not_before = 0;
	if (j->where != JOB_REST && j->lane == &j->end->lanes[END_WRITE])
		lane = END_WRITE;
	if (j->where != JOB_REST &&
	    (j->where != JOB_FLIGHT || j->ask != CALL_PATCH)) {
		job_ask(t, j, j->ask, end, lane);
		return true;
	}
	/* At rest there is nothing to be woken for by the old one.  The answer
	 * to a write counts; what follows from that is the new one's. */
	job_wake_up(j);
	if (j->told == TOLD_ALL) { /* else it is its old one's word */
		job_turn_over(j);
		j->end = end;
		j->lane = &end->lanes[lane];
	}
	return j->where != JOB_REST;
}

/* ---- another cloud ---- */

/* Out of the queue that it was in; a token's own job is begun anew by who
 * waits for it. */
static void gather(struct job_list *all, struct job *j)
{
	j->where = JOB_REST;
	job_not_cleared(j);
	if (j->end || j->host)
		TAILQ_INSERT_TAIL(all, j, link);
}

void job_reroute(struct traffic *t)
{
	struct job_list all = TAILQ_HEAD_INITIALIZER(all);
	struct end *end;
	struct job *j;
	struct host *h;

	for (size_t i = 0; i < TRAFFIC_HOST_BUCKETS; i++)
		LIST_FOREACH(h, &t->hosts.buckets[i], bucket)
	while (heap_min(&h->queue))
		gather(&all, job_of_wait(host_pop(&t->hosts, h)));
	TAILQ_FOREACH(end, &t->ends, link)
		for (int i = END_READ; i <= END_WRITE; i++)
			while (heap_min(&end->lanes[i].queue))
				gather(&all, job_of_wait(heap_pop(
						     &end->lanes[i].queue)));
	for (size_t i = 0; i < t->n_tokens; i++) {
		TAILQ_CONCAT(&all, &t->tokens[i]->waiters, link);
		job_token_anew(t, t->tokens[i]);
	}
	while ((j = TAILQ_FIRST(&all))) {
		TAILQ_REMOVE(&all, j, link);
		j->where = JOB_REST;
		job_tell(t, j, TOLD_ALL);
		job_queue_up(t, j);
	}
}

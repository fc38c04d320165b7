/* The way out: room at a host, the budget of a lane, a flight. */
#include "traffic/job_way.h"

#include <stdlib.h>

#include "base/text.h"
#include "traffic/end.h"
#include "traffic/host.h"
#include "traffic/job.h"
#include "traffic/job_place.h"
#include "traffic/job_token.h"

#define LANE_LOOK_MS 1000 /* again, when room is what is missing */
#define TURN_MS 10000	  /* kept for who looks again before it goes */

/* Who asks; NULL: nobody, a host alone is asked. */
static const struct credential *credential_of(const struct job *j,
					      const struct token *k)
{
	if (j->end)
		return j->end->credential;
	return k ? k->credential : NULL;
}

static const char *audience_of(const struct job *j, const struct token *k)
{
	if (k)
		return k->audience;
	return j->end ? j->end->audience : NULL;
}

static void launch(struct traffic *t, struct job *j)
{
	struct flight *f = TAILQ_FIRST(&t->landed);
	struct call *c = &end_errand(t, ERRAND_CALL)->call;
	const struct token *k = j->end ? j->end->token : j->token;
	bool bare = j->end && end_is_blind(j->end);

	TAILQ_REMOVE(&t->landed, f, link);
	TAILQ_INSERT_TAIL(&t->flying, f, link);
	t->in_flight++;
	j->where = JOB_FLIGHT;
	j->flight = (uint16_t)(f - t->flights);
	f->job = j;
	f->host = job_host(j);
	f->lane = j->lane;
	f->sent = t->now.boot;
	f->ticket = (++t->tickets << 16) | j->flight;
	f->token = k;
	f->token_generation = k ? k->generation : 0;
	f->bare = bare;
	if (j->failures)
		host_retry(f->host);
	host_begin(&t->hosts, f->host, t->now.boot);
	f->limit = f->host->limit; /* which a long rest took back to one */
	*c = (struct call){ .kind = j->ask,
			    .ticket = f->ticket,
			    .token = k ? k->slot : 0,
			    .bare = bare,
			    .at = job_azure(t),
			    .credential = credential_of(j, k),
			    .audience = audience_of(j, k),
			    .claims = k && job_is_token(j) ? k->claims : NULL };
	if (k && job_is_token(j)) {
		free(j->token->asked);
		j->token->asked = text_dup(k->claims);
	}
	j->kind->fill(t->world, j, c);
}

/* ---- budgets ---- */

/* Not when its owner had no more to ask. */
static bool turn_holds(const struct traffic *t, struct lane *l)
{
	if (l->turn &&
	    (t->now.boot >= l->turn_until ||
	     (l->turn->where == JOB_REST && l->turn->told != TOLD_UNTRUE)))
		l->turn = NULL;
	return l->turn;
}

/*
 * Its turn has come, and what it was to ask is not true any more: as a rule it
 * has waited so long that its owner looks again first.  Its call and its place
 * are kept meanwhile, or those behind it, who have waited as long, would all
 * look again, and each find itself at the end of the queue.
 */
static void keep_turn(struct traffic *t, const struct job *j)
{
	struct lane *l = j->lane;

	if (!l || turn_holds(t, l))
		return;
	l->turn = j;
	l->turn_until = t->now.boot + TURN_MS;
	l->turn_place = j->place;
}

static void lane_arm(struct traffic *t, struct lane *l)
{
	int64_t at = INT64_MAX;

	if (heap_min(&l->queue)) {
		at = bucket_ready(l->bucket, t->now.boot);
		if (at <= t->now.boot)
			at = t->now.boot + LANE_LOOK_MS;
		if (l->turn && l->turn->told == TOLD_UNTRUE)
			at = t->now.boot; /* what does its owner make of it? */
	}
	timer_set(&t->timers, &l->timer, at);
}

/* As many as may be paid for go on to wait for room; they pay when they go
 * out, so that nothing that paid and then waited goes out in a burst. */
void job_lane_clear(struct traffic *t, struct lane *l)
{
	double may = bucket_tokens(l->bucket, t->now.boot) - l->cleared;

	if (turn_holds(t, l))
		may -= 1;
	while (may >= 1 && heap_min(&l->queue)) {
		struct job *j = job_of_wait(heap_pop(&l->queue));

		may -= 1;
		j->where = JOB_REST;
		j->cleared = true;
		l->cleared++;
		job_queue_up(t, j);
		if (j->where != JOB_HOST)
			job_not_cleared(j);
	}
	lane_arm(t, l);
}

void job_limits(struct traffic *t, const struct traffic_limits *l)
{
	struct end *end;

	end_limits(t, l);
	TAILQ_FOREACH(end, &t->ends, link)
		for (int i = END_READ; i <= END_WRITE; i++)
			job_lane_clear(t, &end->lanes[i]);
}

static void lane_wait(struct job *j)
{
	j->where = JOB_LANE;
	heap_set(&j->lane->queue, &j->wait, job_rank(j));
}

/* Of this job and those that wait for its budget: the nearest deadline goes
 * first. */
static struct job *most_urgent(struct job *j)
{
	struct heap_node *n = j->lane ? heap_min(&j->lane->queue) : NULL;

	if (!n || n->key >= job_rank(j))
		return j;
	heap_pop(&j->lane->queue);
	lane_wait(j);
	j = job_of_wait(n);
	j->where = JOB_REST;
	return j;
}

/* ---- out ---- */

/* There is room and a flight: still true? can it be paid for?  Then out. */
static void go(struct traffic *t, struct job *j)
{
	struct lane *l = j->lane;

	j->where = JOB_REST;
	job_not_cleared(j);
	if (job_token_wait(t, j))
		return;
	if (l && bucket_tokens(l->bucket, t->now.boot) < 1) {
		lane_wait(j);
		lane_arm(t, l);
		return;
	}
	j = most_urgent(j);
	/* The same lane, so the same token: it is there. */
	if (j->kind->still_true && !j->kind->still_true(t->world, j, t->now)) {
		job_tell(t, j, TOLD_UNTRUE);
		keep_turn(t, j);
	} else {
		if (l)
			bucket_take(l->bucket, t->now.boot);
		launch(t, j);
	}
	if (l)
		job_lane_clear(t, l);
}

/* Send what may be sent. */
void job_pump(struct traffic *t)
{
	struct host *h;

	while (t->in_flight < t->limits.max_requests &&
	       (h = host_next(&t->hosts)))
		go(t, job_of_wait(host_pop(&t->hosts, h)));
}

bool job_still(const struct traffic *t, uint64_t ticket, struct instant now)
{
	size_t index = ticket & 0xffff;
	const struct flight *f = &t->flights[index];

	if (index >= TRAFFIC_FLIGHTS_MAX || f->ticket == 0 ||
	    f->ticket != ticket || !f->job)
		return false;
	return !f->job->kind->still_true ||
	       f->job->kind->still_true(t->world, f->job, now);
}

/* One job: when it is due, where it waits, and how it gets out of there. */
#include "traffic/job.h"

#include "base/backoff.h"
#include "base/random.h"
#include "traffic/end.h"
#include "traffic/host.h"
#include "traffic/job_place.h"

#define NEAR_MS 3600000 /* deadlines further off are all the same */
#define FAILED_MS 30000 /* for each failure: so much less urgent ... */
#define FAILED_MOST 10	/* ... but nobody is put off for ever */

int64_t job_azure(const struct traffic *t)
{
	return skew_azure(&t->skew, t->now);
}

void job_init(struct job *j, const struct job_kind *kind, void *owner,
	      uint64_t id)
{
	*j = (struct job){ .kind = kind, .owner = owner, .id = id };
	timer_init(&j->timer, TIMER_JOB, j);
}

static struct random stream(const struct traffic *t, struct job *j)
{
	struct random r;

	random_init(&r, t->seed ^ j->id ^
				(++j->draws * UINT64_C(0x9e3779b97f4a7c15)));
	return r;
}

int64_t job_random(struct traffic *t, struct job *j, int64_t below)
{
	struct random r = stream(t, j);

	return random_below(&r, below);
}

/* ---- where it is ---- */

struct job *job_of_wait(struct heap_node *n)
{
	return (struct job *)(void *)((char *)n - offsetof(struct job, wait));
}

struct host *job_host(const struct job *j)
{
	if (j->host)
		return j->host;
	return j->end ? j->end->host : j->token->host;
}

/*
 * Its place among those who wait, from when it is asked on: a nearer deadline
 * goes first, but what comes later has to be nearer by as much as the other
 * has waited.  So whoever waits is passed by for NEAR_MS at most, and whoever
 * asks again and again moves back.  In boot time: Azure's clock may step.
 */
int64_t job_place(const struct traffic *t, const struct job *j)
{
	int64_t azure = job_azure(t), left;

	if (j->urgency <= azure - NEAR_MS)
		left = -NEAR_MS;
	else if (j->urgency >= azure + NEAR_MS)
		left = NEAR_MS;
	else
		left = j->urgency - azure;
	return 2 * t->now.boot + left;
}

/* The smallest goes first, in every queue.  What failed does not outrank what
 * is as urgent and never had its turn. */
int64_t job_rank(const struct job *j)
{
	unsigned failures = j->failures < FAILED_MOST ? j->failures
						      : FAILED_MOST;

	return j->place + (int64_t)failures * FAILED_MS;
}

void job_wake_up(struct job *j)
{
	if (!j->asleep)
		return;
	TAILQ_REMOVE(&j->lane->sleepers, j, link);
	j->lane->n_sleepers--;
	j->asleep = false;
}

void job_not_cleared(struct job *j)
{
	if (j->cleared)
		j->lane->cleared--;
	j->cleared = false;
}

void job_tell(struct traffic *t, struct job *j, enum job_told what)
{
	if (j->told != TOLD_ALL)
		TAILQ_REMOVE(&t->tell, j, tell);
	j->told = what;
	if (what != TOLD_ALL)
		TAILQ_INSERT_TAIL(&t->tell, j, tell);
}

struct job *job_land(struct traffic *t, struct flight *f)
{
	struct job *j = f->job;

	TAILQ_REMOVE(&t->flying, f, link);
	TAILQ_INSERT_HEAD(&t->landed, f, link);
	t->in_flight--;
	f->ticket = 0;
	f->job = NULL;
	host_end(&t->hosts, f->host, t->now.boot);
	if (j)
		j->where = JOB_REST;
	return j;
}

/* Nobody waits for its answer any more.  A question that only reads is taken
 * back, so that it keeps no room; a write may happen, and comes to its end. */
static void abandon(struct traffic *t, struct job *j)
{
	struct flight *f = &t->flights[j->flight];

	if (j->ask == CALL_PATCH) {
		f->job = NULL;
		return;
	}
	end_errand(t, ERRAND_CANCEL)->call.ticket = f->ticket;
	job_land(t, f);
}

void job_turn_over(const struct job *j)
{
	if (!j->end)
		return;
	for (int i = END_READ; i <= END_WRITE; i++)
		if (j->end->lanes[i].turn == j)
			j->end->lanes[i].turn = NULL;
}

void job_cancel(struct traffic *t, struct job *j)
{
	job_turn_over(j);
	job_leave(t, j);
}

void job_leave(struct traffic *t, struct job *j)
{
	job_wake_up(j);
	timer_set(&t->timers, &j->timer, INT64_MAX);
	job_tell(t, j, TOLD_ALL);
	switch (j->where) {
	case JOB_TOKEN:
		TAILQ_REMOVE(&j->token->waiters, j, link);
		break;
	case JOB_HOST:
		host_leave(&t->hosts, job_host(j), &j->wait);
		break;
	case JOB_LANE:
		heap_remove(&j->lane->queue, &j->wait);
		break;
	case JOB_FLIGHT:
		abandon(t, j);
		break;
	case JOB_REST:
		break;
	}
	job_not_cleared(j);
	if (t->answered == j)
		t->answered = NULL;
	j->where = JOB_REST;
}

/* ---- when it is due ---- */

void job_at(struct traffic *t, struct job *j, int64_t boot, bool routine)
{
	job_leave(t, j);
	j->routine = routine;
	timer_set(&t->timers, &j->timer, boot);
}

void job_sleep(struct traffic *t, struct job *j, int64_t delay)
{
	/* Woken in vain: it sleeps its own time out before it is woken again,
	 * or what fails among others that work would be asked at their pace. */
	bool again = j->roused;

	job_at(t, j, t->now.boot + delay, false);
	j->roused = false;
	if (!j->lane || again)
		return;
	TAILQ_INSERT_TAIL(&j->lane->sleepers, j, link);
	j->lane->n_sleepers++;
	j->asleep = true;
}

int64_t job_delay(struct traffic *t, struct job *j, const struct fault *f,
		  int64_t deadline)
{
	int64_t left = deadline == BACKOFF_NO_DEADLINE
			       ? BACKOFF_NO_DEADLINE
			       : deadline - job_azure(t);
	struct random rng = stream(t, j);
	int64_t delay;

	j->failures++;
	switch (f->kind) {
	case FAULT_DENIED:
	case FAULT_MISSING:
	case FAULT_REFUSED:
	case FAULT_AUTH:
		delay = backoff_denied(left, &rng);
		break;
	default:
		delay = backoff_delay(j->failures, left, &rng);
	}
	/* A server that names a time means it: sooner is refused again.  It
	 * makes nothing faster, and least of all the 0 of a careless one. */
	if (f->retry_after_ms >= 0) {
		int64_t told = backoff_told(f->retry_after_ms, 0);

		if (told > delay)
			delay = told + random_below(&rng, 1000);
	}
	return delay;
}

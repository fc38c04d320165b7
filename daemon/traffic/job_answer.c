/* What an answer teaches: of its host, its end, its token and the time. */
#include "traffic/job_answer.h"

#include <string.h>

#include "base/backoff.h"
#include "base/text.h"
#include "traffic/end.h"
#include "traffic/host.h"
#include "traffic/job.h"
#include "traffic/job_place.h"
#include "traffic/job_token.h"
#include "traffic/job_token_answer.h"

#define WAKE_EACH_MS 20	     /* after an outage, for each that slept ... */
#define WAKE_SPREAD_MS 30000 /* ... at most */

/* ---- its host and its end ---- */

static int64_t spread_over(unsigned n)
{
	return n < WAKE_SPREAD_MS / WAKE_EACH_MS ? (int64_t)n * WAKE_EACH_MS
						 : WAKE_SPREAD_MS;
}

/* An end works again: what sleeps for it wakes, spread out.  What has a
 * deadline does not wait among all that only looks again. */
static void lane_wake(struct traffic *t, struct lane *l)
{
	int64_t spread = spread_over(l->n_sleepers), first;
	unsigned pressed = 0;
	struct job *j, *next;

	TAILQ_FOREACH(j, &l->sleepers, link)
		pressed += j->urgency != INT64_MAX;
	first = spread_over(pressed);
	l->woken_at = t->now.boot;
	for (j = TAILQ_FIRST(&l->sleepers); j; j = next) {
		int64_t most = j->urgency != INT64_MAX ? first : spread;
		int64_t at = t->now.boot + job_random(t, j, most + 1);

		next = TAILQ_NEXT(j, link);
		job_wake_up(j);
		j->roused = true;
		if (at < timer_at(&j->timer))
			timer_set(&t->timers, &j->timer, at);
	}
}

/* It went out before its end worked again, and has failed since: it belongs to
 * those that were woken then, and is tried once more as soon as they. */
static void woken_late(struct job *j, const struct flight *was)
{
	if (!was->lane || was->sent >= was->lane->woken_at || j->roused)
		return;
	j->failures = 0;
	j->roused = true;
}

/* Only what speaks of the host: a refusal by what lies behind it does not,
 * nor does what was never sent. */
static enum host_lesson lesson(const struct reply *r)
{
	if (r->vetoed)
		return HOST_NOTHING;
	if (r->fault.kind == FAULT_TRANSIENT)
		return r->answered ? HOST_FAILED : HOST_SILENT;
	return r->answered || r->fault.kind == FAULT_NONE ? HOST_ANSWERED
							  : HOST_NOTHING;
}

/* Whoever waits for a host that cannot be reached shares the fault: one after
 * the other would only wait as long again. */
static void share_fault(struct traffic *t, struct host *h,
			const struct fault *f)
{
	struct heap_node *n;

	if (!h->fault)
		h->fault = text_alloc(1, sizeof(*h->fault));
	*h->fault = *f;
	while ((n = host_pop(&t->hosts, h))) {
		struct job *j = job_of_wait(n);

		j->where = JOB_REST;
		job_not_cleared(j);
		job_tell(t, j, TOLD_SHARED);
	}
}

/* ---- a 401 ---- */

/* The answer to a question without a token: it tells of which tenant one is to
 * be got. */
static bool learn_tenant(struct traffic *t, struct job *j,
			 const struct reply *r)
{
	struct end *end = j->end;

	if (end_is_blind(end)) {
		if (*r->challenge_tenant)
			end_tenant(t, end, r->challenge_tenant);
		if (end->vault && *r->challenge_audience)
			end_audience(t, end, r->challenge_audience);
	}
	if (end_is_blind(end))
		return false;
	job_queue_up(t, j);
	return true;
}

/* A 401: one new token, one more try.  True when that is under way. */
static bool renew(struct traffic *t, struct job *j, const struct reply *r,
		  const struct flight *was)
{
	const char *named = r->challenge_audience;
	struct end *end = j->end;
	struct token *k = end ? end->token : NULL;
	bool other = true;

	if (r->fault.kind != FAULT_AUTH || !end || (!k && !was->bare))
		return false;
	if (was->bare)
		return learn_tenant(t, j, r);
	/* Another tenant is another question, and how often that happens is
	 * counted. */
	if (*r->challenge_tenant && end_tenant(t, end, r->challenge_tenant)) {
		job_token_wait_anew(t, end, k);
		if (!end->token)
			return false;
		job_queue_up(t, j);
		return true;
	}
	if (j->renewed) {
		/* What it named is not what it takes. */
		if (k == was->token && strcmp(named, end->audience) != 0 &&
		    end_fall_back(t, end))
			job_token_wait_anew(t, end, k);
		return false;
	}
	j->renewed = true;
	if (k == was->token && k->generation == was->token_generation)
		other = job_token_throw_away(t, k, r->claims);
	if (end->vault && *named && !job_token_in_vain(t, end, named)) {
		end_audience(t, end, named);
		job_token_wait_anew(t, end, k);
		if (!end->token)
			return false;
	}
	if (!other && end->token == k)
		return false;
	job_queue_up(t, j);
	return true;
}

/* ---- all of it ---- */

/* Its Date is a vote on what time it is; one that is not believed is told. */
static void dated(struct traffic *t, struct host *h, const struct reply *r)
{
	unsigned steps = t->skew.steps;
	char date[32];
	bool believed;

	if (r->date_ms < 0)
		return;
	believed = skew_add(&t->skew, h, t->now, r->date_ms, r->rtt_ms);
	if (t->skew.steps != steps)
		host_forgive(&t->hosts);
	if (!host_dated(&t->hosts, h, r->date_ms, believed, t->skew.known))
		return;
	text_time(date, sizeof(date), r->date_ms);
	t->has_odd = true;
	t->odd = fault_none();
	fault_set(
		&t->odd, FAULT_CONFLICT, 0,
		"%s says that it is %s, more than a day from what is held to be Azure's time; that is not believed unless a second host says so. See to its clock, or to what lies on the way to it.",
		h->origin, date);
}

void job_answer(struct traffic *t, struct flight *f, const struct reply *r)
{
	struct flight was = *f;
	struct job *j = job_land(t, f);

	dated(t, was.host, r);
	if (!r->vetoed)
		host_count(was.host, r->status,
			   r->fault.kind == FAULT_THROTTLED);
	host_learn(&t->hosts, was.host, lesson(r), r->multiplexed, was.sent,
		   t->now.boot);
	if (lesson(r) == HOST_SILENT && !r->reached && was.limit == 1)
		share_fault(t, was.host, &r->fault);
	if (was.lane && !r->vetoed && end_learn(t, was.lane, r))
		lane_wake(t, was.lane);
	if (!j)
		return;
	if (r->vetoed) {
		job_tell(t, j, TOLD_UNTRUE);
		return;
	}
	if (r->fault.kind == FAULT_NONE) {
		j->failures = 0;
		j->roused = false;
	} else {
		if (fault_is_transient(&r->fault))
			woken_late(j, &was);
		j->not_before =
			t->now.boot + backoff_told(r->fault.retry_after_ms, 0);
	}
	if (renew(t, j, r, &was))
		return;
	if (!job_is_token(j)) {
		t->answered = j;
		t->answered_sent = was.sent;
		t->reply = r;
	} else if (r->fault.kind == FAULT_NONE) {
		job_token_good(t, j->owner, r, was.sent);
	} else {
		job_token_bad(t, j->owner, &r->fault);
	}
}

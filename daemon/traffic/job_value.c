/* Events go in, values and errands come out, one at a time. */
#include <stdlib.h>

#include "base/text.h"
#include "traffic/end.h"
#include "traffic/host.h"
#include "traffic/job.h"
#include "traffic/job_answer.h"
#include "traffic/job_place.h"
#include "traffic/job_token.h"
#include "traffic/job_token_answer.h"
#include "traffic/job_way.h"

#define STALL_SPREAD_MS 10000 /* after a suspend, at most */

static void event(struct traffic *t, struct instant now)
{
	t->now = now;
	/* A bound on one event, so that a mistake that keeps setting timers
	 * in the past shows as load and not as a hang. */
	t->most = 4 * t->timers.n + 1000;
	t->answered = NULL;
}

void job_tick(struct traffic *t, struct instant now)
{
	event(t, now);
}

void job_landed(struct traffic *t, const struct reply *r, struct instant now)
{
	size_t index = r->ticket & 0xffff;

	event(t, now);
	if (index < TRAFFIC_FLIGHTS_MAX && t->flights[index].ticket != 0 &&
	    t->flights[index].ticket == r->ticket)
		job_answer(t, &t->flights[index], r);
}

/* ---- values ---- */

static void make_reply(struct traffic *t, const struct job *j,
		       const struct fault *f)
{
	t->made = (struct reply){ .kind = j ? j->ask : CALL_TOKEN,
				  .fault = *f,
				  .date_ms = -1,
				  .remaining = -1 };
}

/* Every flight has an end, even when its reply is lost on our own side. */
static void give_up(struct traffic *t, struct flight *f)
{
	struct fault lost = fault_none();

	fault_set(&lost, FAULT_TRANSIENT, 0,
		  "No answer came within %d seconds.", TRAFFIC_GUARD_MS / 1000);
	end_errand(t, ERRAND_CANCEL)->call.ticket = f->ticket;
	make_reply(t, f->job, &lost);
	t->made.ticket = f->ticket;
	t->made.maybe_done = t->made.reached = true;
	job_answer(t, f, &t->made);
}

static bool take_answer(struct traffic *t, struct value *v)
{
	struct flight *f;

	/* One at a time: there is place for one answer and one news. */
	while (!t->answered && !t->has_news && (f = TAILQ_FIRST(&t->flying)) &&
	       f->sent + TRAFFIC_GUARD_MS <= t->now.boot)
		give_up(t, f);
	if (!t->answered)
		return false;
	*v = (struct value){ .kind = VALUE_ANSWER,
			     .job = t->answered,
			     .sent = t->answered_sent,
			     .reply = t->reply };
	t->answered = NULL;
	return true;
}

static bool take_told(struct traffic *t, struct value *v)
{
	struct job *j = TAILQ_FIRST(&t->tell);
	enum job_told what;

	if (t->has_news) {
		t->has_news = false;
		*v = (struct value){ .kind = VALUE_NEWS,
				     .fault = &t->news,
				     .slot = t->news_slot };
		return true;
	}
	if (t->has_odd) {
		t->has_odd = false;
		*v = (struct value){ .kind = VALUE_NEWS, .fault = &t->odd };
		return true;
	}
	if (!j)
		return false;
	what = j->told;
	job_tell(t, j, TOLD_ALL);
	*v = (struct value){ .kind = VALUE_UNTRUE, .job = j };
	if (what == TOLD_NO_TOKEN || what == TOLD_NO_ROOM) {
		v->kind = VALUE_NO_TOKEN;
		v->fault = what == TOLD_NO_TOKEN ? &j->token->fault
						 : &t->no_room;
	} else if (what == TOLD_SHARED) {
		make_reply(t, j, job_host(j)->fault);
		v->kind = VALUE_ANSWER;
		v->reply = &t->made;
		if (job_is_token(j)) {
			job_token_bad(t, j->owner, job_host(j)->fault);
			return take_told(t, v);
		}
	}
	return true;
}

/* After a suspend everything is due at once: routine work is spread. */
static bool put_off(struct traffic *t, struct job *j, int64_t due)
{
	int64_t spread = (int64_t)t->timers.n * 20;

	if (j->spread || !j->routine || t->now.boot - due < TRAFFIC_STALL_MS) {
		j->spread = false;
		return false;
	}
	if (spread > STALL_SPREAD_MS)
		spread = STALL_SPREAD_MS;
	job_at(t, j, t->now.boot + job_random(t, j, spread), true);
	j->spread = true;
	return true;
}

static bool take_timer(struct traffic *t, struct value *v)
{
	struct timer *timer;
	int64_t due;

	while (t->most > 0 &&
	       (timer = timer_due(&t->timers, t->now.boot, &due))) {
		t->most--;
		if (timer_kind(timer) == TIMER_LANE) {
			job_lane_clear(t, timer->owner);
		} else if (timer_kind(timer) != TIMER_JOB) {
			*v = (struct value){ .kind = VALUE_TIMER,
					     .timer = timer };
			return true;
		} else {
			struct job *j = timer->owner;

			if (put_off(t, j, due))
				continue;
			job_wake_up(j);
			/* Nobody waits for it: whoever needs it next asks. */
			if (job_is_token(j)) {
				if (!TAILQ_EMPTY(&j->token->waiters))
					job_token_ask(t, j->token);
				continue;
			}
			*v = (struct value){ .kind = VALUE_DUE, .job = j };
			return true;
		}
	}
	return false;
}

bool job_next(struct traffic *t, struct value *v)
{
	if (take_answer(t, v) || take_told(t, v) || take_timer(t, v))
		return true;
	job_pump(t);
	return take_told(t, v);
}

bool job_errand(struct traffic *t, struct errand *x)
{
	if (t->next_errand == t->n_errands)
		return false;
	*x = t->errands[t->next_errand++];
	return true;
}

int64_t job_wake(const struct traffic *t)
{
	const struct heap_node *n = heap_min(&t->timers);
	const struct flight *f = TAILQ_FIRST(&t->flying);
	int64_t at = n ? n->key : INT64_MAX;

	if (f && f->sent + TRAFFIC_GUARD_MS < at)
		at = f->sent + TRAFFIC_GUARD_MS;
	return at;
}

/* ---- the whole ---- */

void job_traffic_init(struct traffic *t, const void *world, uint64_t seed,
		      struct instant now)
{
	*t = (struct traffic){ .world = world, .seed = seed, .now = now };
	host_init(&t->hosts);
	TAILQ_INIT(&t->ends);
	TAILQ_INIT(&t->flying);
	TAILQ_INIT(&t->landed);
	TAILQ_INIT(&t->tell);
	t->flights = text_alloc(TRAFFIC_FLIGHTS_MAX, sizeof(*t->flights));
	for (size_t i = 0; i < TRAFFIC_FLIGHTS_MAX; i++)
		TAILQ_INSERT_TAIL(&t->landed, &t->flights[i], link);
	t->no_room = fault_none();
	fault_set(
		&t->no_room, FAULT_LOCAL, 0,
		"There is no room for the token of one more credential and audience (%d at most); it is tried again in a while. A restart forgets those of earlier configurations.",
		TRAFFIC_TOKENS_MAX);
}

void job_traffic_free(struct traffic *t)
{
	for (size_t i = 0; i < t->n_tokens; i++)
		if (t->tokens[i]->job) {
			job_cancel(t, t->tokens[i]->job);
			free(t->tokens[i]->job);
		}
	end_free(t);
	host_free(&t->hosts);
	heap_free(&t->timers);
	free(t->flights);
}

/* Tokens: wanted, waited for, thrown away.  What a question for one has taught
 * is job_token_answer's. */
#include "traffic/job_token.h"

#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/text.h"
#include "traffic/end.h"
#include "traffic/host.h"
#include "traffic/job.h"
#include "traffic/job_place.h"

#define TOKEN_REFUSED_MS 60000 /* between two that a 401 throws away */
#define TOKEN_DEMANDS 3	       /* ... but for claims that are new */

static void fill_token(const void *world, const struct job *j, struct call *c)
{
	(void)world;
	(void)j;
	(void)c; /* slot, credential and audience are all there is to it */
}

static const struct job_kind token_kind = { fill_token, NULL };

bool job_is_token(const struct job *j)
{
	return j->kind == &token_kind;
}

bool job_token_usable(const struct traffic *t, const struct token *k)
{
	return k->ready && t->now.boot < k->expires;
}

void job_token_ask(struct traffic *t, struct token *k)
{
	struct job *j = k->job;

	if (t->now.boot < j->not_before) {
		job_at(t, j, j->not_before, false);
		return;
	}
	job_cancel(t, j);
	j->ask = CALL_TOKEN;
	job_queue_up(t, j);
}

/* ---- waiting ---- */

/* See to it that a token comes, unless one is on its way or was refused a
 * moment ago (then its back-off timer runs). */
static void token_want(struct traffic *t, struct token *k)
{
	if (!k->job) {
		k->job = text_alloc(1, sizeof(*k->job));
		job_init(k->job, &token_kind, k,
			 text_hash(k->audience) ^ k->slot);
		k->job->token = k;
		k->job->place = INT64_MIN; /* all wait for it */
	}
	if (k->job->where == JOB_REST && k->job->told == TOLD_ALL &&
	    !timer_is_set(&k->job->timer))
		job_token_ask(t, k);
}

/* True when the job has to wait for its token; it does so from here on, or
 * rests when there is no room for one: it never goes with another one's. */
bool job_token_wait(struct traffic *t, struct job *j)
{
	struct token *k;

	if (!j->end)
		return false; /* a token's own job, or a host's */
	if (end_is_blind(j->end))
		return false; /* it goes without, to learn of which tenant */
	k = end_has_token(t, j->end);
	if (!k) {
		job_at(t, j, t->now.boot + BACKOFF_CAP_BEFORE_MS, false);
		job_tell(t, j, TOLD_NO_ROOM);
		return true;
	}
	if (job_token_usable(t, k) &&
	    !(j->fresh && k->generation == j->stale)) {
		if (t->now.boot >= k->refresh)
			token_want(t, k);
		return false;
	}
	j->where = JOB_TOKEN;
	j->token = k;
	TAILQ_INSERT_TAIL(&k->waiters, j, link);
	token_want(t, k);
	return true;
}

/* Where every way begins, and where it goes on after a wait. */
void job_queue_up(struct traffic *t, struct job *j)
{
	if (job_token_wait(t, j))
		return;
	j->where = JOB_HOST;
	host_join(&t->hosts, job_host(j), &j->wait, job_rank(j));
}

void job_token_wake(struct traffic *t, struct token *k)
{
	struct job_list woken = TAILQ_HEAD_INITIALIZER(woken);
	struct job *j;

	/* A list of its own: who must wait again joins the token's. */
	TAILQ_CONCAT(&woken, &k->waiters, link);
	while ((j = TAILQ_FIRST(&woken))) {
		TAILQ_REMOVE(&woken, j, link);
		j->where = JOB_REST;
		job_tell(t, j, TOLD_ALL);
		job_queue_up(t, j);
	}
}

/* Who waits for the token that the end had waits for the one it has now. */
void job_token_wait_anew(struct traffic *t, struct end *end, struct token *k)
{
	struct job *j, *next;

	if (end->token == k)
		return;
	for (j = TAILQ_FIRST(&k->waiters); j; j = next) {
		next = TAILQ_NEXT(j, link);
		if (j->end != end)
			continue;
		TAILQ_REMOVE(&k->waiters, j, link);
		j->where = JOB_REST;
		job_tell(t, j, TOLD_ALL);
		job_queue_up(t, j);
	}
}

/* ---- thrown away, or asked for anew ---- */

/* Whether one was thrown away a moment ago and this is what came of it.  Claims
 * that it was not asked for with may help; who names others each time asks for
 * too much. */
static bool is_braked(const struct traffic *t, struct token *k,
		      const char *claims)
{
	if (k->refused_at < 0 ||
	    t->now.boot - k->refused_at >= TOKEN_REFUSED_MS) {
		k->demands = 0;
		return false;
	}
	return !claims || (k->asked && strcmp(k->asked, claims) == 0) ||
	       k->demands >= TOKEN_DEMANDS;
}

/*
 * It was refused: a new one is asked for, once for all that were sent with it.
 * False when that was done a moment ago: where nobody accepts any, each
 * question would cost one more.
 */
bool job_token_throw_away(struct traffic *t, struct token *k,
			  const char *claims)
{
	bool usable = job_token_usable(t, k);

	if (usable && is_braked(t, k, claims))
		return false;
	if (claims) {
		free(k->claims);
		k->claims = text_dup(claims);
	}
	if (!usable)
		return true;
	k->demands += claims != NULL;
	k->ready = false;
	k->refused_at = t->now.boot;
	return true;
}

/* What the old authority still sends, told or refused is nothing to the new
 * one; its answer would even fill the place of the new one's token. */
void job_token_anew(struct traffic *t, struct token *k)
{
	struct job *j = k->job;

	k->fault = fault_none();
	k->refused_at = k->heals_at = -1;
	k->spared = 0;
	if (!j)
		return;
	job_cancel(t, j);
	j->failures = 0;
	j->not_before = 0;
}

void job_retry_tokens(struct traffic *t)
{
	for (size_t i = 0; i < t->n_tokens; i++) {
		struct job *j = t->tokens[i]->job;

		t->tokens[i]->refused_at = -1;
		/* Whoever needs it next asks. */
		if (j && TAILQ_EMPTY(&t->tokens[i]->waiters))
			job_cancel(t, j);
		else if (j && timer_is_set(&j->timer))
			timer_set(&t->timers, &j->timer, t->now.boot);
	}
}

/* A call under way that was to go out with it: one that is held back still
 * goes out by its slot. */
static bool is_gone_by(const struct traffic *t, const struct token *k)
{
	const struct flight *f;

	TAILQ_FOREACH(f, &t->flying, link)
		if (f->token == k)
			return true;
	return false;
}

void job_sweep_tokens(struct traffic *t)
{
	for (size_t i = 0; i < t->n_tokens; i++) {
		struct token *k = t->tokens[i];

		if (k->wanted || !k->credential)
			continue;
		if (k->held)
			end_forget(t, k);
		if (!TAILQ_EMPTY(&k->waiters))
			continue;
		if (k->job)
			job_cancel(t, k->job);
		if (!is_gone_by(t, k))
			end_vacate(k);
	}
	end_leave_vacant(t);
}

bool job_hurry_token(struct traffic *t, struct token *k)
{
	struct job *j = k ? k->job : NULL;

	if (!j || t->now.boot < j->not_before)
		return false;
	if (job_token_usable(t, k)) {
		/* Whoever asks next asks for a new one as well. */
		if (k->fault.kind != FAULT_NONE)
			k->refresh = t->now.boot;
		return false;
	}
	if (timer_at(&j->timer) <= t->now.boot || !timer_is_set(&j->timer))
		return false;
	timer_set(&t->timers, &j->timer, t->now.boot);
	return true;
}

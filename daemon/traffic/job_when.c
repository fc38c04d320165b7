/* When a job's question goes out, by all that is known: read, not changed. */
#include "traffic/job.h"
#include "traffic/job_token.h"

int64_t job_told_until(const struct traffic *t, const struct job *j)
{
	int64_t until = -1;

	if (j->where == JOB_TOKEN)
		j = j->token->job;
	if (j && j->where == JOB_REST && timer_is_set(&j->timer))
		until = j->not_before;
	else if (j && j->where == JOB_LANE)
		until = j->lane->bucket->closed_until;
	return until > t->now.boot ? until : -1;
}

/* Boot ms at which the token's request goes out, or `at` when it is there, or
 * nothing keeps it back. */
static int64_t token_at(const struct traffic *t, const struct token *k,
			int64_t at)
{
	int64_t next;

	if (!k || !k->job || job_token_usable(t, k) ||
	    k->job->where != JOB_REST)
		return at;
	next = timer_at(&k->job->timer);
	if (!timer_is_set(&k->job->timer))
		next = k->job->not_before;
	return next > at ? next : at;
}

int64_t job_asked_at(const struct traffic *t, const struct job *j, int64_t at)
{
	at = at < t->now.boot ? t->now.boot : at;
	at = at < j->not_before ? j->not_before : at;
	if (j->lane && at < j->lane->bucket->closed_until)
		at = j->lane->bucket->closed_until;
	return token_at(t, j->end ? j->end->token : NULL, at);
}

int64_t job_next_at(const struct traffic *t, const struct job *j)
{
	int64_t at = t->now.boot;

	switch (j->where) {
	case JOB_REST:
		if (j->told == TOLD_ALL && !timer_is_set(&j->timer))
			return INT64_MAX;
		return job_asked_at(
			t, j, j->told == TOLD_ALL ? timer_at(&j->timer) : at);
	case JOB_TOKEN:
		return token_at(t, j->token, at);
	case JOB_LANE:
		if (timer_is_set(&j->lane->timer) &&
		    timer_at(&j->lane->timer) > at)
			at = timer_at(&j->lane->timer);
		return at;
	case JOB_HOST:
	case JOB_FLIGHT:
		break;
	}
	return at;
}

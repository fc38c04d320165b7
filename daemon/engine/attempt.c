/* When something is asked next, by the timers and jobs that will ask it. */
#include "engine/attempt.h"

#include "engine/canary.h"
#include "engine/key.h"
#include "engine/lease.h"
#include "engine/move_decide.h"
#include "engine/versions.h"
#include "traffic/job.h"

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t attempt_key(const struct engine *e, const struct watch *w)
{
	return job_next_at(&e->traffic, &w->job);
}

static bool at_rest(const struct registry *r)
{
	return (r->phase == PHASE_IDLE || r->phase == PHASE_WAIT) &&
	       r->job.where == JOB_REST;
}

/* The LIST that reads it along, or finds it again.  A retry has its own time,
 * and what was read since a pass began is not read by it. */
static int64_t by_list(const struct engine *e, const struct registry *r)
{
	const struct scope *s = r->scope;

	if ((!model_lists(s) && !s->seeking) ||
	    (model_retries(r) && !r->facts.missing && !r->absent) ||
	    !at_rest(r) ||
	    (s->job.where != JOB_REST && r->read_at >= s->pass_started))
		return INT64_MAX;
	return job_next_at(&e->traffic, &s->job);
}

/* What Key Vault tells next decides what becomes of it. */
static bool waits_for_key(const struct engine *e, const struct registry *r)
{
	switch (r->reason) {
	case REASON_KEY_UNREAD:
	case REASON_KEY_ERROR:
	case REASON_KEY_STALE:
	case REASON_NEWEST_DISABLED:
	case REASON_NEWEST_NOT_YET:
	case REASON_NEWEST_EXPIRED:
	case REASON_NEWEST_NOT_RSA:
	case REASON_NEWEST_SHORT:
	case REASON_NEWEST_NO_WRAP:
	case REASON_NEWEST_OLDER:
	case REASON_NEWEST_MISSING:
	case REASON_MANUAL_UNREAD:
	case REASON_MANUAL_MISSING:
	case REASON_MANUAL_DISABLED:
	case REASON_MANUAL_EXPIRED:
	case REASON_MANUAL_UNFIT:
	case REASON_IN_USE_UNREAD:
	case REASON_IN_USE_LOST:
	case REASON_READ_FIRST:
		return true;
	default:
		return r->queue == QUEUE_WAITERS && !key_sure(e, r->watch);
	}
}

/* It is read when its pause ends, or has just ended. */
static int64_t by_pause(const struct engine *e, const struct registry *r)
{
	int64_t until = model_paused_until(e, r);

	if (!at_rest(r))
		return INT64_MAX;
	return job_asked_at(&e->traffic, &r->job,
			    until ? model_boot_of(e, until) + 1 : 0);
}

/* Nobody goes by a key that was not read lately. */
static bool by_fresh_key(const struct engine *e, const struct watch *w,
			 int64_t boot)
{
	return key_sure(e, w) && boot < key_stales(e, w);
}

/* Time alone may make the newest version usable. */
static int64_t by_key(const struct engine *e, const struct registry *r)
{
	int64_t turns = INT64_MAX;
	/* Our own back-off goes on, whatever becomes of the version. */
	bool free = !r->error || (r->refused && !r->denied && !r->futile);

	if (!waits_for_key(e, r))
		return INT64_MAX;
	if (r->reason == REASON_NEWEST_NOT_YET && free && at_rest(r))
		turns = versions_turns(e, r->watch);
	if (by_fresh_key(e, r->watch, turns) && move_decide_would_write(r))
		turns = job_asked_at(&e->traffic, &r->job, turns + 1);
	else
		turns = INT64_MAX;
	return sooner(attempt_key(e, r->watch), turns);
}

/* It waits for its turn: for the one that goes first, or for any that moves
 * when it is the next one itself. */
static int64_t by_turn(const struct engine *e, const struct registry *r)
{
	const struct watch *w = r->watch;
	const struct registry *other;
	int64_t at = INT64_MAX;
	bool waits = r->queue == QUEUE_WAITERS;

	if (r->queue == QUEUE_NONE)
		return at;
	if (waits && w->canary_first && w->canary_state != CANARY_PASSED) {
		at = canary_opens(e, w);
		at = by_fresh_key(e, w, at) ? at : INT64_MAX;
		if (w->canary && w->canary != r)
			at = sooner(at,
				    job_next_at(&e->traffic, &w->canary->job));
	}
	if (r != TAILQ_FIRST(waits ? &w->waiters : &w->returners) ||
	    w->active < w->max_parallel)
		return at;
	TAILQ_FOREACH(other, &w->registries, watch_link)
		if (other->slot)
			at = sooner(at, job_next_at(&e->traffic, &other->job));
	return at;
}

int64_t attempt_next(const struct engine *e, const struct registry *r)
{
	int64_t at = job_next_at(&e->traffic, &r->job);
	bool paused = r->was_paused || model_paused(e, r);

	at = sooner(at, by_list(e, r));

	if (paused)
		at = sooner(at, by_pause(e, r));
	if (r->gated != DECIDE_DONE && at_rest(r))
		at = sooner(at, lease_opens(e, r->watch));
	/* Who was in a queue when its pause began is read in its turn. */
	if (!paused || r->queue != QUEUE_NONE)
		at = sooner(at, sooner(by_key(e, r), by_turn(e, r)));
	return at > model_boot(e) ? at : model_boot(e);
}

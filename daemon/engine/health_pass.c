/* --once: has each one had its pass? */
#include "engine/health_pass.h"

#include "engine/health_assess.h"
#include "engine/key.h"
#include "engine/lease.h"
#include "engine/versions.h"
#include "traffic/host.h"

static bool gave_up(const struct fault *f, unsigned failures)
{
	return f && (failures >= ENGINE_TRIES || !fault_is_transient(f));
}

bool health_pass_gave_up(const struct registry *r)
{
	unsigned failures = r->job.failures;

	if (r->write_failures > failures)
		failures = r->write_failures;
	if (model_listed(r) && r->scope->job.failures > failures)
		failures = r->scope->job.failures;
	return gave_up(model_error(r), failures);
}

/* What its key's vault has yet to tell is waited for. */
static bool waits_for_vault(const struct engine *e, const struct registry *r)
{
	return !key_fresh(e, r->watch) || r->reason == REASON_READ_FIRST ||
	       r->reason == REASON_MANUAL_UNREAD;
}

const char *health_pass_mute_host(const struct engine *e,
				  const struct registry *r)
{
	/* Where its key is read. */
	const struct host *vault = r->watch->job.end->host;
	const struct host *arm = r->scope->end->host;

	if (e->traffic.hosts.n_mute == 0 || r->state == STATE_CURRENT)
		return NULL;
	if (host_mute(arm))
		return arm->origin;
	return host_mute(vault) && waits_for_vault(e, r) ? vault->origin : NULL;
}

/* The version that it uses is being asked for: it may be newer than the one
 * that is wanted. */
static bool is_looked_at(const struct registry *r,
			 const struct health_assessment *a)
{
	return a->reason == REASON_READ_FIRST &&
	       health_assess_is_asked(r->watch, r->facts.in_use);
}

bool health_pass_is_settled(const struct registry *r,
			    const struct health_assessment *a)
{
	const struct watch *w = r->watch;
	bool resting = r->phase == PHASE_IDLE || r->phase == PHASE_WAIT;

	if (a->reason == REASON_BUSY_LONG)
		return true;
	if (gave_up(w->error, w->job.failures))
		return !model_writing(r);
	if (health_pass_gave_up(r))
		return resting || r->job.where == JOB_TOKEN;
	if (!resting || r->read_at < 0 ||
	    (a->reason == REASON_MANUAL_UNREAD &&
	     health_assess_is_asked(w, w->key.version)))
		return false;
	/* Nobody waits for the one that goes first once that has no hope. */
	if (r->queue == QUEUE_WAITERS && w->judged.stuck)
		return true;
	/* Nor for who leads, once that is known to be another one. */
	if (a->reason == REASON_STANDBY)
		return !lease_is_unheard(w->lease);
	return a->state == STATE_CURRENT || a->state == STATE_BLOCKED ||
	       a->state == STATE_HELD || a->state == STATE_PAUSED ||
	       a->stands || a->reason == REASON_IN_USE_UNTOLD ||
	       (model_mode(r) == WATCH_OBSERVE && versions_target(w) &&
		!is_looked_at(r, a));
}

/* Each question to a host that does not answer takes its whole time, one after
 * the other: where it has failed all of those of late, whoever waits for it
 * has been tried.  Only a pass beside such a host looks at each. */
bool engine_pass_done(const struct engine *e)
{
	if (e->n_writes != e->n_dragging || e->n_looks_unheard)
		return false;
	if (e->n_unsettled == 0 || e->traffic.hosts.n_mute == 0)
		return e->n_unsettled == 0;
	for (size_t i = 0; i < e->n_registries; i++)
		if (!e->by_id[i]->settled &&
		    !health_pass_mute_host(e, e->by_id[i]))
			return false;
	return true;
}

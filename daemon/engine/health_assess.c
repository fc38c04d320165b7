/* What is known of a registry -> its state, the reason, and warnings. */
#include "engine/health_assess.h"

#include "base/text.h"
#include "engine/health_late.h"
#include "engine/key.h"
#include "engine/move_decide.h"
#include "engine/versions.h"

static void put(struct health_assessment *a, enum decide_state state,
		enum decide_reason reason)
{
	a->state = state;
	a->reason = reason;
}

bool health_assess_is_asked(const struct watch *w, const char *version)
{
	const struct seen_version *s = versions_find(w, version);

	return s && s->failed < ENGINE_TRIES;
}

bool health_assess_is_awaited(const struct watch *w)
{
	return w->mode == WATCH_MANUAL && !w->error && !versions_target(w) &&
	       health_assess_is_asked(w, w->key.version);
}

/* A write is wanted: where does it stand? */
static void assess_write(const struct engine *e, const struct registry *r,
			 struct decision d, struct health_assessment *a)
{
	const struct watch *w = r->watch;

	if (r->error && r->denied)
		put(a, STATE_BLOCKED, REASON_DENIED);
	else if (r->error && r->refused)
		put(a, STATE_BLOCKED, REASON_REFUSED);
	else if (r->futile) /* also while it is tried again */
		put(a, STATE_BLOCKED, REASON_IN_VAIN);
	else if (e->dry_run)
		put(a, STATE_HELD, REASON_DRY_RUN);
	else if (r->gated != DECIDE_DONE)
		put(a, STATE_ROTATING, REASON_STANDBY);
	else if (r->queue == QUEUE_WAITERS && w->canary_state == CANARY_REFUSED)
		put(a, STATE_HELD, REASON_CANARY_REFUSED);
	else if (r->wants != DECIDE_DONE)
		put(a, STATE_ROTATING, REASON_TURN);
	else if (r->phase == PHASE_VERIFY)
		put(a, STATE_VERIFYING, REASON_READ_BACK);
	else if (r->phase == PHASE_POLL || r->phase == PHASE_POLLING)
		put(a, STATE_ROTATING, REASON_OPERATION);
	else if (r->phase == PHASE_IDLE && r->error)
		put(a, STATE_ROTATING, REASON_RETRY);
	else
		put(a, STATE_ROTATING, d.reason);
}

static void assess_decision(const struct engine *e, const struct registry *r,
			    struct decision d, struct health_assessment *a)
{
	switch (d.action) {
	case DECIDE_DONE:
		/* What is written just now may be another version. */
		if (model_writing(r) && r->phase != PHASE_VERIFY)
			put(a, STATE_ROTATING, REASON_OPERATION);
		else if (!model_writing(r) &&
			 text_same(r->proven, r->facts.in_use))
			put(a, STATE_CURRENT, REASON_CURRENT);
		else
			put(a, STATE_VERIFYING, REASON_READ_BACK);
		break;
	case DECIDE_BLOCK:
		put(a, STATE_BLOCKED, d.reason);
		break;
	case DECIDE_HOLD:
		put(a,
		    d.reason == REASON_MANUAL_UNREAD &&
				    health_assess_is_awaited(r->watch)
			    ? STATE_UNKNOWN
			    : STATE_HELD,
		    d.reason);
		break;
	case DECIDE_WAIT:
		if (r->futile && d.reason != REASON_OBSERVE) {
			put(a, STATE_BLOCKED, REASON_IN_VAIN);
			break;
		}
		put(a,
		    r->phase == PHASE_VERIFY ? STATE_VERIFYING : STATE_ROTATING,
		    d.reason);
		break;
	case DECIDE_LOOK:
		put(a, STATE_ROTATING, d.reason);
		break;
	case DECIDE_UNKNOWN:
		put(a, STATE_UNKNOWN,
		    r->contrary < ENGINE_LOOKS ? REASON_READ_FIRST : d.reason);
		break;
	case DECIDE_FOLLOW:
	case DECIDE_PIN:
	case DECIDE_RELEASE:
		assess_write(e, r, d, a);
		break;
	}
	/* A move has a bound: from then on somebody has to look. */
	if (model_drags(e, r) &&
	    (a->reason == REASON_BUSY || a->reason == REASON_OPERATION))
		put(a, STATE_HELD, REASON_BUSY_LONG);
}

static bool structural(struct decision d)
{
	return d.action == DECIDE_BLOCK &&
	       d.reason != REASON_IDENTITY_DETACHED &&
	       d.reason != REASON_IDENTITY_OTHER;
}

/* The key cannot be judged by, and not because it is known to be gone. */
static bool key_unknown(const struct engine *e, const struct watch *w,
			struct health_assessment *a)
{
	if (key_fresh(e, w) || (w->error && w->error->kind == FAULT_MISSING))
		return false;
	if (w->error)
		put(a, STATE_UNREACHABLE, REASON_KEY_ERROR);
	else
		put(a, STATE_UNKNOWN,
		    w->polled_at < 0 ? REASON_KEY_UNREAD : REASON_KEY_STALE);
	return true;
}

static void assess_unread(const struct engine *e, const struct registry *r,
			  struct health_assessment *a)
{
	a->missed = true;
	if (model_boot(e) >= health_late_dark_from(e, r)) {
		put(a, STATE_OVERDUE, REASON_DARK);
	} else if (health_late_is_unread(e, r)) {
		put(a, STATE_OVERDUE, REASON_LATE_UNREAD);
	} else {
		a->missed = false;
		if (r->error && r->denied)
			put(a, STATE_BLOCKED, REASON_DENIED);
		else if (model_error(r))
			put(a, STATE_UNREACHABLE, REASON_UNREACHABLE);
		else
			put(a, STATE_UNKNOWN, REASON_NOT_READ);
	}
}

/* What stands in the way outside of the decision: then nothing of what that
 * would lead to is under way. */
static void assess_hindrance(const struct engine *e, const struct registry *r,
			     struct decision d, bool late,
			     struct health_assessment *a)
{
	if (late && d.reason == REASON_READ_FIRST &&
	    !health_late_in_doubt(r, d))
		put(a, STATE_UNKNOWN, d.reason);
	else if (r->error && r->denied && !r->refused)
		put(a, STATE_BLOCKED, REASON_DENIED); /* to read it */
	else if (model_paused(e, r))
		put(a, STATE_PAUSED, REASON_PAUSED);
	else if (!a->fresh && !model_error(r) && model_writing(r))
		return; /* Azure is at work; it is read back after that */
	else if (!a->fresh && model_error(r))
		put(a, STATE_UNREACHABLE, REASON_UNREACHABLE);
	else if (!a->fresh)
		put(a, STATE_UNKNOWN, REASON_STALE);
	else
		key_unknown(e, r->watch, a);
}

void health_assess_registry(const struct engine *e, const struct registry *r,
			    struct health_assessment *a)
{
	struct decision d;
	bool late;

	*a = (struct health_assessment){ 0 };
	if (r->read_at < 0) {
		assess_unread(e, r, a);
		return;
	}
	d = move_decide_now(e, r);
	a->fresh = model_boot(e) - r->read_at <= e->config->reread_interval_ms;
	late = !structural(d) && health_late_is_missed(e, r);
	a->missed = late && !health_late_in_doubt(r, d);
	assess_decision(e, r, d, a);
	if (structural(d) && a->fresh)
		return;
	if (!a->missed && model_boot(e) >= health_late_dark_from(e, r)) {
		a->missed = true;
		put(a, STATE_OVERDUE, REASON_DARK);
		return;
	}
	assess_hindrance(e, r, d, late, a);
	if (a->missed) {
		if (d.action == DECIDE_UNKNOWN)
			put(a, STATE_UNKNOWN, REASON_LATE_UNTOLD);
		a->stands = a->state == STATE_BLOCKED ||
			    a->state == STATE_HELD || model_paused(e, r) ||
			    a->reason == REASON_LATE_UNTOLD;
		a->state = STATE_OVERDUE;
	}
}

unsigned health_assess_warnings(const struct engine *e,
				const struct registry *r)
{
	const struct watch *w = r->watch;
	const struct seen_version *s = versions_find(w, r->facts.in_use);
	unsigned bits;
	bool known = s && s->read_at >= 0;

	if (r->read_at < 0)
		return 0;
	bits = decide_warnings(model_mode(r), w->identity, &r->facts,
			       known ? &s->v : NULL, s && s->missing,
			       s && s->disabled, model_azure(e));
	bits |= versions_age(e, w);
	/* Between pinning and releasing it is off by our own doing. */
	if (model_effort(r)->tried[0] != '\0' &&
	    (r->writing == DECIDE_PIN || r->writing == DECIDE_RELEASE))
		bits &= ~(unsigned)WARN_AUTO_OFF;
	return bits;
}

/* What is true of each registry, kept up to date and counted in O(1). */
#include "engine/health.h"

#include "base/text.h"
#include "engine/health_assess.h"
#include "engine/health_late.h"
#include "engine/health_note.h"
#include "engine/health_pass.h"
#include "engine/key.h"
#include "engine/lease.h"
#include "engine/outlook.h"
#include "engine/versions.h"

/* Whom it waits for changes for all at once: it is told by what is so when
 * somebody asks. */
enum decide_reason health_reason(const struct registry *r)
{
	const struct watch *w = r->watch;

	if (r->reason == REASON_TURN && r->queue == QUEUE_WAITERS &&
	    w->canary_first && w->canary_state != CANARY_PASSED && w->canary &&
	    w->canary != r)
		return REASON_CANARY_WAIT;
	return r->reason;
}

static void count(struct engine *e, struct registry *r, size_t by)
{
	e->n_state[r->state] += by;
	e->n_harm[decide_harm(r->state, r->warnings)] += by;
	if (r->missed)
		e->n_missed += by;
	if (r->warnings & DECIDE_LOCKED)
		e->n_locked += by;
	if (r->warnings & DECIDE_SERIOUS)
		e->n_serious += by;
	for (unsigned i = 0; r->warnings >> i; i++)
		if (r->warnings & (1u << i))
			e->n_warning[i] += by;
	if (!r->settled)
		e->n_unsettled += by;
	if (r->dragging)
		e->n_dragging += by;
	if (!r->heard)
		e->n_unheard += by;
	e->n_counted += by;
	if (r->shown)
		e->n_fresh += by;
}

void health_leave(struct engine *e, struct registry *r)
{
	if (r->counted)
		count(e, r, (size_t)-1);
	r->counted = false;
	outlook_moving(e, r, false);
	timer_set(&e->traffic.timers, &r->truth, INT64_MAX);
}

/* The next moment at which the assessment changes without an event. */
static void arm_truth(struct engine *e, struct registry *r)
{
	int64_t at = INT64_MAX, t, azure = model_azure(e);
	int64_t deadline = versions_deadline(e, r->watch);

	if (r->fresh)
		at = r->read_at + e->config->reread_interval_ms + 1;
	else if (r->read_at < 0 &&
		 model_boot(e) < r->since + HEALTH_LATE_UNREAD_MS)
		at = r->since + HEALTH_LATE_UNREAD_MS;
	t = health_late_dark_from(e, r);
	if (t > model_boot(e) && t < at)
		at = t;
	if (deadline >= azure && !versions_on_target(r)) {
		t = model_boot_of(e, deadline) + 1;
		at = t < at ? t : at;
	}
	if (model_paused(e, r)) {
		t = model_boot_of(e, model_paused_until(e, r)) + 1;
		at = t < at ? t : at;
	}
	if (r->gated != DECIDE_DONE) {
		t = lease_opens(e, r->watch);
		if (t != INT64_MAX && t >= model_boot(e) && t < at)
			at = t + 1;
	}
	timer_set(&e->traffic.timers, &r->truth, at);
}

/* It is late as long as it has not come to the wanted version, and that is
 * the daemon's to do. */
static bool has_to_move(const struct engine *e, const struct registry *r)
{
	return (model_mode(r) == WATCH_FOLLOW || model_mode(r) == WATCH_PIN) &&
	       !e->dry_run && r->gated == DECIDE_DONE &&
	       !versions_on_target(r) &&
	       (r->state == STATE_ROTATING || r->state == STATE_VERIFYING ||
		(r->state == STATE_OVERDUE &&
		 (r->queue == QUEUE_WAITERS || r->slot)));
}

void health_refresh(struct engine *e, struct registry *r)
{
	struct health_assessment a;
	unsigned warnings;

	if (r->retiring)
		return;
	health_assess_registry(e, r, &a);
	warnings = health_assess_warnings(e, r);
	health_note_state(e, r, &a);
	health_note_warnings(e, r, warnings);
	if (r->counted)
		count(e, r, (size_t)-1);
	r->state = a.state;
	r->reason = a.reason;
	r->fresh = a.fresh;
	/* A 404 may be a missing right: it shows no version. */
	r->shown = a.fresh && !r->facts.missing;
	r->missed = a.missed;
	r->warnings = (unsigned short)warnings;
	r->settled = health_pass_is_settled(r, &a);
	r->dragging = a.reason == REASON_BUSY_LONG && model_writing(r);
	r->heard = r->heard || model_error(r) ||
		   (r->read_at >= 0 && !health_assess_is_awaited(r->watch));
	r->counted = true;
	count(e, r, 1);
	outlook_moving(e, r, has_to_move(e, r));
	arm_truth(e, r);
}

void health_key(struct engine *e, struct watch *w)
{
	bool bad = !w->retired && (w->error || !key_fresh(e, w));
	bool heard = w->retired || w->error ||
		     (w->polled_at >= 0 && !health_assess_is_awaited(w));

	if (heard && !w->heard)
		e->n_unheard_keys--;
	w->heard = w->heard || heard;
	if (bad && !w->bad)
		e->n_bad_keys++;
	if (!bad && w->bad)
		e->n_bad_keys--;
	w->bad = bad;
}

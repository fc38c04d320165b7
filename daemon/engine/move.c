/* One registry's way from an old version to the wanted one: judging it, and
 * acting on the judgement. */
#include "engine/move.h"

#include "base/text.h"
#include "engine/move_decide.h"
#include "engine/move_effect.h"
#include "engine/move_outcome.h"
#include "engine/move_question.h"
#include "engine/move_state.h"
#include "engine/move_write.h"
#include "engine/note.h"
#include "engine/order.h"
#include "engine/reading.h"
#include "engine/versions.h"
#include "traffic/job.h"

#define BUSY_MS 10000
#define BUSY_MAX_MS 120000 /* between looks at what goes on for long */

void move_stop(struct engine *e, struct registry *r)
{
	job_cancel(&e->traffic, &r->job);
	move_state_forget_operation(r);
	move_state_phase(e, r, PHASE_IDLE);
	r->wants = DECIDE_DONE;
	r->going = false;
}

/* Azure is at work on it.  The longer that lasts the less often it is looked
 * at; what may last for ever is nobody's turn any more, and no write of ours
 * that is nearly done. */
static void wait_busy(struct engine *e, struct registry *r)
{
	int64_t delay;

	if (r->busy_since < 0)
		r->busy_since = model_writing(r) ? model_effort(r)->op_started
						 : model_boot(e);
	delay = (model_boot(e) - r->busy_since) / 8;
	if (delay < BUSY_MS)
		delay = BUSY_MS;
	if (delay > BUSY_MAX_MS)
		delay = BUSY_MAX_MS;
	if (r->going &&
	    model_boot(e) - model_effort(r)->op_started > ENGINE_SLOT_MS)
		r->going = false;
	r->wants = DECIDE_DONE;
	if (model_drags(e, r)) {
		r->maybe |= model_writing(r);
		move_state_phase(e, r, PHASE_IDLE);
		model_mark_watch(e, r->watch, MARK_LOOK);
	} else {
		move_state_phase(e, r,
				 model_writing(r) ? PHASE_VERIFY : PHASE_IDLE);
	}
	job_at(&e->traffic, &r->job, model_boot(e) + delay, false);
}

/* What a move begins from: by it move_outcome_done tells that one has
 * happened. */
static void note_origin(struct engine *e, struct registry *r)
{
	if (r->facts.in_use[0] == '\0' ||
	    text_same(r->proven, r->facts.in_use) ||
	    (r->proven[0] != '\0' &&
	     (versions_on_target(r) || !model_proof(e, r))))
		return;
	intern_set(&e->names, &r->proven, r->facts.in_use);
	note_save(e);
}

static void act(struct engine *e, struct registry *r, struct decision d)
{
	r->gated = DECIDE_DONE;
	if (d.action != DECIDE_DONE)
		note_origin(e, r);
	order_judge(e, r, d);
	if (d.reason != REASON_BUSY)
		r->busy_since = -1;
	switch (d.action) {
	case DECIDE_DONE:
		move_outcome_done(e, r);
		break;
	case DECIDE_BLOCK:
		move_outcome_rest(e, r, true);
		break;
	case DECIDE_HOLD:
		move_outcome_rest(e, r, false);
		/* What it uses is its own affair; all else is the key's. */
		if (d.reason == REASON_IN_USE_UNREAD ||
		    d.reason == REASON_IN_USE_LOST ||
		    d.reason == REASON_NEWEST_OLDER)
			r->outcome = OUTCOME_YIELD;
		break;
	case DECIDE_WAIT:
		if (d.reason == REASON_OBSERVE)
			move_outcome_rest(e, r, false);
		else
			wait_busy(e, r);
		break;
	case DECIDE_UNKNOWN:
		move_outcome_rest(e, r, true);
		if (r->contrary < ENGINE_LOOKS)
			job_at(&e->traffic, &r->job,
			       model_boot(e) + ENGINE_DOUBT_MS, false);
		break;
	case DECIDE_LOOK:
		model_mark_watch(e, r->watch, MARK_ASK);
		move_outcome_rest(e, r, false);
		break;
	case DECIDE_FOLLOW:
	case DECIDE_PIN:
	case DECIDE_RELEASE:
		move_write_want(e, r, d.action);
		break;
	}
	/* It was asked before there was something to look for. */
	if (order_unseen(r) && model_proof(e, r) && r->phase == PHASE_IDLE)
		job_at(&e->traffic, &r->job, model_boot(e), false);
}

/* A LIST has read it just now: its own question, which has not gone out, would
 * bring nothing more. */
static void spare(struct engine *e, struct registry *r)
{
	if (r->read_at != model_boot(e) || !model_read_waits(r))
		return;
	job_cancel(&e->traffic, &r->job);
	move_state_phase(e, r, PHASE_IDLE);
}

void move_judge(struct engine *e, struct registry *r)
{
	const struct seen_version *target = versions_target(r->watch);
	bool back = model_proof(e, r) &&
		    r->facts.provisioning == PROVISIONING_SUCCEEDED &&
		    (r->phase == PHASE_VERIFY || r->maybe);

	spare(e, r);
	if (r->job.where != JOB_REST || r->read_at < 0)
		return;
	if (target && back && !move_effect_read(e, r, target->v.version))
		return;
	act(e, r, move_decide_now(e, r));
}

void move_retarget(struct engine *e, struct registry *r, bool another,
		   bool better)
{
	if (another) {
		r->write_failures = 0;
		if (r->effort)
			r->effort->vain = 0;
		r->futile = false;
	}
	if ((r->phase != PHASE_IDLE && r->phase != PHASE_WAIT) ||
	    r->job.where != JOB_REST || r->read_at < 0 || r->retiring)
		return;
	r->proof = 0;
	/* What was refused of a version that is another one now, or can be
	 * used again, may be accepted.  Whatever else of it has changed, or
	 * alternates between two replicas, our own back-off goes on. */
	if (another || (better && r->refused && !r->denied && !r->futile))
		move_state_clear_error(e, r);
	else if (r->error)
		return;
	model_mark(e, r, MARK_JUDGE);
}

/* Nothing is under way, and it waits for no more than its next read. */
static bool at_rest(const struct registry *r)
{
	return (r->phase == PHASE_IDLE || r->phase == PHASE_WAIT) &&
	       r->job.where == JOB_REST;
}

void move_ask(struct engine *e, struct registry *r)
{
	if (at_rest(r))
		job_at(&e->traffic, &r->job, model_boot(e), false);
}

/*
 * What waits for a back-off of ours has something to show for it: an error, or
 * a verdict that it is gone.  The pace of an operation is Azure's, a read-back
 * in doubt and a second look have their own.
 */
bool move_hurry(struct engine *e, struct registry *r)
{
	bool again = r->phase == PHASE_POLL || r->phase == PHASE_VERIFY ||
		     at_rest(r);

	if (!again || r->job.where != JOB_REST || r->retiring ||
	    !(r->error || r->facts.missing) ||
	    timer_at(&r->job.timer) <= model_boot(e))
		return false;
	job_at(&e->traffic, &r->job, model_boot(e), false);
	return true;
}

void move_in_time(struct engine *e, struct registry *r)
{
	int64_t due;

	/* A retry has its own time. */
	if (!at_rest(r) || (r->error && timer_is_set(&r->job.timer)))
		return;
	due = reading_due(e, r);
	if (due < timer_at(&r->job.timer))
		job_at(&e->traffic, &r->job, due, true);
}

void move_look(struct engine *e, struct registry *r)
{
	bool paused = model_paused(e, r);

	order_due(e, r);
	if (model_absurd_pause(e, model_until(r->pause)))
		model_pause_keep(&r->pause, 0, NULL, NULL);
	/* Nor was it verified in the future, as a saved state may say. */
	if (e->traffic.skew.known && r->verified_at > model_azure(e) + 60000)
		r->verified_at = -1;
	if (r->was_paused && !paused && !r->retiring)
		move_ask(e, r);
	r->was_paused = paused;
	/* We lead now, or it is nobody else who will do it in time. */
	if (r->gated != DECIDE_DONE && !r->retiring &&
	    !move_write_is_gated(e, r, r->gated)) {
		r->gated = DECIDE_DONE;
		move_ask(e, r);
	}
	if (r->owed_at >= 0)
		move_in_time(e, r);
}

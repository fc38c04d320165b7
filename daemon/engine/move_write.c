/* A write that is wanted: may it be made, whose turn is it, and making it. */
#include "engine/move_write.h"

#include "base/text.h"
#include "engine/key.h"
#include "engine/lease.h"
#include "engine/move_outcome.h"
#include "engine/move_question.h"
#include "engine/move_state.h"
#include "engine/note.h"
#include "engine/order.h"
#include "engine/versions.h"
#include "traffic/job.h"

static const char *write_str(enum decide_action a)
{
	if (a == DECIDE_PIN)
		return "the new version";
	return a == DECIDE_RELEASE ? "the unversioned identifier again"
				   : "the unversioned identifier";
}

static void show_write(struct engine *e, struct registry *r,
		       const char *version)
{
	struct call c = { .kind = CALL_PATCH };

	if (text_same(r->wrote, version))
		return; /* shown before */
	intern_set(&e->names, &r->wrote, version);
	note_tell(e, NOTE_DRY_RUN, r->watch, r, version, r->facts.in_use,
		  "Dry run: %s would be written to %s.", write_str(r->writing),
		  r->id);
	move_question_fill(e, &r->job, &c);
	note_show(e, &c);
}

/* For people: what was sent, and what came of it. */
static void remember_sent(const struct engine *e, struct registry *r)
{
	if (!r->sent)
		r->sent = text_alloc(1, sizeof(*r->sent));
	*r->sent = (struct sent){
		.at = model_azure(e),
		.answered = -1,
		.version = trace_read(r->wrote),
		.action = (unsigned char)r->writing,
		.end = SENT_ASKED,
	};
}

/* Whoever leads has had three quarters of the window: a person should look.
 * Of the registries of one key that is told once. */
static void tell_lonely(struct engine *e, const struct watch *w,
			const char *version)
{
	char leader[NOTE_TEXT_MAX / 2];

	lease_say_leader(w->lease, leader, sizeof(leader));
	note_lease(
		e, NOTE_WARNING, w->lease,
		"Only a quarter of the window is left for version %.8s of %s, and nobody has moved all registries to it: this daemon does, though it is standby. As far as it knows, %s%s",
		version, w->base, leader, text_stop(leader));
}

static void write_now(struct engine *e, struct registry *r,
		      enum decide_action action)
{
	const char *version = versions_target(r->watch)->v.version;
	struct effort *x;

	r->writing = r->form = action;
	r->wants = DECIDE_DONE;
	r->maybe = false;
	r->lonely = lease_role(r->watch->lease, model_boot(e)) == ROLE_STANDBY;
	if (e->dry_run) {
		show_write(e, r, version);
		move_outcome_rest(e, r, true);
		return;
	}
	x = move_state_effort(r);
	if (!text_same(r->wrote, version)) {
		/* What was refused or failed was about another one. */
		x->writes = x->vain = 0;
		move_state_clear_error(e, r);
	}
	x->doubt = -1;
	intern_set(&e->names, &r->wrote, version);
	if (r->lonely)
		tell_lonely(e, r->watch, version);
	note_tell(
		e, NOTE_WRITE, r->watch, r, version, r->facts.in_use,
		"Writing %s to %s: version %.8s is wanted, %.8s is in use.%s",
		write_str(action), r->id, version, r->facts.in_use,
		r->lonely
			? " That is done though this daemon is standby: a quarter of the window is left, and nobody has moved it."
			: "");
	note_save(e);
	x->asked_at = model_boot(e);
	remember_sent(e, r);
	move_state_phase(e, r, PHASE_WRITE);
	move_question_urgency(e, r);
	/* What was read for it is not to get old in the queue. */
	if (r->read_at == model_boot(e))
		job_ask_on(&e->traffic, &r->job, CALL_PATCH, r->scope->end,
			   END_WRITE);
	else
		job_ask(&e->traffic, &r->job, CALL_PATCH, r->scope->end,
			END_WRITE);
}

/* Whatever asks for it, a second write for one version has its time.  Going
 * back to the unversioned identifier is the end of the first one, and has a
 * time of its own when it is done again. */
static bool too_soon(const struct engine *e, const struct registry *r,
		     enum decide_action action)
{
	const char *version = versions_target(r->watch)->v.version;

	return (action != DECIDE_RELEASE || r->form == action) &&
	       model_effort(r)->writes > 0 && text_same(r->wrote, version) &&
	       model_boot(e) < model_effort(r)->write_again;
}

/* Until then Azure may show what was before the last write: one of ours, or
 * of a former life. */
static int64_t stale_until(const struct registry *r)
{
	int64_t asked = model_effort(r)->asked_at;
	int64_t last = asked > r->since ? asked : r->since;

	return last + MOVE_WRITE_STALE_MS;
}

/* Its next write has a time; it is read then, and sooner while something of
 * the last one may still show. */
static void wait_to_write(struct engine *e, struct registry *r)
{
	int64_t again = model_effort(r)->write_again;
	int64_t look = model_boot(e) + MOVE_WRITE_STALE_LOOK_MS;

	r->wants = DECIDE_DONE;
	move_question_routine(e, r, PHASE_IDLE);
	if (look < again && look <= stale_until(r))
		again = look;
	if (again < timer_at(&r->job.timer))
		job_at(&e->traffic, &r->job, again, false);
}

bool move_write_is_gated(const struct engine *e, const struct registry *r,
			 enum decide_action action)
{
	return !lease_lets(e, r, action == DECIDE_RELEASE, e->traffic.now);
}

static void leave_it(struct engine *e, struct registry *r,
		     enum decide_action action)
{
	order_fail(e, r, "another daemon leads now");
	move_outcome_rest(e, r, true);
	r->gated = action;
}

void move_write_want(struct engine *e, struct registry *r,
		     enum decide_action action)
{
	/* The last step of a move is done even for one that leaves. */
	bool last = action == DECIDE_RELEASE && model_proof(e, r) &&
		    key_sure(e, r->watch);

	if (r->retiring && last && !model_paused(e, r) &&
	    !move_write_is_gated(e, r, action)) {
		write_now(e, r, action);
	} else if (model_paused(e, r) || r->retiring) {
		move_outcome_rest(e, r, true);
	} else if (move_write_is_gated(e, r, action)) {
		leave_it(e, r, action);
	} else if (too_soon(e, r, action)) {
		wait_to_write(e, r);
	} else {
		r->wants = action; /* it is read on while it waits */
		move_question_routine(e, r, PHASE_WAIT);
	}
}

void move_write_go(struct engine *e, struct registry *r)
{
	enum decide_action action = r->wants;
	struct effort *x = move_state_effort(r);

	if (move_write_is_gated(e, r, action)) {
		leave_it(e, r, action);
		return;
	}
	if (!r->going || x->went_at < 0) {
		x->went_at = model_boot(e);
		x->reads = x->puts = 0;
	}
	r->going = true;
	r->wants = DECIDE_DONE;
	if (model_proof(e, r) && key_sure(e, r->watch))
		write_now(e, r, action);
	else
		move_question_read(e, r, PHASE_READ);
}

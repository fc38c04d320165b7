/* One registry's way from an old version to the wanted one: what comes back
 * of its questions. */
#include <stdlib.h>

#include "base/text.h"
#include "engine/facts.h"
#include "engine/move.h"
#include "engine/move_outcome.h"
#include "engine/move_question.h"
#include "engine/move_state.h"
#include "engine/note.h"
#include "engine/order.h"
#include "engine/versions.h"
#include "traffic/job.h"

#define POLL_DEFAULT_MS 10000 /* an operation without Retry-After */
#define POLL_GROWN_MS 30000
#define POLL_TOLD_MAX_MS 60000 /* an hour's budget bears no longer pause */
#define POLL_LEAST_MS 1000     /* between an answer and the next question */
#define BUSY_MS 10000
#define WRITE_AGAIN_MS INT64_C(1000)
#define WRITE_AGAIN_MAX_MS 10000
#define OPERATION_MAX_MS 1800000 /* then its URL is given up, not the wait */

/* Once for each kind of trouble. */
static void tell_failed(struct engine *e, struct registry *r,
			const struct fault *f)
{
	bool denied = f->kind == FAULT_DENIED || f->kind == FAULT_AUTH;

	if (r->error && r->error->kind == f->kind)
		return;
	r->told_turn = e->turn;
	note_tell(e, denied ? NOTE_BLOCKED : NOTE_FAILED, r->watch, r, NULL,
		  NULL, "%s", f->text);
}

/* ---- GET ---- */

/* One 404 among good answers is no verdict: it is looked at again. */
static bool passes(struct engine *e, struct registry *r, const struct fault *f)
{
	if (f->kind != FAULT_MISSING || r->read_at < 0 || r->facts.missing ||
	    ++r->absent >= ENGINE_LOOKS)
		return false;
	r->wants = DECIDE_DONE;
	r->going = false;
	move_state_phase(e, r,
			 r->phase == PHASE_VERIFY ? PHASE_VERIFY : PHASE_IDLE);
	job_at(&e->traffic, &r->job, model_boot(e) + ENGINE_LOOK_MS, false);
	return true;
}

static void get_failed(struct engine *e, struct registry *r,
		       const struct reply *m)
{
	const struct fault *f = &m->fault;
	enum move_phase phase = r->phase;
	bool denied = f->kind == FAULT_DENIED || f->kind == FAULT_AUTH;

	if (passes(e, r, f))
		return;
	r->lost = f->kind == FAULT_MISSING;
	if (r->lost) {
		facts_missing(e, r);
		r->read_by = m->request;
	} else {
		tell_failed(e, r, f);
	}
	move_outcome_retry(e, r, f);
	if (f->kind == FAULT_MISSING)
		job_at(&e->traffic, &r->job, model_boot(e) + ENGINE_GONE_MS,
		       false);
	r->denied = denied || (r->denied && r->refused);
	/* What was written is still to be read back. */
	if (f->kind != FAULT_MISSING && phase == PHASE_VERIFY)
		move_state_phase(e, r, PHASE_VERIFY);
	else if (!fault_is_transient(f))
		r->outcome = OUTCOME_YIELD;
}

/* It is not what was verified: nothing is told of the version, or it is on one
 * that it has left, or on another key.  A version that nobody knows is Azure's
 * own move, or somebody's. */
static bool contradicts(const struct registry *r, const struct registry_view *v)
{
	const struct watch *w = r->watch;
	const struct registry_facts *f = &r->facts;

	if (v->hidden || !v->encrypted || !v->key_valid ||
	    v->version_in_use[0] == '\0' || !keyid_same_key(&v->key, &w->key))
		return true;
	if (!text_same(v->version_in_use, f->in_use))
		return !v->version_known ||
		       !keyid_same_key(&v->in_use_key, &w->key) ||
		       versions_find(w, v->version_in_use);
	return !text_same(v->key.version, f->pinned);
}

/* One answer that takes back what an earlier GET has verified is no verdict:
 * a replica may lag.  It is looked at again before anything comes of it. */
static bool in_doubt(struct engine *e, struct registry *r,
		     const struct registry_view *v)
{
	if (r->read_at < 0 || r->facts.missing || model_writing(r) ||
	    r->maybe || !versions_on_target(r) ||
	    !text_same(r->proven, r->facts.in_use) || !contradicts(r, v) ||
	    r->contrary + 1 >= ENGINE_LOOKS)
		return false;
	r->contrary++;
	r->wants = DECIDE_DONE;
	r->going = false;
	move_state_phase(e, r, PHASE_IDLE);
	job_at(&e->traffic, &r->job, model_boot(e) + ENGINE_DOUBT_MS, false);
	return true;
}

static void get_good(struct engine *e, struct registry *r,
		     const struct reply *m)
{
	const struct registry_view *v = &m->registry;

	if (r->error && !r->refused && !r->futile)
		move_state_clear_error(e, r);
	r->absent = 0;
	if (in_doubt(e, r, v))
		return;
	facts_take(e, r, v, true);
	r->read_by = m->request;
	if (!r->untold)
		r->contrary = 0;
	else if (r->contrary < ENGINE_LOOKS)
		r->contrary++;
	model_mark(e, r, MARK_JUDGE);
}

/* ---- PATCH and its operation ---- */

static void sent_ends(struct registry *r, enum sent_end end)
{
	if (r->sent)
		r->sent->end = (unsigned char)end;
}

static void sent_answered(const struct engine *e, struct registry *r,
			  const struct reply *m)
{
	bool bad = m->fault.kind != FAULT_NONE;

	if (!r->sent)
		return;
	r->sent->answered = m->answered ? model_azure(e) : -1;
	r->sent->status = (short)m->status;
	r->sent->by = m->request;
	sent_ends(r, !bad	? m->patch.finished ? SENT_DONE : SENT_ACCEPTED
		     : r->maybe ? SENT_LOST
				: SENT_REFUSED);
}

/* Its reads are good: one 404 to a write is no verdict either. */
static bool is_odd(const struct registry *r, const struct fault *f)
{
	return f->kind == FAULT_MISSING && r->write_failures + 1 < ENGINE_LOOKS;
}

static void patch_failed(struct engine *e, struct registry *r,
			 const struct reply *m)
{
	struct fault said = m->fault;
	const struct fault *f = &said;
	bool refused = f->kind == FAULT_REFUSED;
	bool odd = is_odd(r, f);
	bool denied = f->kind == FAULT_DENIED || f->kind == FAULT_AUTH ||
		      (f->kind == FAULT_MISSING && !odd);

	if (odd)
		said.kind = FAULT_TRANSIENT;
	r->told_turn = e->turn;
	note_tell(e, denied ? NOTE_BLOCKED : NOTE_FAILED, r->watch, r, r->wrote,
		  r->facts.in_use, "%s", f->text);
	/* Whatever came back, only a read tells whether it happened. */
	r->maybe = m->maybe_done || fault_is_transient(f) ||
		   f->kind == FAULT_INVALID;
	if (!r->maybe)
		r->writing = DECIDE_DONE;
	r->refused = refused || denied;
	r->denied = denied;
	if (r->refused)
		order_fail(e, r, f->text);
	move_outcome_retry(e, r, f);
	if (refused)
		r->outcome = OUTCOME_REFUSED;
	else if (denied)
		r->outcome = OUTCOME_YIELD;
	if (odd)
		job_at(&e->traffic, &r->job, model_boot(e) + ENGINE_LOOK_MS,
		       false);
}

static void poll_later(struct engine *e, struct registry *r, int64_t told)
{
	int64_t delay = model_effort(r)->op_polls < 3 ? POLL_DEFAULT_MS
						      : POLL_GROWN_MS;

	if (told >= 0)
		delay = told < POLL_TOLD_MAX_MS ? told : POLL_TOLD_MAX_MS;
	if (delay < POLL_LEAST_MS)
		delay = POLL_LEAST_MS;
	move_state_effort(r)->op_again = model_boot(e) + POLL_LEAST_MS;
	if (model_boot(e) - model_effort(r)->op_started > ENGINE_SLOT_MS)
		r->going = false;
	if (model_drags(e, r)) {
		delay = POLL_TOLD_MAX_MS;
		model_mark_watch(e, r->watch, MARK_LOOK);
	}
	move_state_phase(e, r, PHASE_POLL);
	job_at(&e->traffic, &r->job, model_boot(e) + delay, false);
}

/* However it went: the next one for this version waits longer each time. */
static void count_write(struct engine *e, struct registry *r)
{
	struct effort *x = move_state_effort(r);
	int64_t wait = WRITE_AGAIN_MS << (x->writes < 4 ? x->writes : 4);

	x->writes++;
	x->puts++;
	x->write_again =
		model_boot(e) +
		(wait < WRITE_AGAIN_MAX_MS ? wait : WRITE_AGAIN_MAX_MS);
}

static int64_t waited(const struct engine *e, const struct registry *r,
		      const struct reply *m)
{
	int64_t ms = model_boot(e) - model_effort(r)->asked_at - m->rtt_ms;

	return ms > 0 ? ms : 0;
}

static void patch_reply(struct engine *e, struct registry *r,
			const struct reply *m)
{
	count_write(e, r);
	/* What it waited for its budget is no part of what a move takes. */
	if (r->effort->went_at >= 0)
		r->effort->went_at += waited(e, r, m);
	if (m->fault.kind != FAULT_NONE) {
		patch_failed(e, r, m);
		sent_answered(e, r, m);
		return;
	}
	sent_answered(e, r, m);
	move_state_clear_error(e, r);
	move_state_forget_operation(r);
	r->effort->op_started = r->busy_since = model_boot(e);
	note_tell(e, NOTE_ACCEPTED, r->watch, r, r->wrote, r->facts.in_use,
		  "Azure accepted the write to %s%s.", r->id,
		  m->patch.finished ? "" : " and is carrying it out");
	if (m->patch.finished) {
		move_question_read(e, r, PHASE_VERIFY);
		return;
	}
	r->effort->op_url = text_dup(m->patch.operation_url);
	poll_later(e, r, m->patch.retry_after_ms);
}

static void op_failed(struct engine *e, struct registry *r,
		      const struct fault *f)
{
	note_tell(e, NOTE_FAILED, r->watch, r, r->wrote, r->facts.in_use, "%s",
		  f->text);
	move_state_forget_operation(r);
	sent_ends(r, SENT_FAILED);
	r->writing = DECIDE_DONE;
	r->busy_since = -1;
	r->denied = f->kind == FAULT_DENIED;
	r->refused = f->kind == FAULT_REFUSED || r->denied;
	if (r->refused)
		order_fail(e, r, f->text);
	move_outcome_retry(e, r, f);
	if (r->denied)
		r->outcome = OUTCOME_YIELD;
	else if (r->refused)
		r->outcome = OUTCOME_REFUSED;
}

/* The status cannot be had; that says nothing about the operation. */
static void op_unread(struct engine *e, struct registry *r,
		      const struct fault *f)
{
	tell_failed(e, r, f);
	model_fault_keep(e, &r->error, f);
	move_state_effort(r)->op_again = model_boot(e) + POLL_LEAST_MS;
	if (fault_is_transient(f) &&
	    model_boot(e) - model_effort(r)->op_started < OPERATION_MAX_MS) {
		int64_t delay = job_delay(&e->traffic, &r->job, f,
					  move_question_deadline(e, r));

		if (delay < POLL_LEAST_MS)
			delay = POLL_LEAST_MS;
		move_state_phase(e, r, PHASE_POLL);
		job_sleep(&e->traffic, &r->job, delay);
	} else {
		move_state_forget_operation(r);
		move_state_phase(e, r, PHASE_VERIFY);
		job_at(&e->traffic, &r->job, model_boot(e) + BUSY_MS, false);
	}
}

static void op_reply(struct engine *e, struct registry *r,
		     const struct reply *m)
{
	if (m->fault.kind != FAULT_NONE) {
		op_unread(e, r, &m->fault);
		return;
	}
	if (m->operation.status == OPERATION_SUCCEEDED) {
		move_state_forget_operation(r);
		sent_ends(r, SENT_DONE);
		move_question_read(e, r, PHASE_VERIFY);
		return;
	}
	if (m->operation.status != OPERATION_RUNNING) {
		op_failed(e, r, &m->operation.error);
		return;
	}
	if (m->operation.operation_url) {
		free(move_state_effort(r)->op_url);
		r->effort->op_url = text_dup(m->operation.operation_url);
	}
	move_state_effort(r)->op_polls++;
	if (model_boot(e) - model_effort(r)->op_started > OPERATION_MAX_MS)
		move_state_forget_operation(r);
	poll_later(e, r, m->operation.retry_after_ms);
}

/* ---- its time has come, or something came in ---- */

static void due(struct engine *e, struct registry *r)
{
	if (r->phase == PHASE_POLL && model_effort(r)->op_url) {
		/* Whoever is in a hurry, and whatever the server said. */
		if (model_boot(e) < r->effort->op_again) {
			job_at(&e->traffic, &r->job, r->effort->op_again,
			       false);
			return;
		}
		move_state_phase(e, r, PHASE_POLLING);
		move_question_urgency(e, r);
		r->effort->reads++;
		job_ask(&e->traffic, &r->job, CALL_OPERATION, r->scope->end,
			END_READ);
		return;
	}
	move_question_read(e, r,
			   r->phase == PHASE_POLL || r->phase == PHASE_VERIFY
				   ? PHASE_VERIFY
				   : PHASE_READ);
}

/* A running mean of how long an answer takes. */
static void time_answer(struct engine *e, const struct reply *m)
{
	double *ms = &e->pace.rtt_ms;

	if (m->rtt_ms > 0)
		*ms += ((double)m->rtt_ms - *ms) / (*ms > 0 ? 16 : 1);
}

static void answer(struct engine *e, struct registry *r, const struct reply *m)
{
	time_answer(e, m);
	if (r->job.ask == CALL_PATCH)
		patch_reply(e, r, m);
	else if (r->job.ask == CALL_OPERATION)
		op_reply(e, r, m);
	else if (m->fault.kind != FAULT_NONE)
		get_failed(e, r, m);
	else
		get_good(e, r, m);
}

void move_take(struct engine *e, struct registry *r, const struct value *v)
{
	switch (v->kind) {
	case VALUE_DUE:
		due(e, r);
		break;
	case VALUE_ANSWER:
		answer(e, r, v->reply);
		break;
	case VALUE_NO_TOKEN:
		if (!r->refused)
			model_fault_keep(e, &r->error, v->fault);
		break;
	case VALUE_UNTRUE:
		/* Nothing was written; what is true now is read first. */
		if (model_effort(r)->went_at >= 0)
			r->effort->went_at +=
				model_boot(e) - r->effort->asked_at;
		r->writing = DECIDE_DONE;
		move_question_read(e, r, PHASE_READ);
		break;
	case VALUE_TIMER:
	case VALUE_NEWS:
		break;
	}
	model_mark(e, r, MARK_LOOK);
}

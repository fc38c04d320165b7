/* How an attempt ends: verified, out of the others' way, or tried again. */
#include "engine/move_outcome.h"

#include "base/text.h"
#include "engine/move_question.h"
#include "engine/move_state.h"
#include "engine/note.h"
#include "engine/versions.h"
#include "traffic/job.h"

#define PACE_SEEN 32 /* moves that a mean is taken of */

/* Seconds: a window is ten minutes to seven days, and one hour as a rule. */
int64_t move_outcome_bound(size_t i)
{
	static const int bounds[ENGINE_ADOPTIONS - 1] = {
		30,   60,   120,  300,	 600,	900,
		1800, 2700, 3600, 10800, 86400, 604800,
	};

	return i < ENGINE_ADOPTIONS - 1 ? (int64_t)bounds[i] * 1000 : INT64_MAX;
}

static void count_adoption(struct engine *e, int64_t took)
{
	struct adoptions *a = &e->adoptions;
	size_t i = 0;

	while (took > move_outcome_bound(i))
		i++;
	a->within[i]++;
	a->n++;
	a->sum_ms += took > 0 ? took : 0;
}

static void tell_verified(struct engine *e, struct registry *r)
{
	const struct seen_version *s = versions_target(r->watch);
	int64_t took = model_azure(e) - versions_effective(r->watch, s);
	int64_t late = took - e->config->window_ms;
	char text[32];

	if (r->watch->mode == WATCH_MANUAL) {
		note_tell(
			e, NOTE_VERIFIED, r->watch, r, s->v.version, r->proven,
			"Registry %s is verified on version %.8s, which its watch names.",
			r->id, s->v.version);
		return;
	}
	count_adoption(e, took);
	text_duration(text, sizeof(text), took);
	note_tell(
		e, NOTE_VERIFIED, r->watch, r, s->v.version, r->proven,
		"Registry %s is verified on version %.8s, %s after it became effective.",
		r->id, s->v.version, text);
	if (late <= 0)
		return;
	text_duration(text, sizeof(text), late);
	note_tell(e, NOTE_LATE, r->watch, r, s->v.version, NULL,
		  "Registry %s was late by %s: the window had ended.", r->id,
		  text);
}

/* What a move takes: the mean of the first ones, then of those of late. */
static void measure(struct engine *e, struct registry *r)
{
	const struct effort *x = model_effort(r);
	struct pace *p = &e->pace;
	double part;

	if (x->went_at < 0 || r->writing == DECIDE_DONE)
		return;
	if (p->seen < PACE_SEEN)
		p->seen++;
	part = 1.0 / p->seen;
	p->op_ms += (int64_t)(part *
			      (double)(model_boot(e) - x->went_at - p->op_ms));
	p->reads += part * ((double)x->reads - p->reads);
	p->puts += part * ((double)x->puts - p->puts);
}

void move_outcome_done(struct engine *e, struct registry *r)
{
	bool news = !text_same(r->proven, r->facts.in_use);

	measure(e, r);
	move_state_rest(e, r);
	if (news && r->proven[0] != '\0')
		tell_verified(e, r);
	intern_set(&e->names, &r->proven, r->facts.in_use);
	r->verified_at = r->read_azure;
	r->writing = r->wants = DECIDE_DONE;
	intern_set(&e->names, &r->wrote, "");
	r->write_failures = 0;
	r->maybe = r->going = r->futile = false;
	r->outcome = OUTCOME_PASSED;
	move_state_clear_error(e, r);
	if (news)
		note_save(e);
	move_question_routine(e, r, PHASE_IDLE);
}

void move_outcome_rest(struct engine *e, struct registry *r, bool yields)
{
	r->writing = r->wants = DECIDE_DONE;
	r->maybe = r->going = false;
	if (yields) {
		/* What is in the way now is another thing than the last
		 * refusal. */
		move_state_clear_error(e, r);
		r->outcome = OUTCOME_YIELD;
	}
	move_question_routine(e, r, PHASE_IDLE);
}

void move_outcome_retry(struct engine *e, struct registry *r,
			const struct fault *f)
{
	int64_t delay;

	r->wants = DECIDE_DONE;
	r->going = false;
	if (r->effort)
		r->effort->went_at = -1;
	model_fault_keep(e, &r->error, f);
	r->write_failures++;
	r->job.failures = r->write_failures - 1;
	delay = job_delay(&e->traffic, &r->job, f,
			  move_question_deadline(e, r));
	move_state_phase(e, r, PHASE_IDLE);
	if (fault_is_transient(f))
		job_sleep(&e->traffic, &r->job, delay);
	else
		job_at(&e->traffic, &r->job, model_boot(e) + delay, false);
}

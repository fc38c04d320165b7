/* What is asked for a registry, when, and whether it is still true. */
#include "engine/move_question.h"

#include "base/text.h"
#include "engine/key.h"
#include "engine/lease.h"
#include "engine/move_decide.h"
#include "engine/move_state.h"
#include "engine/order.h"
#include "engine/reading.h"
#include "engine/versions.h"
#include "traffic/job.h"

#define SEND_AGE_MS 30000 /* facts that a write may be based on */

int64_t move_question_deadline(const struct engine *e, const struct registry *r)
{
	int64_t d = versions_deadline(e, r->watch);

	return d < 0 ? BACKOFF_NO_DEADLINE : d;
}

void move_question_urgency(const struct engine *e, struct registry *r)
{
	int64_t d = versions_deadline(e, r->watch);

	r->job.urgency = d >= 0 && !versions_on_target(r) ? d : INT64_MAX;
}

void move_question_fill(const void *world, const struct job *j, struct call *c)
{
	const struct registry *r = j->owner;

	(void)world;
	c->registry = model_place(r);
	c->url = model_effort(r)->op_url;
	c->sought = order_seeks(r);
	if (c->kind != CALL_PATCH)
		return;
	c->key = r->watch->key;
	c->key.version[0] = '\0';
	if (r->writing == DECIDE_PIN)
		text_copy(c->key.version, sizeof(c->key.version), r->wrote);
	text_copy(c->identity, sizeof(c->identity),
		  order_reader(r->order) ? order_reader(r->order)
					 : r->facts.identity);
}

/* The version was refused for its own sake to the one that went first, while
 * this one waited: it would be in vain here too. */
static bool others_refused(const struct registry *r)
{
	const struct watch *w = r->watch;

	return w->canary_first && w->canary_state == CANARY_REFUSED &&
	       text_same(w->canary_version, r->wrote) && w->canary != r &&
	       !versions_on_target(r);
}

/* A write that waited may be out of date by now, or its registry gone from
 * the file: then only the last step of a move is still made. */
static bool still_true(const void *world, const struct job *j,
		       struct instant now)
{
	const struct engine *e = world;
	const struct registry *r = j->owner;
	const struct seen_version *t = versions_target(r->watch);

	if (j->ask != CALL_PATCH)
		return true;
	if (r->retiring && r->writing != DECIDE_RELEASE)
		return false;
	return t && text_same(t->v.version, r->wrote) &&
	       key_sure(e, r->watch) && !model_paused(e, r) &&
	       lease_lets(e, r, r->writing == DECIDE_RELEASE, now) &&
	       now.boot - r->read_at <= SEND_AGE_MS && !others_refused(r) &&
	       move_decide_now(e, r).action == r->writing;
}

const struct job_kind move_question_kind = { move_question_fill, still_true };

void move_question_read(struct engine *e, struct registry *r,
			enum move_phase phase)
{
	move_state_phase(e, r, phase);
	move_question_urgency(e, r);
	if (r->effort)
		r->effort->reads++;
	job_ask(&e->traffic, &r->job, CALL_REGISTRY, r->scope->end, END_READ);
}

void move_question_routine(struct engine *e, struct registry *r,
			   enum move_phase phase)
{
	int64_t boot = model_boot(e), next = reading_due(e, r);
	int64_t deadline = versions_deadline(e, r->watch);

	move_state_phase(e, r, phase);
	/* Azure may have done it by itself just in time: say what is true. */
	if (deadline >= 0 && !versions_on_target(r) &&
	    deadline > model_azure(e) &&
	    model_boot_of(e, deadline) - 1000 < next)
		next = model_boot_of(e, deadline) - 1000;
	if (next <= boot)
		next = boot + 1000;
	job_at(&e->traffic, &r->job, next, true);
}

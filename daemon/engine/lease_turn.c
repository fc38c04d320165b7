/* Something happened to a lease: its answer, its timer, a pause. */
#include "engine/lease_turn.h"

#include <inttypes.h>

#include "engine/lease.h"
#include "engine/lease_life.h"
#include "engine/lease_outage.h"
#include "engine/lease_question.h"
#include "engine/lease_settle.h"
#include "engine/lease_step.h"
#include "traffic/job.h"

void lease_turn_take(struct engine *e, struct lease *l, const struct value *v)
{
	/* Whatever came: who has slept does not lead by what was before. */
	lease_settle_role(e, l);
	switch (v->kind) {
	case VALUE_DUE:
		lease_question_due(e, l);
		break;
	case VALUE_ANSWER:
		if (l->leaving || l->ending)
			job_cancel(&e->traffic, &l->job);
		else
			lease_step_answer(e, l, v->reply, v->sent);
		break;
	case VALUE_NO_TOKEN: /* it goes on waiting, or is timed */
		lease_outage_add(e, l, v->fault);
		break;
	case VALUE_UNTRUE:
		lease_question_later(e, l);
		break;
	case VALUE_TIMER:
	case VALUE_NEWS:
		break;
	}
	if (l->leaving && l->job.where == JOB_REST) {
		lease_life_gone(e, l);
		return;
	}
	lease_settle_role(e, l);
	lease_settle_arm(e, l);
}

/* It was asked in good time, and nothing came.  Late is whoever slept: that
 * tells nothing of the service. */
static void overdue(struct engine *e, struct lease *l)
{
	bool slept = model_boot(e) - l->overdue_at > lease_third(l);
	bool waits = l->job.where == JOB_TOKEN;
	struct fault f = fault_none();

	fault_set(&f, FAULT_TRANSIENT, 0, "%s within %" PRId64 " s.",
		  waits ? "no token for its service was to be had"
			: "its service has not answered",
		  lease_third(l) / 1000);
	if (l->leaving || l->ending) {
		job_cancel(&e->traffic, &l->job);
		return;
	}
	if (!slept && !(waits && l->unanswered))
		lease_outage_add(e, l, &f);
	else if (!slept && lease_outage_is(l->error))
		l->facts.failed_at = model_boot(e);
	l->overdue_at = model_boot(e) + lease_third(l);
	if (waits)
		return;
	job_cancel(&e->traffic, &l->job);
	lease_question_due(e, l);
}

void lease_turn_rang(struct engine *e, struct lease *l)
{
	lease_settle_role(e, l);
	if (l->job.where != JOB_REST && model_boot(e) >= l->overdue_at)
		overdue(e, l);
	if (l->leaving && l->job.where == JOB_REST) {
		lease_life_gone(e, l);
		return;
	}
	lease_settle_role(e, l);
	lease_settle_arm(e, l);
}

void lease_turn_paused(struct engine *e)
{
	struct lease *l;

	TAILQ_FOREACH(l, &e->leases, link)
		if (l->job.where == JOB_REST && !l->leaving && !l->ending)
			lease_question_at(e, l, model_boot(e));
}

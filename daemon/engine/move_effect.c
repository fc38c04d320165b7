/* What was written, held against what is read back. */
#include "engine/move_effect.h"

#include "base/text.h"
#include "engine/move_outcome.h"
#include "engine/move_state.h"
#include "engine/move_write.h"
#include "engine/note.h"
#include "engine/order.h"
#include "engine/versions.h"
#include "traffic/job.h"

/*
 * Azure said yes, and yet nothing came of it.  A form of write that has done
 * nothing twice is given up for the other one, and then for an alarm.
 */
static void in_vain(struct engine *e, struct registry *r, const char *target)
{
	struct fault f = fault_none();
	struct effort *x = move_state_effort(r);
	bool twice = ++x->vain >= 2;

	if (twice && r->writing == DECIDE_FOLLOW) {
		intern_set(&e->names, &x->tried, target);
		x->vain = 0;
	} else if (twice) {
		r->futile = true;
	}
	/* A person has to look: as slow as for a denial. */
	fault_set(
		&f, r->futile ? FAULT_REFUSED : FAULT_TRANSIENT, 0,
		"Azure accepted the write to %s, but its key settings did not change; it is tried again%s.",
		r->id, r->futile ? " in some minutes" : "");
	r->writing = DECIDE_DONE;
	r->busy_since = -1;
	note_tell(e, NOTE_FAILED, r->watch, r, r->wrote, NULL, "%s", f.text);
	if (r->futile)
		order_fail(
			e, r,
			"Azure accepted what was written, and nothing changed");
	move_outcome_retry(e, r, &f);
	/* Whatever reads it sooner, be it a LIST or a person's poll. */
	x->write_again = timer_at(&r->job.timer);
	if (r->futile)
		r->outcome = OUTCOME_YIELD;
}

bool move_effect_read(struct engine *e, struct registry *r, const char *target)
{
	struct decide_effect in = {
		.facts = &r->facts,
		.writing = r->writing,
		.wrote = r->wrote,
		.target = target,
		.reader = order_reader(r->order),
	};
	enum decide_came came = decide_effect(&in);
	int64_t boot = model_boot(e), age;

	if (came != CAME_TRUE && !r->maybe) {
		/* What Azure shows may be older than the write. */
		struct effort *x = move_state_effort(r);

		if (x->doubt < 0)
			x->doubt = boot;
		age = boot - x->doubt;
		if (age < MOVE_WRITE_STALE_MS) {
			int64_t delay = age > MOVE_WRITE_STALE_LOOK_MS
						? age
						: MOVE_WRITE_STALE_LOOK_MS;

			if (delay > MOVE_WRITE_STALE_MS - age)
				delay = MOVE_WRITE_STALE_MS - age;
			move_state_phase(e, r, PHASE_VERIFY);
			job_at(&e->traffic, &r->job, boot + delay, false);
			return false;
		}
	}
	/* Pinning is next.  After a lost answer this cannot be told from a
	 * write that never came; pinning is right in both cases. */
	if (came == CAME_IGNORED)
		intern_set(&e->names, &move_state_effort(r)->tried, target);
	if (came == CAME_TO_NOTHING && !r->maybe) {
		in_vain(e, r, target);
		return false;
	}
	if (!versions_on_target(r) || r->facts.pinned[0] == '\0')
		r->maybe = false;
	return true;
}

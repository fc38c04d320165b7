/* Which role a lease gives, and the turn from one to the other. */
#include "engine/lease_settle.h"

#include "engine/lease_say.h"
#include "traffic/timer.h"

static void mark_all(struct engine *e, const struct lease *l)
{
	struct registry *r;
	struct watch *w;

	TAILQ_FOREACH(w, &e->watches, link) {
		e->looks++;
		if (w->lease != l)
			continue;
		model_mark_watch(e, w, MARK_LOOK);
		TAILQ_FOREACH(r, &w->registries, watch_link) {
			e->looks++;
			model_mark(e, r, MARK_LOOK);
		}
	}
}

/* Who held it until now, be it ourselves, is not who holds it next. */
void lease_settle_forget(struct lease *l)
{
	l->holder = (struct lease_holder){ .host = "" };
	l->looked_at = -1;
}

/* Our role now, by what is known.  Who has not led for a moment has to be told
 * anew that it does. */
void lease_settle_role(struct engine *e, struct lease *l)
{
	struct lease_verdict v = lease_role_of(&l->facts, model_boot(e));
	bool turned = v.role != l->role, unsure = v.confirmed != l->confirmed;

	if (v.role == ROLE_STANDBY && l->facts.word == LEASE_OURS) {
		l->facts.word = LEASE_UNHEARD;
		lease_settle_forget(l);
	}
	l->role = v.role;
	l->confirmed = v.confirmed;
	if (turned) {
		l->since = model_azure(e);
		l->changes++;
		l->role_told = v.role == ROLE_LEADER;
		mark_all(e, l);
		if (v.role == ROLE_LEADER)
			lease_say_leading(e, l);
	} else if (unsure) {
		lease_say_confirmed(e, l);
	}
	/* A pass may have waited for that. */
	if (l->heard != l->was_heard)
		mark_all(e, l);
	l->was_heard = l->heard;
	lease_say_other(e, l);
}

/* The next moment that matters, besides its job's own. */
void lease_settle_arm(struct engine *e, struct lease *l)
{
	struct lease_verdict v = lease_role_of(&l->facts, model_boot(e));
	int64_t at = v.until;

	if (l->job.where != JOB_REST && l->overdue_at < at)
		at = l->overdue_at;
	timer_set(&e->traffic.timers, &l->timer, at);
}

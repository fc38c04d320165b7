/* What the answer to each question of a lease makes of it. */
#include "engine/lease_step.h"

#include "base/text.h"
#include "engine/lease.h"
#include "engine/lease_outage.h"
#include "engine/lease_question.h"
#include "engine/lease_settle.h"
#include "engine/note.h"
#include "traffic/job.h"

#define REST_PACES 3 /* so long the one that is preferred has for itself */

/* What an answer to each step says of others that have failed.  Who may read
 * may not write for that, and the other way round.  That a blob is to be made,
 * or a lease to be let go of, is over when anything else is answered. */
static const unsigned proven[] = {
	[LEASE_MAKE] = LEASE_OUTAGE_BIT(LEASE_MAKE) |
		       LEASE_OUTAGE_BIT(LEASE_RELEASE),
	[LEASE_ACQUIRE] =
		LEASE_OUTAGE_BIT(LEASE_MAKE) | LEASE_OUTAGE_BIT(LEASE_RELEASE) |
		LEASE_OUTAGE_BIT(LEASE_ACQUIRE) | LEASE_OUTAGE_BIT(LEASE_RENEW),
	[LEASE_RENEW] =
		LEASE_OUTAGE_BIT(LEASE_MAKE) | LEASE_OUTAGE_BIT(LEASE_RELEASE) |
		LEASE_OUTAGE_BIT(LEASE_ACQUIRE) | LEASE_OUTAGE_BIT(LEASE_RENEW),
	[LEASE_RELEASE] = LEASE_OUTAGE_BIT(LEASE_MAKE) |
			  LEASE_OUTAGE_BIT(LEASE_RELEASE),
	[LEASE_TELL] = LEASE_OUTAGE_BIT(LEASE_MAKE) |
		       LEASE_OUTAGE_BIT(LEASE_RELEASE) |
		       LEASE_OUTAGE_BIT(LEASE_TELL),
	[LEASE_LOOK] = LEASE_OUTAGE_BIT(LEASE_MAKE) |
		       LEASE_OUTAGE_BIT(LEASE_RELEASE) |
		       LEASE_OUTAGE_BIT(LEASE_LOOK),
};

/* The blob is there no more, or never was: that is an answer. */
static bool makes(struct engine *e, struct lease *l, const struct fault *f)
{
	int64_t boot = model_boot(e);

	if (f->kind != FAULT_MISSING ||
	    !text_same(f->azure_code, "BlobNotFound") ||
	    l->asked == LEASE_MAKE || l->asked == LEASE_RELEASE ||
	    (l->made_at >= 0 && boot - l->made_at < lease_pace(l)))
		return false;
	/* Whether it can be made is not said by that. */
	lease_outage_answered(e, l, LEASE_OUTAGE_BIT(l->asked));
	if (l->facts.word == LEASE_OURS)
		l->facts.word = LEASE_UNHEARD;
	lease_settle_forget(l);
	lease_question_ask(e, l, LEASE_MAKE);
	return true;
}

/* A standby asks on at its usual pace, whatever came: the right may come back
 * as suddenly as an answer, and then it has to be in time for a leader that
 * dies.  One question in a pace is asked in any case. */
static void failed(struct engine *e, struct lease *l, const struct fault *f)
{
	int64_t most = l->facts.word == LEASE_OURS ? lease_third(l)
						   : lease_pace(l),
		delay;

	if (makes(e, l, f))
		return;
	lease_outage_add(e, l, f);
	/* Who may not look is answered all the same, and asks for it. */
	if (l->asked == LEASE_LOOK && !fault_is_transient(f))
		l->unanswered = false;
	delay = job_delay(&e->traffic, &l->job, f, BACKOFF_NO_DEADLINE);
	lease_question_at(e, l, model_boot(e) + (delay < most ? delay : most));
}

static void lost(struct engine *e, struct lease *l, const struct reply *r)
{
	l->facts.word = r->lease.held ? LEASE_ANOTHERS : LEASE_UNHEARD;
	lease_settle_forget(l);
	lease_question_ask(e, l, LEASE_LOOK);
}

static bool looked_lately(const struct engine *e, const struct lease *l)
{
	return l->looked_at >= 0 &&
	       model_boot(e) - l->looked_at < l->facts.duration_ms;
}

static void take_held(struct lease *l, int64_t sent)
{
	bool anew = l->facts.word != LEASE_OURS;

	l->facts.word = LEASE_OURS;
	l->facts.held_until = sent + l->facts.duration_ms;
	l->resized = false;
	if (!anew)
		return;
	l->told = false;
	l->wanted_at = -1;
	l->rest_until = 0;
}

static void take_acquired(struct engine *e, struct lease *l,
			  const struct reply *r, int64_t sent)
{
	l->heard = true;
	if (r->lease.ours) {
		take_held(l, sent);
		lease_settle_role(e, l); /* since when is to be told */
		lease_question_tell(e, l);
		return;
	}
	if (l->facts.word == LEASE_OURS) {
		lost(e, l, r);
		return;
	}
	l->facts.word = LEASE_ANOTHERS;
	if (looked_lately(e, l))
		lease_question_later(e, l);
	else
		lease_question_ask(e, l, LEASE_LOOK);
}

static void take_renewed(struct engine *e, struct lease *l,
			 const struct reply *r, int64_t sent)
{
	if (!r->lease.ours) {
		lost(e, l, r);
		return;
	}
	take_held(l, sent);
	if (!l->told)
		lease_question_tell(e, l);
	else if (!looked_lately(e, l))
		lease_question_ask(e, l, LEASE_LOOK);
	else
		lease_question_renew(e, l);
}

static void take_told(struct engine *e, struct lease *l, const struct reply *r)
{
	if (l->wishing) {
		l->wanted_at = model_boot(e);
		lease_question_later(e, l);
	} else if (l->facts.word != LEASE_OURS) {
		lease_question_later(e, l);
	} else if (!r->lease.ours) {
		lost(e, l, r);
	} else {
		l->told = true;
		l->holder = l->teller;
		l->looked_at = model_boot(e);
		lease_question_renew(e, l);
	}
	l->wishing = false;
}

/* We hold it, and this is what people are told. */
static void look_as_holder(struct engine *e, struct lease *l,
			   const struct reply *r)
{
	const struct lease_holder *h = &r->lease.holder;
	bool ours = r->lease.told && text_same(h->id, l->id);
	bool wanted = h->wanted_id[0] && !text_same(h->wanted_id, l->id);

	if (!r->lease.held) {
		lease_question_ask(e, l, LEASE_RENEW);
	} else if (!ours || (wanted && l->prefer)) {
		lease_question_tell(e, l);
	} else if (wanted && lease_is_idle(e, l)) {
		note_lease(
			e, NOTE_STANDBY, l,
			"This daemon lets go of lease \"%s\": %s is preferred, and asks for it.",
			l->name,
			h->wanted_host[0] ? h->wanted_host : "another daemon");
		l->rest_until = model_boot(e) + REST_PACES * lease_pace(l);
		lease_question_let_go(e, l);
	} else {
		if (wanted)
			l->looked_at = -1; /* as soon as it may */
		lease_question_renew(e, l);
	}
}

/* Its holder is known, nobody has asked him for it, and we would act. */
static bool is_to_wish(const struct engine *e, const struct lease *l,
		       const struct reply *r)
{
	const struct lease_holder *h = &r->lease.holder;

	return r->lease.held && l->prefer && r->lease.told && h->id[0] &&
	       !text_same(h->id, l->id) && !h->wanted_id[0] &&
	       !lease_is_paused(e, l);
}

static void look_as_other(struct engine *e, struct lease *l,
			  const struct reply *r)
{
	const struct lease_holder *h = &r->lease.holder;
	int64_t boot = model_boot(e);
	bool wishes;

	/* Where our own name stands we have led before; and whoever led until
	 * it was free leads no more. */
	if (!r->lease.held) {
		l->facts.word = LEASE_FREE;
		l->holder = (struct lease_holder){ .host = "" };
	} else {
		l->facts.word = LEASE_ANOTHERS;
		l->rest_until = 0; /* the one that we made room for has it */
		if (r->lease.told && !text_same(h->id, l->id))
			l->holder = *h;
	}
	wishes = is_to_wish(e, l, r);
	if (!wishes) /* whatever came of the last wish */
		lease_outage_works(e, l, LEASE_OUTAGE_BIT(LEASE_TELL));
	if (!r->lease.held && boot >= l->rest_until && !lease_is_paused(e, l))
		lease_question_ask(e, l, LEASE_ACQUIRE);
	else if (wishes && (l->wanted_at < 0 ||
			    boot - l->wanted_at >= l->facts.duration_ms))
		lease_question_wish(e, l);
	else
		lease_question_later(e, l);
}

static void take_looked(struct engine *e, struct lease *l,
			const struct reply *r)
{
	l->looked_at = model_boot(e);
	l->known_at = model_azure(e);
	l->heard = l->heard || r->lease.held;
	if (l->facts.word == LEASE_OURS)
		look_as_holder(e, l, r);
	else
		look_as_other(e, l, r);
}

void lease_step_answer(struct engine *e, struct lease *l, const struct reply *r,
		       int64_t sent)
{
	if (r->fault.kind != FAULT_NONE) {
		failed(e, l, &r->fault);
		return;
	}
	lease_outage_answered(e, l, proven[l->asked]);
	switch (l->asked) {
	case LEASE_MAKE:
		l->made_at = model_boot(e);
		if (lease_is_paused(e, l))
			lease_question_later(e, l);
		else
			lease_question_ask(e, l, LEASE_ACQUIRE);
		break;
	case LEASE_ACQUIRE:
		take_acquired(e, l, r, sent);
		break;
	case LEASE_RENEW:
		take_renewed(e, l, r, sent);
		break;
	case LEASE_TELL:
		take_told(e, l, r);
		break;
	case LEASE_LOOK:
		take_looked(e, l, r);
		break;
	case LEASE_RELEASE:
		lease_question_later(e, l);
		break;
	}
}

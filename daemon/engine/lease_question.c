/* The questions of a lease: which is asked, what it says, and when. */
#include "engine/lease_question.h"

#include "base/text.h"
#include "engine/lease.h"
#include "engine/lease_settle.h"
#include "engine/note.h"
#include "traffic/job.h"

static void fill(const void *world, const struct job *j, struct call *c)
{
	const struct lease *l = j->owner;

	c->at = model_azure(world);
	c->url = l->url;
	c->lease_step = l->asked;
	c->lease_id = l->wishing ? l->holder.id : l->id;
	c->lease_s = (int)(l->facts.duration_ms / 1000);
	c->holder = &l->teller;
}

const struct job_kind lease_question_kind = { fill, NULL };

void lease_question_ask(struct engine *e, struct lease *l, enum lease_step step)
{
	l->asked = step;
	l->overdue_at = model_boot(e) + lease_third(l);
	/* Whatever else waits has more time. */
	l->job.urgency = model_azure(e);
	job_ask(&e->traffic, &l->job, CALL_LEASE, l->end, END_READ);
}

void lease_question_at(struct engine *e, struct lease *l, int64_t boot)
{
	job_at(&e->traffic, &l->job, boot, false);
}

void lease_question_later(struct engine *e, struct lease *l)
{
	lease_question_at(e, l, model_boot(e) + lease_pace(l));
}

/* A third after the question that was answered last. */
void lease_question_renew(struct engine *e, struct lease *l)
{
	lease_question_at(e, l, l->facts.held_until - 2 * lease_third(l));
}

/* A lease that was had without our knowing is not to be had again and again by
 * questions of which we never hear: the others could not have it. */
static bool is_unanswered(const struct lease *l)
{
	return l->unanswered;
}

/* That we hold it, and nobody wants it. */
void lease_question_tell(struct engine *e, struct lease *l)
{
	struct lease_holder *h = &l->teller;

	*h = (struct lease_holder){ .host = "" };
	text_copy(h->host, sizeof(h->host), e->host);
	text_copy(h->version, sizeof(h->version), e->version);
	text_copy(h->id, sizeof(h->id), l->id);
	text_time(h->since, sizeof(h->since), l->since);
	lease_question_ask(e, l, LEASE_TELL);
}

/* That we want it, beside who holds it: whoever looks goes on to read that. */
void lease_question_wish(struct engine *e, struct lease *l)
{
	struct lease_holder *h = &l->teller;

	l->wishing = true;
	*h = l->holder;
	text_copy(h->wanted_host, sizeof(h->wanted_host), e->host);
	text_copy(h->wanted_id, sizeof(h->wanted_id), l->id);
	lease_question_ask(e, l, LEASE_TELL);
}

/* We lead no more from now on, whatever comes of it. */
void lease_question_let_go(struct engine *e, struct lease *l)
{
	l->facts.word = LEASE_FREE;
	lease_settle_forget(l);
	lease_question_ask(e, l, LEASE_RELEASE);
}

static void leave_to_others(struct engine *e, struct lease *l)
{
	note_lease(
		e, NOTE_STANDBY, l,
		"This daemon lets go of lease \"%s\": all that is under it is paused by hand, and another daemon that shares it may act.",
		l->name);
	lease_question_let_go(e, l);
}

void lease_question_due(struct engine *e, struct lease *l)
{
	bool ours = l->facts.word == LEASE_OURS, paused;

	l->wishing = false;
	if (e->dry_run || l->leaving || l->ending)
		return;
	paused = lease_is_paused(e, l);
	if (ours && paused && !lease_is_writing(e, l))
		leave_to_others(e, l);
	else if (ours && !l->resized)
		lease_question_ask(e, l, LEASE_RENEW);
	else if (model_boot(e) < l->rest_until || is_unanswered(l) ||
		 (paused && !ours))
		lease_question_ask(e, l, LEASE_LOOK);
	else
		lease_question_ask(e, l, LEASE_ACQUIRE);
}

/* When the service of a lease cannot be asked, and when it can again. */
#include "engine/lease_outage.h"

#include "base/text.h"
#include "engine/note.h"

/* These steps can be done, or are called for no more: the outage is over when
 * none is left that failed. */
void lease_outage_works(struct engine *e, struct lease *l, unsigned steps)
{
	l->failed &= ~steps;
	if (l->failed || !l->error)
		return;
	l->failures = 0;
	model_fault_keep(e, &l->error, NULL);
	l->failing_since = -1;
	note_lease(e, NOTE_WARNING, l,
		   "The service of lease \"%s\" answers again.", l->name);
}

/* It was answered, whatever the answer is. */
void lease_outage_answered(struct engine *e, struct lease *l, unsigned steps)
{
	l->unanswered = false;
	l->facts.failed_at = -1;
	lease_outage_works(e, l, steps);
}

/* Nobody else can have it either: no answer, or there is no such place.  What
 * is refused is refused to us, and another may come to lead by the lease.
 * That waiting helps (fault_is_transient) is another question: for a container
 * that is missing a person has to act, and yet nobody leads by it. */
bool lease_outage_is(const struct fault *f)
{
	return fault_is_transient(f) || f->kind == FAULT_MISSING;
}

static const char *consequence(const struct lease *l, const struct fault *f)
{
	if (l->facts.word != LEASE_OURS)
		return "What is under it is written by this daemon only if a quarter of its window is left.";
	return lease_outage_is(f) || l->asked == LEASE_TELL ||
			       l->asked == LEASE_LOOK
		       ? "This daemon goes on as the leader."
		       : "This daemon leads no more once the lease has run out.";
}

void lease_outage_add(struct engine *e, struct lease *l, const struct fault *f)
{
	bool same = l->error && l->error->kind == f->kind;

	l->failures++;
	l->failed |= LEASE_OUTAGE_BIT(l->asked);
	l->unanswered = true;
	l->heard = l->heard || l->failures >= ENGINE_TRIES ||
		   !fault_is_transient(f);
	l->facts.failed_at = lease_outage_is(f) ? model_boot(e) : -1;
	if (!l->error)
		l->failing_since = model_azure(e);
	model_fault_keep(e, &l->error, f);
	if (same)
		return;
	note_lease(e, NOTE_WARNING, l, "Lease \"%s\": %s%s %s", l->name,
		   f->text, text_stop(f->text), consequence(l, f));
}

/* A registry's state and warnings, in sentences, when they are others. */
#include "engine/health_note.h"

#include "base/text.h"
#include "engine/note.h"

static void tell_dragging(struct engine *e, const struct registry *r,
			  const char *target)
{
	char since[32];

	text_time(since, sizeof(since),
		  model_azure(e) - (model_boot(e) - r->busy_since));
	note_tell(
		e, NOTE_HELD, r->watch, r, target, r->facts.in_use,
		"Registry %s is held: an operation on it has been under way since %s; it is read less often until that ends.",
		r->id, since);
}

void health_note_state(struct engine *e, struct registry *r,
		       const struct health_assessment *a)
{
	const struct watch *w = r->watch;
	const char *target = w->mode == WATCH_MANUAL ? w->key.version
						     : w->newest;
	bool dark = a->reason == REASON_DARK ||
		    a->reason == REASON_LATE_UNREAD ||
		    a->reason == REASON_LATE_UNTOLD;

	/* Should it leave it again, that is another matter. */
	if (a->state == STATE_CURRENT && r->late_told[0] != '\0') {
		intern_set(&e->names, &r->late_told, "");
		note_save(e);
	}
	/* Where nobody knows, each time that it comes to that. */
	if (a->state == STATE_OVERDUE && dark) {
		if (r->state != STATE_OVERDUE)
			note_tell(e, NOTE_OVERDUE, r->watch, r, target, NULL,
				  "Registry %s may be overdue: %s.", r->id,
				  decide_reason_str(a->reason));
	} else if (a->state == STATE_OVERDUE &&
		   !text_same(r->late_told, target)) {
		intern_set(&e->names, &r->late_told, target);
		note_tell(
			e, NOTE_OVERDUE, r->watch, r, target, r->facts.in_use,
			"Registry %s is overdue: it still uses %.8s and version %.8s was to be adopted by now (%s).",
			r->id, r->facts.in_use, target,
			decide_reason_str(a->reason));
	}
	if (a->state == r->state && a->reason == r->reason && r->counted)
		return;
	/* The denial itself was told just now. */
	if (a->state == STATE_BLOCKED &&
	    !(a->reason == REASON_DENIED && r->told_turn == e->turn))
		note_tell(e, NOTE_BLOCKED, r->watch, r, target, r->facts.in_use,
			  "Registry %s is blocked: %s%s%s%s", r->id,
			  decide_reason_str(a->reason), r->error ? "; " : "",
			  r->error ? r->error->text : "",
			  text_stop(r->error ? r->error->text : ""));
	if (a->state == STATE_UNKNOWN && a->reason == REASON_IN_USE_UNTOLD)
		note_tell(e, NOTE_WARNING, r->watch, r, target, NULL,
			  "Registry %s is unknown: %s.", r->id,
			  decide_reason_str(a->reason));
	if (a->state == STATE_HELD && a->reason == REASON_BUSY_LONG)
		tell_dragging(e, r, target);
	else if (a->state == STATE_HELD && a->reason != REASON_CANARY_REFUSED)
		note_tell(e, NOTE_HELD, r->watch, r, target, r->facts.in_use,
			  "Registry %s is held: %s.", r->id,
			  decide_reason_str(a->reason));
}

void health_note_warnings(struct engine *e, struct registry *r, unsigned bits)
{
	for (unsigned i = 0; i < DECIDE_WARNINGS; i++)
		if ((bits & ~r->warnings) & (1u << i))
			note_tell(e, NOTE_WARNING, r->watch, r, r->facts.in_use,
				  NULL, "Registry %s: %s", r->id,
				  decide_warning_text(i));
}

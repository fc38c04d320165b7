/* Notes and other things told, kept in order until they are fetched; what
 * comes again is counted (repeat). */
#include "engine/note.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "azure/storage_url.h"
#include "base/text.h"
#include "engine/lease_role.h"

static struct action *push(struct engine *e, enum action_kind kind)
{
	if (e->next_action == e->n_actions)
		e->next_action = e->n_actions = 0;
	if (e->n_actions == e->size_actions) {
		e->size_actions = e->size_actions ? 2 * e->size_actions : 64;
		e->actions = text_realloc(e->actions, e->size_actions,
					  sizeof(*e->actions));
	}
	e->actions[e->n_actions] = (struct action){ .kind = kind };
	return &e->actions[e->n_actions++];
}

void note_init(struct engine *e)
{
	repeat_init(&e->repeats);
}

/* Nobody fetches them. */
static bool full(struct engine *e)
{
	if (e->n_actions - e->next_action < ENGINE_NOTES_MAX)
		return false;
	e->dropped_notes++;
	return true;
}

bool note_crowded(const struct engine *e)
{
	return e->n_actions - e->next_action >= ENGINE_NOTES_MAX / 2;
}

static struct note *note_new(const struct engine *e, enum note_kind kind)
{
	struct note *n = text_alloc(1, sizeof(*n));

	n->kind = kind;
	n->time = model_azure(e);
	n->effective = -1;
	return n;
}

static void tell(struct engine *e, struct note *n)
{
	e->n_told[n->kind]++;
	if (repeat_tells(&e->repeats, n, model_boot(e)))
		push(e, ACTION_NOTE)->note = n;
}

/* What a move to this version is measured by. */
static void time_it(const struct engine *e, const struct watch *w,
		    struct note *n)
{
	for (size_t i = 0; i < w->n_seen; i++)
		if (text_same(w->seen[i].v.version, n->version))
			n->effective = model_effective(w, &w->seen[i]);
	if (w->mode != WATCH_MANUAL)
		n->window_ms = e->config->window_ms;
}

/* What is told of is under this lease; NULL: under none. */
static void put_under(const struct engine *e, struct note *n,
		      const struct lease *l)
{
	if (!l || e->dry_run)
		return;
	text_copy(n->lease, sizeof(n->lease), l->name);
	n->role = lease_role_str(lease_role_of(&l->facts, model_boot(e)).role);
}

void note_tell(struct engine *e, enum note_kind kind, const struct watch *w,
	       const struct registry *r, const char *version,
	       const char *previous, const char *fmt, ...)
{
	struct note *n;
	va_list ap;

	if (full(e))
		return;
	n = note_new(e, kind);
	/* Copies: what is spoken of may be gone when this is fetched. */
	n->key = w ? text_dup(w->base) : NULL;
	n->registry = r ? text_dup(r->id) : NULL;
	text_copy(n->version, sizeof(n->version), version ? version : "");
	text_copy(n->previous, sizeof(n->previous), previous ? previous : "");
	if (w && n->version[0])
		time_it(e, w, n);
	put_under(e, n, w ? w->lease : NULL);
	va_start(ap, fmt);
	vsnprintf(n->text, sizeof(n->text), fmt, ap);
	va_end(ap);
	tell(e, n);
}

void note_gone(struct engine *e, enum note_kind kind, const char *key,
	       const char *id, const char *fmt, ...)
{
	struct note *n;
	va_list ap;

	if (full(e))
		return;
	n = note_new(e, kind);
	n->key = text_dup(key);
	n->registry = text_dup(id);
	va_start(ap, fmt);
	vsnprintf(n->text, sizeof(n->text), fmt, ap);
	va_end(ap);
	tell(e, n);
}

void note_lease(struct engine *e, enum note_kind kind, const struct lease *l,
		const char *fmt, ...)
{
	struct note *n;
	va_list ap;

	if (full(e))
		return;
	n = note_new(e, kind);
	n->about = l->job.id;
	put_under(e, n, l);
	/* From now on, whatever holds until it is let go of. */
	if (kind == NOTE_LEADER || kind == NOTE_STANDBY || kind == NOTE_ALONE) {
		n->role = note_kind_str(kind);
		n->blob = storage_url_blob(l->url);
	}
	va_start(ap, fmt);
	vsnprintf(n->text, sizeof(n->text), fmt, ap);
	va_end(ap);
	tell(e, n);
}

void note_fault(struct engine *e, uint64_t about, const struct fault *f)
{
	struct note *n;

	if (full(e))
		return;
	n = note_new(e, NOTE_FAILED);
	n->about = about;
	text_copy(n->text, sizeof(n->text), f->text);
	text_copy(n->request_id, sizeof(n->request_id), f->request_id);
	tell(e, n);
}

void note_due(struct engine *e)
{
	struct note *n;

	while ((n = repeat_due(&e->repeats, model_boot(e), model_azure(e))))
		if (full(e))
			repeat_drop(n);
		else
			push(e, ACTION_NOTE)->note = n;
}

void note_save(struct engine *e)
{
	if (!e->save_asked)
		push(e, ACTION_SAVE);
	e->save_asked = true;
}

void note_show(struct engine *e, const struct call *call)
{
	push(e, ACTION_SHOW)->call = *call;
}

static void forget_fetched(struct engine *e)
{
	repeat_drop(e->fetched);
	e->fetched = NULL;
}

bool note_next(struct engine *e, struct action *a)
{
	forget_fetched(e);
	if (e->next_action == e->n_actions)
		return false;
	*a = e->actions[e->next_action++];
	if (a->kind == ACTION_NOTE)
		e->fetched = a->note;
	if (a->kind == ACTION_SAVE)
		e->save_asked = false;
	return true;
}

void note_free(struct engine *e)
{
	struct action a;

	while (note_next(e, &a))
		;
	repeat_free(&e->repeats);
	free(e->actions);
}

const char *note_kind_str(enum note_kind kind)
{
	static const char *const names[] = {
		[NOTE_NEW_VERSION] = "new-version",
		[NOTE_WRITE] = "write",
		[NOTE_ACCEPTED] = "accepted",
		[NOTE_VERIFIED] = "verified",
		[NOTE_LATE] = "late",
		[NOTE_FAILED] = "failed",
		[NOTE_BLOCKED] = "blocked",
		[NOTE_HELD] = "held",
		[NOTE_OVERDUE] = "overdue",
		[NOTE_DRIFT] = "drift",
		[NOTE_WARNING] = "warning",
		[NOTE_KEY_ERROR] = "key-error",
		[NOTE_KEY_OK] = "key-ok",
		[NOTE_KEY_WAY] = "key-way",
		[NOTE_FOUND] = "found",
		[NOTE_RETIRED] = "retired",
		[NOTE_LEADER] = "leader",
		[NOTE_STANDBY] = "standby",
		[NOTE_ALONE] = "alone",
		[NOTE_PAUSED] = "paused",
		[NOTE_RESUMED] = "resumed",
		[NOTE_ORDER] = "order",
		[NOTE_ORDER_OVER] = "order-over",
		[NOTE_RELOAD] = "reload",
		[NOTE_RELOAD_REFUSED] = "reload-refused",
		[NOTE_STATE] = "state",
		[NOTE_CLOCK] = "clock",
		[NOTE_DRY_RUN] = "dry-run",
		[NOTE_FORECAST] = "forecast",
		[NOTE_FORECAST_OVER] = "forecast-over",
		[NOTE_HELLO] = "hello",
	};

	return names[kind];
}

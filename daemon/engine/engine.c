/* The engine's life: start, events, actions, end. */
#include "engine/engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/engine_internal.h"

#define OFFSET_STEP_MS 2000 /* a smaller change of clocks moves no timer */

int64_t engine_azure(const struct engine *e)
{
	return skew_azure(&e->skew, e->now);
}

int64_t engine_boot_of(const struct engine *e, int64_t azure_ms)
{
	return e->now.boot + (azure_ms - engine_azure(e));
}

/* ---- actions ---- */

struct action *engine_push(struct engine *e, enum action_kind kind)
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

void engine_note(struct engine *e, enum note_kind kind, const struct watch *w,
		 const struct registry *r, const char *version,
		 const char *previous, const char *fmt, ...)
{
	struct note *n;
	va_list ap;

	if (e->n_actions - e->next_action >= ENGINE_NOTES_MAX) {
		e->dropped_notes++;
		return;
	}
	n = text_alloc(1, sizeof(*n));
	n->kind = kind;
	n->time = engine_azure(e);
	/* Copies: what is spoken of may be gone when this is fetched. */
	n->key = w ? text_dup(w->base) : NULL;
	n->registry = r ? text_dup(r->id) : NULL;
	text_copy(n->version, sizeof(n->version), version ? version : "");
	text_copy(n->previous, sizeof(n->previous), previous ? previous : "");
	va_start(ap, fmt);
	vsnprintf(n->text, sizeof(n->text), fmt, ap);
	va_end(ap);
	engine_push(e, ACTION_NOTE)->note = n;
}

void engine_save(struct engine *e)
{
	if (!e->save_asked)
		engine_push(e, ACTION_SAVE);
	e->save_asked = true;
}

bool engine_action(struct engine *e, struct action *a)
{
	if (e->fetched) {
		free(e->fetched->key);
		free(e->fetched->registry);
		free(e->fetched);
	}
	e->fetched = NULL;
	if (e->next_action == e->n_actions)
		return false;
	*a = e->actions[e->next_action++];
	if (a->kind == ACTION_NOTE)
		e->fetched = a->note;
	if (a->kind == ACTION_SAVE)
		e->save_asked = false;
	return true;
}

void engine_fault_keep(struct fault **place, const struct fault *f)
{
	if (!f) {
		free(*place);
		*place = NULL;
		return;
	}
	if (!*place)
		*place = text_alloc(1, sizeof(**place));
	**place = *f;
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
		[NOTE_PAUSED] = "paused",
		[NOTE_RESUMED] = "resumed",
		[NOTE_RELOAD] = "reload",
		[NOTE_STATE] = "state",
		[NOTE_CLOCK] = "clock",
		[NOTE_DRY_RUN] = "dry-run",
		[NOTE_HELLO] = "hello",
	};

	return names[kind];
}

/* ---- life ---- */

static int64_t clock_offset(const struct engine *e)
{
	return engine_azure(e) - e->now.boot;
}

struct engine *engine_new(struct config *config, uint64_t seed, uint64_t phase,
			  struct instant now)
{
	struct engine *e = text_alloc(1, sizeof(*e));

	e->now = now;
	e->started = now.wall;
	e->phase = phase;
	random_init(&e->rng, seed);
	TAILQ_INIT(&e->vaults);
	TAILQ_INIT(&e->scopes);
	TAILQ_INIT(&e->watches);
	TAILQ_INIT(&e->strangers);
	TAILQ_INIT(&e->flying);
	TAILQ_INIT(&e->landed);
	e->flights = text_alloc(ENGINE_FLIGHTS_MAX, sizeof(*e->flights));
	for (size_t i = 0; i < ENGINE_FLIGHTS_MAX; i++)
		TAILQ_INSERT_TAIL(&e->landed, &e->flights[i], link);
	e->offset_used = clock_offset(e);
	adopt_config(e, config, true);
	return e;
}

void engine_dry_run(struct engine *e, bool on)
{
	e->dry_run = on;
}

int64_t engine_now(const struct engine *e, struct instant now)
{
	return skew_azure(&e->skew, now);
}

const struct config *engine_config(const struct engine *e)
{
	return e->config;
}

void engine_free(struct engine *e)
{
	struct action a;

	if (!e)
		return;
	while (engine_action(e, &a))
		;
	adopt_free(e);
	while (engine_action(e, &a))
		;
	heap_free(&e->timers);
	heap_free(&e->ready);
	free(e->flights);
	free(e->actions);
	config_free(e->config);
	free(e);
}

/* Timers were set by what was known of Azure's clock.  When that changes
 * (first answer, a step of our clock before it), they are set anew. */
static void follow_clock(struct engine *e)
{
	int64_t off = clock_offset(e);
	int64_t step = off - e->offset_used;

	if (step > -OFFSET_STEP_MS && step < OFFSET_STEP_MS)
		return;
	e->offset_used = off;
	health_refresh_all(e);
}

static void finish(struct engine *e)
{
	follow_clock(e);
	schedule_run(e);
	health_tell(e);
}

void engine_tick(struct engine *e, struct instant now)
{
	e->now = now;
	finish(e);
}

void engine_reply(struct engine *e, const struct reply *r, struct instant now)
{
	e->now = now;
	schedule_reply(e, r);
	finish(e);
}

void engine_reload(struct engine *e, struct config *config, struct instant now)
{
	e->now = now;
	adopt_config(e, config, false);
	engine_note(
		e, NOTE_RELOAD, NULL, NULL, NULL, NULL,
		"The configuration was read again: it names %zu %s and %zu %s.",
		config->n_watches, config->n_watches == 1 ? "key" : "keys",
		config->n_registries,
		config->n_registries == 1 ? "registry" : "registries");
	engine_tick(e, now);
}

int64_t engine_wake(const struct engine *e)
{
	const struct heap_node *n = heap_min(&e->timers);
	const struct flight *f = TAILQ_FIRST(&e->flying);
	int64_t at = n ? n->key : INT64_MAX;

	if (f && f->sent + ENGINE_REPLY_GUARD_MS < at)
		at = f->sent + ENGINE_REPLY_GUARD_MS;
	return at;
}

bool engine_overdue(const struct engine *e, struct instant now,
		    int64_t grace_ms)
{
	int64_t wake = engine_wake(e);

	return wake != INT64_MAX && wake + grace_ms < now.boot;
}

size_t engine_in_flight(const struct engine *e)
{
	return e->in_flight;
}

bool engine_idle_writes(const struct engine *e)
{
	return e->n_writes == 0;
}

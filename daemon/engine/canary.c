/* Who goes next: the canary first, then at most max-parallel at a time. */
#include <string.h>

#include "base/text.h"
#include "engine/engine_internal.h"

static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

void canary_slot_take(struct registry *r)
{
	if (!r->slot)
		r->watch->active++;
	r->slot = true;
}

void canary_slot_free(struct engine *e, struct registry *r)
{
	if (!r->slot)
		return;
	r->slot = false;
	r->watch->active--;
	canary_pump(e, r->watch);
}

void canary_leave(struct registry *r)
{
	if (r->waiting)
		TAILQ_REMOVE(&r->watch->waiters, r, wait_link);
	r->waiting = false;
}

static bool pressed(const struct engine *e, const struct watch *w)
{
	int64_t d = key_deadline(e, w);

	return d >= 0 && d - engine_azure(e) < e->config->window_ms / 2;
}

static bool canary_opens(const struct engine *e, const struct watch *w)
{
	if (!w->canary_first || w->canary_state == CANARY_PASSED)
		return true;
	return w->canary_state != CANARY_REFUSED && pressed(e, w);
}

/* Also in the middle of a move: when a newer version comes, that one has to
 * be tried by one registry first again. */
bool canary_lets(const struct engine *e, const struct registry *r)
{
	return canary_opens(e, r->watch) || r->watch->canary == r ||
	       watch_on_target(r);
}

/* May this one go now?  The first to ask becomes the canary, unless the file
 * names another that can still go. */
bool canary_may_go(const struct engine *e, struct registry *r)
{
	struct watch *w = r->watch;

	if (!key_fresh(e, w) || w->active >= w->max_parallel)
		return false;
	if (canary_lets(e, r))
		return true;
	if (w->canary)
		return false;
	if (w->named && w->named != r && !w->named_out &&
	    !watch_on_target(w->named))
		return false;
	w->canary = r;
	if (w->canary_state == CANARY_NONE)
		w->canary_state = CANARY_RUNNING;
	return true;
}

static void go(struct engine *e, struct registry *r)
{
	canary_leave(r);
	canary_slot_take(r);
	watch_read(e, r);
}

static void arm(struct engine *e, struct watch *w)
{
	int64_t at = key_turns(e, w), d = key_deadline(e, w);

	if (at != INT64_MAX)
		at++;
	if (w->polled_at >= 0 && key_fresh(e, w))
		at = min64(at,
			   w->polled_at + 2 * e->config->poll_interval_ms + 1);
	if (!TAILQ_EMPTY(&w->waiters) && d >= 0 && !pressed(e, w)) {
		int64_t press =
			engine_boot_of(e, d) - e->config->window_ms / 2 + 1;

		at = press < at ? press : at;
	}
	schedule_timer(e, &w->timer, at);
}

void canary_pump(struct engine *e, struct watch *w)
{
	struct registry *r, *next;

	health_key(e, w);
	if (!TAILQ_EMPTY(&w->waiters) && !key_fresh(e, w) && !w->error)
		key_poll(e, w);
	if (w->canary && w->canary->waiting && canary_may_go(e, w->canary))
		go(e, w->canary);
	for (r = TAILQ_FIRST(&w->waiters); r; r = next) {
		next = TAILQ_NEXT(r, wait_link);
		if (canary_may_go(e, r))
			go(e, r);
		else if (w->active >= w->max_parallel || w->canary ||
			 !key_fresh(e, w))
			break;
	}
	arm(e, w);
}

/* Its trouble is its own: another one goes first. */
void canary_yield(struct engine *e, struct registry *r)
{
	struct watch *w = r->watch;

	if (w->named == r)
		w->named_out = true;
	if (w->canary != r)
		return;
	w->canary = NULL;
	if (w->canary_state == CANARY_RUNNING)
		w->canary_state = CANARY_NONE;
	canary_pump(e, w);
}

void canary_passed(struct engine *e, struct registry *r)
{
	struct watch *w = r->watch;
	bool was_refused = w->canary_state == CANARY_REFUSED;

	if (w->canary_state == CANARY_PASSED)
		return;
	if (w->named && w->named != r && !w->named_out &&
	    w->canary_state == CANARY_NONE)
		return;
	w->canary_state = CANARY_PASSED;
	if (was_refused)
		health_refresh_watch(e, w);
	canary_pump(e, w);
}

void canary_refused(struct engine *e, struct registry *r)
{
	struct watch *w = r->watch;

	if (!w->canary_first || w->canary_state == CANARY_PASSED)
		return;
	w->canary = r;
	if (w->canary_state == CANARY_REFUSED)
		return;
	w->canary_state = CANARY_REFUSED;
	if (w->n_registries > 1)
		engine_note(
			e, NOTE_HELD, w, NULL, w->newest, NULL,
			"The other %zu registries of %s are held: the one that went first was refused version %.8s.",
			w->n_registries - 1, w->base, w->newest);
	health_refresh_watch(e, w);
}

/* Who goes next: the canary first, then at most max-parallel at a time. */
#include "engine/canary.h"

#include <stddef.h>

#include "base/text.h"
#include "engine/key.h"
#include "engine/note.h"
#include "engine/versions.h"

/* So long the second one has, in doubt, before a third may be tried. */
#define SECOND_MS 20000

bool canary_try(struct watch *w, const char *version)
{
	if (text_same(w->canary_version, version))
		return false;
	text_copy(w->canary_version, sizeof(w->canary_version), version);
	w->canary = NULL;
	w->named_out = false;
	w->canary_state = CANARY_NONE;
	w->doubt[0] = '\0';
	w->seconds = 0;
	return true;
}

/* Half of the window is left, or less. */
static bool pressed(const struct engine *e, const struct watch *w)
{
	int64_t d = versions_deadline(e, w);

	return d >= 0 && d - model_azure(e) < e->config->window_ms / 2;
}

int64_t canary_opens(const struct engine *e, const struct watch *w)
{
	int64_t d = versions_deadline(e, w), at = INT64_MAX;

	if (TAILQ_EMPTY(&w->waiters) || w->canary_state == CANARY_REFUSED)
		return at;
	if (d >= 0 && !pressed(e, w))
		at = model_boot_of(e, d) - e->config->window_ms / 2 + 1;
	if (w->canary_state == CANARY_DOUBTED && w->canary &&
	    w->second_at + SECOND_MS > model_boot(e) &&
	    w->second_at + SECOND_MS < at)
		at = w->second_at + SECOND_MS;
	return at;
}

bool canary_stuck(const struct watch *w)
{
	return w->canary_state == CANARY_DOUBTED && w->seconds > ENGINE_TRIES;
}

bool canary_open(const struct engine *e, const struct watch *w)
{
	if (!w->canary_first || w->canary_state == CANARY_PASSED)
		return true;
	return w->canary_state != CANARY_REFUSED &&
	       w->canary_state != CANARY_DOUBTED && pressed(e, w);
}

/* The one that the file names can still go first; that nobody may write for a
 * while is no trouble of its own. */
static bool named_can(const struct engine *e, const struct watch *w)
{
	return w->named && !w->named_out && !model_paused(e, w->named);
}

void canary_name(struct engine *e, struct watch *w, struct registry *r)
{
	struct registry *first = w->canary;

	if (w->named == r)
		return;
	w->named = r;
	w->named_out = false;
	/* One that has begun goes on. */
	if (!first || first->slot || model_writing(first) ||
	    w->canary_state != CANARY_RUNNING)
		return;
	w->canary = NULL;
	w->canary_state = CANARY_NONE;
	model_mark_watch(e, w, MARK_LOOK);
}

/* ---- what a move has come to ---- */

/* The first one that is verified proves the version, unless the file names
 * another that can still go. */
static void passed(struct engine *e, struct registry *r)
{
	struct watch *w = r->watch;

	if (w->canary_state == CANARY_PASSED ||
	    (named_can(e, w) && w->named != r &&
	     w->canary_state == CANARY_NONE))
		return;
	w->canary_state = CANARY_PASSED;
	model_mark_watch(e, w, MARK_LOOK);
}

/* Its trouble is its own: another one goes first. */
static void yields(struct engine *e, struct registry *r)
{
	struct watch *w = r->watch;

	if (w->named == r && !model_paused(e, r) && r->gated == DECIDE_DONE)
		w->named_out = true;
	if (w->canary == r) {
		w->canary = NULL;
		if (w->canary_state == CANARY_RUNNING)
			w->canary_state = CANARY_NONE;
	}
	model_mark_watch(e, w, MARK_LOOK);
}

/* A code that nobody knows may be this registry's own trouble: the others are
 * held only once a second one, tried at once, is refused alike. */
static void refused(struct engine *e, struct registry *r)
{
	struct watch *w = r->watch;
	const char *code = r->error ? r->error->azure_code : "";

	if (!w->canary_first || w->canary_state == CANARY_PASSED)
		return;
	if (w->canary_state == CANARY_REFUSED) {
		w->canary = r;
		return;
	}
	if (w->n_registries > 1 && !(r->error && decide_blames_key(r->error)) &&
	    (w->canary_state != CANARY_DOUBTED || w->doubted == r ||
	     !text_same(w->doubt, code))) {
		yields(e, r);
		w->canary_state = CANARY_DOUBTED;
		w->doubted = r;
		text_copy(w->doubt, sizeof(w->doubt), code);
		return;
	}
	w->canary = r;
	w->canary_state = CANARY_REFUSED;
	model_mark_watch(e, w, MARK_LOOK);
	if (w->n_registries > 1)
		note_tell(
			e, NOTE_HELD, w, NULL, w->newest, NULL,
			"The other %zu registries of %s are held: version %.8s was refused.",
			w->n_registries - 1, w->base, w->newest);
}

static void enqueue(struct registry *r, enum canary_queue queue)
{
	struct watch *w = r->watch;

	if (r->queue == queue)
		return;
	if (r->queue == QUEUE_WAITERS)
		TAILQ_REMOVE(&w->waiters, r, wait_link);
	else if (r->queue == QUEUE_RETURNERS)
		TAILQ_REMOVE(&w->returners, r, wait_link);
	r->queue = queue;
	if (queue == QUEUE_WAITERS)
		TAILQ_INSERT_TAIL(&w->waiters, r, wait_link);
	else if (queue == QUEUE_RETURNERS)
		TAILQ_INSERT_TAIL(&w->returners, r, wait_link);
}

static void slot_free(struct engine *e, struct registry *r)
{
	if (!r->slot)
		return;
	r->slot = false;
	r->watch->active--;
	model_mark_watch(e, r->watch, MARK_LOOK);
}

void canary_leave(struct registry *r)
{
	struct watch *w = r->watch;

	enqueue(r, QUEUE_NONE);
	if (r->slot)
		w->active--;
	r->slot = false;
	if (w->canary == r)
		w->canary = NULL;
	if (w->doubted == r)
		w->doubted = NULL;
	if (w->named == r)
		w->named = NULL;
}

/* Also in the middle of a move: when a newer version comes, that one has to
 * be tried by one registry first again. */
static bool lets(const struct engine *e, const struct registry *r)
{
	return canary_open(e, r->watch) || r->watch->canary == r ||
	       versions_on_target(r);
}

bool canary_follow(struct engine *e, struct registry *r)
{
	enum move_outcome outcome = r->outcome;
	enum canary_queue queue = QUEUE_NONE;

	r->outcome = OUTCOME_NONE;
	if (outcome == OUTCOME_PASSED)
		passed(e, r);
	else if (outcome == OUTCOME_REFUSED)
		refused(e, r);
	else if (outcome == OUTCOME_YIELD)
		yields(e, r);
	if (r->wants != DECIDE_DONE && r->slot && r->going) {
		if (model_proof(e, r) && key_sure(e, r->watch) && lets(e, r))
			return true;
		r->going = false;
	}
	if (!r->going)
		slot_free(e, r);
	if (r->wants != DECIDE_DONE) {
		queue = versions_on_target(r) ? QUEUE_RETURNERS : QUEUE_WAITERS;
		model_mark_watch(e, r->watch, MARK_LOOK);
	}
	enqueue(r, queue);
	return false;
}

/* ---- whose turn it is ---- */

/* In doubt all wait for what a second one comes to.  It has its chance; then
 * the trouble that it has may last, and past half of the window so may what it
 * is at. */
static bool had_chance(const struct engine *e, const struct watch *w,
		       const struct registry *r)
{
	bool at_it = r->slot || model_writing(r);

	return w->canary_state == CANARY_DOUBTED && r == w->canary &&
	       r->queue != QUEUE_WAITERS &&
	       model_boot(e) - w->second_at >= SECOND_MS &&
	       (!at_it || pressed(e, w));
}

/*
 * Who goes first: whoever has begun to, the one that the file names as long
 * as it can go, or the first that waits.  In doubt another one takes the place
 * of one that has had its chance, one at a time.
 */
static struct registry *first_of(const struct engine *e, struct watch *w)
{
	struct registry *r = w->canary;

	if (!r && named_can(e, w) && !versions_on_target(w->named))
		r = w->named;
	if (r && had_chance(e, w, r))
		r = NULL;
	if (!r)
		r = TAILQ_FIRST(&w->waiters);
	if (!r || r->queue != QUEUE_WAITERS)
		return NULL;
	if (w->canary_state == CANARY_DOUBTED && w->canary != r) {
		w->second_at = model_boot(e);
		w->seconds++;
	}
	w->canary = r;
	if (w->canary_state == CANARY_NONE)
		w->canary_state = CANARY_RUNNING;
	return r;
}

struct registry *canary_next(struct engine *e, struct watch *w)
{
	struct registry *r;

	if ((TAILQ_EMPTY(&w->waiters) && TAILQ_EMPTY(&w->returners)) ||
	    !key_sure(e, w) || w->active >= w->max_parallel)
		return NULL;
	r = TAILQ_FIRST(&w->returners);
	if (!r && canary_open(e, w))
		r = w->canary && w->canary->queue == QUEUE_WAITERS
			    ? w->canary
			    : TAILQ_FIRST(&w->waiters);
	if (!r)
		r = first_of(e, w);
	if (!r)
		return NULL;
	enqueue(r, QUEUE_NONE);
	r->slot = true;
	w->active++;
	return r;
}

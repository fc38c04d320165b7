/* What follows from what was marked: targets, moves, turns, health,
 * retirement, in this order. */
#include "engine/settle.h"

#include <string.h>

#include "base/text.h"
#include "engine/canary.h"
#include "engine/health.h"
#include "engine/health_pass.h"
#include "engine/key.h"
#include "engine/list.h"
#include "engine/move.h"
#include "engine/move_write.h"
#include "engine/note.h"
#include "engine/retirement.h"
#include "engine/versions.h"
#include "traffic/timer.h"

static struct verdict verdict_of(const struct engine *e, const struct watch *w)
{
	const struct seen_version *s = versions_target(w);
	struct verdict v = {
		.revision = w->revision,
		.fault = versions_fault(e, w),
		.error = w->error ? w->error->kind : FAULT_NONE,
		.hopeless = w->error && w->job.failures >= ENGINE_TRIES,
		.fresh = key_fresh(e, w),
		.refused = w->canary_state == CANARY_REFUSED,
		.stuck = canary_stuck(w) ||
			 (w->canary && w->canary_state == CANARY_RUNNING &&
			  (health_pass_gave_up(w->canary) ||
			   model_drags(e, w->canary))),
	};

	text_copy(v.wanted, sizeof(v.wanted), s ? s->v.version : "");
	return v;
}

/*
 * Only a difference walks the watch's registries.  Another version, or more
 * known of the ones there are: each is judged anew.  Another state of the poll
 * or of the canary: what is said of each may be another thing.
 */
static void look_at_target(struct engine *e, struct watch *w)
{
	const struct verdict *was = &w->judged;
	struct verdict now;
	struct registry *r;
	bool target, another, better;

	versions_begin(e, w);
	now = verdict_of(e, w);
	another = now.wanted[0] != '\0' && canary_try(w, now.wanted);
	now.refused = w->canary_state == CANARY_REFUSED;
	target = !text_same(was->wanted, now.wanted) ||
		 was->revision != now.revision || was->fault != now.fault;
	better = was->fault != REASON_NONE && now.fault == REASON_NONE;
	if (!target && was->error == now.error &&
	    was->hopeless == now.hopeless && was->fresh == now.fresh &&
	    was->refused == now.refused && was->stuck == now.stuck)
		return;
	w->judged = now;
	TAILQ_FOREACH(r, &w->registries, watch_link) {
		e->looks++;
		if (target)
			move_retarget(e, r, another, better);
		model_mark(e, r, MARK_LOOK);
	}
}

/* The watch's timer: the next moment at which time alone changes its verdict,
 * or opens the way for who waits. */
static void arm(struct engine *e, struct watch *w)
{
	int64_t at = versions_turns(e, w), t;

	if (at != INT64_MAX)
		at++;
	t = key_stales(e, w);
	at = t < at ? t : at;
	t = canary_opens(e, w);
	at = t < at ? t : at;
	timer_set(&e->traffic.timers, &w->timer, at);
}

/* Its turn has come; it may be over at once (a dry run). */
static void go(struct engine *e, struct registry *r)
{
	move_write_go(e, r);
	canary_follow(e, r);
}

static void look_at_turns(struct engine *e, struct watch *w)
{
	struct registry *r;

	while ((r = canary_next(e, w))) {
		e->looks++;
		go(e, r);
	}
	/* Nobody goes by a key that was not read lately. */
	if (!TAILQ_EMPTY(&w->waiters) && !key_fresh(e, w) && !w->error)
		key_poll(e, w);
	else if (w->marks & MARK_ASK)
		key_look(e, w);
	arm(e, w);
}

/* A registry of the file that is gone is freed once nothing is under way. */
static void let_go(struct engine *e, struct registry *r)
{
	if (r->gone || !r->retiring || model_writing(r) ||
	    r->job.where != JOB_REST)
		return;
	r->gone = true;
	e->gone = text_grow(e->gone, e->n_gone, sizeof(*e->gone));
	e->gone[e->n_gone++] = r;
}

static void look_at_moves(struct engine *e)
{
	struct registry *r;

	TAILQ_FOREACH(r, &e->marked, mark_link) {
		unsigned marks = r->marks;

		e->looks++;
		r->marks = MARK_LOOK;
		move_look(e, r);
		if (r->lost)
			list_seek(e, r->scope);
		r->lost = false;
		if (marks & MARK_ASK)
			move_ask(e, r);
		if (marks & MARK_JUDGE)
			move_judge(e, r);
		if (canary_follow(e, r))
			go(e, r);
	}
}

/* Last of all: what is marked from here on is for the next round. */
static void look_at_health(struct engine *e)
{
	struct registry_list all = TAILQ_HEAD_INITIALIZER(all);
	struct registry *r;

	TAILQ_CONCAT(&all, &e->marked, mark_link);
	while ((r = TAILQ_FIRST(&all))) {
		unsigned left = r->marks & ~(unsigned)MARK_LOOK;

		e->looks++;
		TAILQ_REMOVE(&all, r, mark_link);
		r->marks = 0;
		if (left)
			model_mark(e, r, left);
		health_refresh(e, r);
		let_go(e, r);
	}
}

static void look_at_keys(struct engine *e)
{
	struct watch_list all = TAILQ_HEAD_INITIALIZER(all);
	struct watch *w;

	TAILQ_CONCAT(&all, &e->marked_watches, mark_link);
	while ((w = TAILQ_FIRST(&all))) {
		unsigned marks = w->marks;

		TAILQ_REMOVE(&all, w, mark_link);
		w->marks = 0;
		health_key(e, w);
		if (marks & MARK_JUDGE)
			retirement_update(e, w);
		/* What came of its moves may be news to the others; and what
		 * time alone has done, where a move marked it just now. */
		if (w->judged.fresh != key_fresh(e, w) ||
		    w->judged.fault != versions_fault(e, w) ||
		    w->judged.refused != (w->canary_state == CANARY_REFUSED) ||
		    (canary_stuck(w) && !w->judged.stuck))
			model_mark_watch(e, w, MARK_LOOK);
	}
}

bool settle_run(struct engine *e)
{
	struct watch *w;
	int rounds = 0;

	while (!TAILQ_EMPTY(&e->marked) || !TAILQ_EMPTY(&e->marked_watches)) {
		if (rounds++ == ENGINE_ROUNDS_MAX)
			break;
		TAILQ_FOREACH(w, &e->marked_watches, mark_link) {
			e->looks++;
			look_at_target(e, w);
		}
		look_at_moves(e);
		TAILQ_FOREACH(w, &e->marked_watches, mark_link)
			look_at_turns(e, w);
		/* Whose turn came has moved on. */
		look_at_health(e);
		look_at_keys(e);
	}
	e->unsettled = rounds > ENGINE_ROUNDS_MAX;
	if (e->unsettled && !e->unsettled_told)
		note_tell(
			e, NOTE_FAILED, NULL, NULL, NULL, NULL,
			"The engine did not come to rest within %d rounds; it goes on. Please report this as a fault of the daemon.",
			ENGINE_ROUNDS_MAX);
	e->unsettled_told |= e->unsettled;
	return rounds > 0;
}

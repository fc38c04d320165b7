/* Who is named no more leaves, at once or after the last write. */
#include "engine/adopt_leave.h"

#include <stdlib.h>

#include "base/text.h"
#include "engine/adopt_index.h"
#include "engine/adopt_registry.h"
#include "engine/adopt_scope.h"
#include "engine/adopt_watch.h"
#include "engine/facts.h"
#include "engine/health.h"
#include "engine/move.h"
#include "engine/note.h"
#include "engine/order.h"
#include "engine/rules.h"
#include "engine/rules_tell.h"
#include "traffic/job.h"

size_t adopt_leave_registries(struct engine *e, struct registry **all, size_t n)
{
	size_t kept = n;

	for (size_t i = 0; i < e->n_registries; i++) {
		struct registry *r = e->by_id[i];

		if (r->kept)
			continue;
		order_leave(
			e, r,
			r->rule ? "its rule does not mean it any more"
				: "the configuration does not name it any more");
		if (r->rule)
			rules_tell_left(e, r, 0);
		if (model_writing(r)) {
			health_leave(e, r);
			rules_retire(r);
			all[kept++] = r;
		} else {
			facts_depart(e, r);
			adopt_registry_free(e, r);
		}
	}
	rules_tell_rest(e);
	return kept;
}

void adopt_leave_watches(struct engine *e)
{
	struct watch *w, *next;

	for (w = TAILQ_FIRST(&e->watches); w; w = next) {
		next = TAILQ_NEXT(w, link);
		if (w->kept)
			continue;
		w->retired = true; /* polled until its last write is over */
		w->rule = NULL;
		model_mark_watch(e, w, MARK_LOOK);
		if (w->n_registries == 0)
			adopt_watch_free(e, w);
	}
}

void adopt_leave_scopes(struct engine *e)
{
	struct scope *s;

	TAILQ_FOREACH(s, &e->scopes, link)
		if (s->n_registries == 0 && !model_lists(s))
			adopt_scope_stop(e, s);
}

/* Its scope and the others of it, after the last thing that it had to do.  True
 * when it was the last one there. */
static bool go(struct engine *e, struct registry *r)
{
	struct scope *s = r->scope;
	struct registry *left;

	facts_depart(e, r);
	adopt_registry_free(e, r);
	/* Few may be left, and have no LIST any more. */
	if (s->n_registries == ENGINE_LIST_FROM - 1 && !model_lists(s))
		TAILQ_FOREACH(left, &s->registries, scope_link)
			move_in_time(e, left);
	if (s->n_registries == 0 && !model_lists(s))
		adopt_scope_stop(e, s);
	note_save(e);
	return s->n_registries == 0;
}

static void want_token(struct end *end)
{
	if (end && end->token)
		end->token->wanted = true;
}

void adopt_leave_tokens(struct engine *e)
{
	struct traffic *t = &e->traffic;
	struct watch *w;
	struct scope *s;
	struct end *end;

	for (size_t i = 0; i < t->n_tokens; i++)
		t->tokens[i]->wanted = false;
	TAILQ_FOREACH(end, &t->ends, link)
		if (end->storage && end->users > 0)
			want_token(end);
	TAILQ_FOREACH(w, &e->watches, link) {
		e->looks++;
		want_token(w->vault);
		want_token(w->arm);
	}
	TAILQ_FOREACH(s, &e->scopes, link)
		if (s->n_registries > 0 || model_lists(s))
			want_token(s->end);
	job_sweep_tokens(t);
}

static bool only_one(const struct end *end)
{
	return end && end->users == 1;
}

/* True when nobody asks one of their vaults any more. */
static bool watches_out(struct engine *e, struct watch **over, size_t n)
{
	bool few = adopt_index_few(n, e->n_watches), last = false;

	for (size_t i = 0; i < n; i++) {
		last |= only_one(over[i]->vault) || only_one(over[i]->arm);
		if (few)
			adopt_index_watch_out(e, over[i]);
		adopt_watch_free(e, over[i]);
	}
	if (n && !few)
		adopt_index_watches(e);
	return last;
}

void adopt_leave_gone(struct engine *e)
{
	struct registry **gone = e->gone;
	size_t n = e->n_gone, n_over = 0;
	struct watch **over;
	bool last = false;

	if (n == 0)
		return;
	e->gone = NULL;
	e->n_gone = 0;
	over = text_alloc(n, sizeof(*over));
	adopt_index_registries_out(e, gone, n);
	for (size_t i = 0; i < n; i++) {
		struct watch *w = gone[i]->watch;

		last |= go(e, gone[i]);
		if (w->retired && w->n_registries == 0)
			over[n_over++] = w;
	}
	last |= watches_out(e, over, n_over);
	free(over);
	free(gone);
	if (last)
		adopt_leave_tokens(e);
}

/*
 * Invariant 22: whom a rule means is watched by it.  It lets go of nobody whom
 * it means and who is there when he is asked himself, whatever lists show, and
 * in the calm at the end it has found each one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "invariant.h"

/* Two lists in a row say so, and each may be long in coming. */
static int64_t two_lists(const struct world *w)
{
	return 2 * w->reread + 30 * SIM_MINUTE;
}

static bool lately(const struct world *w, int64_t t)
{
	return t > 0 && w->t - t < two_lists(w);
}

void ruled_retired(struct world *w, const struct note *n)
{
	const struct sim_registry *g;
	int i;

	if (n->kind != NOTE_RETIRED || !n->registry)
		return;
	i = (int)strtol(strrchr(n->registry, '/') + 4, NULL, 10);
	g = &w->cloud.registry[i];
	w->stats->retired++;
	if (strstr(n->text, "not show it any more") && !g->face.missing &&
	    !lately(w, g->changed))
		invariant_broken(w, INV_RULED,
				 "registry %d is retired, and is there", i);
	if (strstr(n->text, "does not have the tags") && !g->untagged &&
	    !lately(w, g->tagged_at))
		invariant_broken(w, INV_RULED,
				 "registry %d is retired, and has its tag", i);
}

/* It is there, and as its rule wants it. */
static bool is_meant(const struct world *w, int i)
{
	const struct sim_member *m = &w->member[i];
	const struct sim_registry *g = &w->cloud.registry[i];
	const struct sim_watch *x;

	if (m->watch < 0 || !plan_ruled(w, m->watch))
		return false;
	x = &w->watch[m->watch];
	return x->present && !g->untagged && !g->hidden && !g->face.missing &&
	       g->face.key == x->key &&
	       (g->face.pinned < 0 || x->mode != WATCH_FOLLOW);
}

void ruled_end(struct world *w)
{
	for (int i = 0; i < w->cloud.n_registries; i++)
		if (is_meant(w, i) && !w->member[i].r)
			invariant_broken(w, INV_RULED,
					 "registry %d is not found by its rule",
					 i);
}

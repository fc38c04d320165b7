/*
 * Invariants 6, 7, 9 and 10: what the daemon says is so.
 *
 * A registry's state is compared with what the model showed at the very read
 * that the daemon goes by (its read_at): what changed since nobody can know.
 * The answer itself is the model's word; a LIST may be a minute old, as
 * Azure's are.  That a read took place at all is checked: a read_at without
 * an answer of that moment is a lie.
 */
#include "invariant.h"

#include <string.h>

#include "base/text.h"
#include "engine/retirement.h"

/* The hold is counted on an estimate of Azure's clock, which may move. */
#define CLOCKS_MS 64000
#define EDGE_MS 3000 /* a version expires: the poll just after it tells */
#define CALM_TAIL_MS (3 * SIM_MINUTE)

static bool polled(const struct sim_told *k, int64_t boot)
{
	for (int i = 0; i < SIM_POLLS && i < k->n_polls; i++)
		if (k->polls[i] == boot)
			return true;
	return false;
}

static void current_check(struct world *w, int i, const struct sim_view *v)
{
	struct sim_member *m = &w->member[i];
	const struct sim_watch *x = &w->watch[m->watch];
	const struct sim_told *k = &w->told[m->watch];
	int64_t boot = world_now(w).boot;
	int wanted = x->manual >= 0 ? x->manual : k->newest;

	if (v->missing || v->face.key != x->key || v->face.in_use != wanted ||
	    v->face.provisioning != PROVISIONING_SUCCEEDED || !v->face.premium)
		invariant_broken(w, INV_TRUTH,
				 "registry %d is called current "
				 "(version %d), but was not so when read "
				 "(version %d)",
				 i, wanted, v->face.in_use);
	else if (x->manual < 0 &&
		 (k->refused || k->missing ||
		  (!sim_usable(&k->v[wanted], engine_azure(w->e)) &&
		   !sim_usable(&k->v[wanted],
			       engine_azure(w->e) - 2 * EDGE_MS))))
		invariant_broken(w, INV_TRUTH,
				 "registry %d is called current "
				 "on version %d, which is not usable",
				 i, wanted);
	else if (boot - v->boot > w->reread)
		invariant_broken(w, INV_TRUTH,
				 "registry %d is called current "
				 "and was not read for %lld s",
				 i, (long long)(boot - v->boot) / 1000);
	else if (boot - m->r->watch->polled_at > 2 * w->poll &&
		 !(x->manual >= 0 && k->absent)) /* 404 is an answer too */
		invariant_broken(
			w, INV_TRUTH,
			"registry %d is called current "
			"and its key was not read for %lld s",
			i, (long long)(boot - m->r->watch->polled_at) / 1000);
	else if (!v->get && m->got >= 0 && m->got != v->face.in_use)
		invariant_broken(w, INV_TRUTH,
				 "registry %d is called current "
				 "by a LIST alone",
				 i);
	else if (x->mode == WATCH_FOLLOW && v->face.pinned >= 0)
		invariant_broken(w, INV_FOLLOW,
				 "registry %d is called current "
				 "while it is pinned",
				 i);
}

/* A missed deadline is said, and not before it is missed.  Returns the time
 * (boot) at which this has to be looked at again. */
static int64_t overdue_check(struct world *w, int i, const struct sim_view *v)
{
	const struct sim_member *m = &w->member[i];
	const struct sim_watch *x = &w->watch[m->watch];
	const struct sim_told *k = &w->told[m->watch];
	int64_t azure = engine_azure(w->e), boot = world_now(w).boot, deadline;
	const struct key_version *t;

	if (x->manual >= 0 || k->newest < 0 || k->last != k->newest)
		return INT64_MAX;
	t = &k->v[k->newest];
	deadline = (t->not_before > t->created ? t->not_before : t->created) +
		   w->window;
	if (m->r->state == STATE_OVERDUE && azure < deadline - EDGE_MS)
		invariant_broken(w, INV_TRUTH,
				 "registry %d is called overdue "
				 "too early",
				 i);
	if (!v || v->missing || !v->face.premium || k->refused || k->missing ||
	    (v->face.key != x->key && !x->takeover) ||
	    (v->face.provisioning != PROVISIONING_SUCCEEDED &&
	     v->face.provisioning != PROVISIONING_UPDATING) ||
	    (v->face.key == x->key && v->face.in_use >= k->newest) ||
	    !sim_usable(t, azure) || boot - v->boot > w->reread ||
	    boot - m->r->watch->polled_at > 2 * w->poll)
		return INT64_MAX;
	/* It may be the newer one, until it has been looked at. */
	if (v->face.key == x->key && !k->known[v->face.in_use])
		return INT64_MAX;
	if (azure <= deadline + EDGE_MS)
		return boot + deadline + EDGE_MS - azure;
	/* Key Vault shows less than this daemon knew in its last life. */
	if (m->r->watch->went_back ||
	    !text_same(m->r->watch->newest, t->version))
		return INT64_MAX;
	/* It is ahead of what Key Vault's replica shows, not behind it. */
	if (v->face.key == x->key && v->face.in_use > k->newest)
		return INT64_MAX;
	/* Which of the two is younger is being asked just now. */
	if (m->r->state == STATE_UNKNOWN && m->r->reason == REASON_READ_FIRST)
		return boot + ENGINE_REPLY_GUARD_MS;
	if (m->r->state != STATE_OVERDUE && m->r->state != STATE_BLOCKED)
		invariant_broken(w, INV_TRUTH,
				 "registry %d is overdue and "
				 "called %s",
				 i, decide_state_str(m->r->state));
	return INT64_MAX;
}

static void member_check(struct world *w, int i)
{
	struct sim_member *m = &w->member[i];
	const struct sim_watch *x = &w->watch[m->watch];
	struct registry *r = m->r;
	const struct sim_view *v = NULL;
	int64_t again;

	m->checked = true;
	/* Paused, or blocked by what is its own trouble: another one may go
	 * first from now on. */
	if (health_paused(w->e, r) ||
	    (r->state == STATE_BLOCKED && !r->refused))
		w->watch[m->watch].refused &= ~(UINT64_C(1) << i);
	m->seen_read = r->read_at;
	m->seen_poll = r->watch->polled_at;
	m->seen_state = (int)r->state;
	if (r->read_at >= 0) {
		v = invariant_view(m, r->read_at);
		if (!v) {
			invariant_broken(w, INV_TRUTH,
					 "registry %d: a read "
					 "that did not happen",
					 i);
			return;
		}
		if (!v->missing && v->get)
			m->got = v->face.in_use;
		if (!v->missing)
			w->shown[v->face.key][v->face.in_use] =
				w->t - (world_now(w).boot - v->boot);
		m->by = *v;
		v = &m->by;
	}
	if (r->watch->polled_at >= 0 &&
	    !polled(&w->told[m->watch], r->watch->polled_at))
		invariant_broken(w, INV_TRUTH,
				 "key %d: a poll that did not "
				 "happen",
				 x->key);
	again = overdue_check(w, i, v);
	if (r->state == STATE_CURRENT) {
		int64_t stale = r->read_at + w->reread,
			old = r->watch->polled_at + 2 * w->poll;

		stale = old < stale ? old : stale;
		again = stale < again ? stale : again;
		if (v) {
			current_check(w, i, v);
			window_current(w, i);
		} else
			invariant_broken(w, INV_TRUTH,
					 "registry %d is called "
					 "current unread",
					 i);
	}
	m->good_until = again;
}

static void healthy_check(struct world *w)
{
	if (engine_state(w->e) != ENGINE_OK)
		return;
	for (int i = 0; i < w->cloud.n_registries; i++)
		if (w->member[i].r && w->member[i].r->state != STATE_CURRENT)
			invariant_broken(
				w, INV_TRUTH,
				"ok, while registry %d "
				"is %s",
				i, decide_state_str(w->member[i].r->state));
	if (w->e->n_registries == 0 && w->e->n_watches == 0)
		invariant_broken(w, INV_TRUTH, "ok, and nothing is watched");
}

void truth_check(struct world *w)
{
	int64_t boot = world_now(w).boot;

	for (int i = 0; i < w->cloud.n_registries; i++) {
		struct sim_member *m = &w->member[i];
		struct registry *r = m->r;

		if (r &&
		    (!m->checked || r->read_at != m->seen_read ||
		     r->watch->polled_at != m->seen_poll ||
		     (int)r->state != m->seen_state || boot > m->good_until)) {
			w->watch[m->watch].news |= r->read_at != m->seen_read;
			member_check(w, i);
		}
	}
	healthy_check(w);
	for (int i = 0; i < w->n_watches; i++)
		if (w->watch[i].news || (w->events + (unsigned)i) % 64 == 0)
			truth_retirement(w, i);
}

/* ---- retirement ---- */

static void clear_check(struct world *w, int watch, int version)
{
	int key = w->watch[watch].key;
	int64_t boot = world_now(w).boot;

	if (w->told[watch].newest == version)
		invariant_broken(w, INV_RETIREMENT,
				 "version %d of key %d is "
				 "clear and the newest",
				 version, key);
	if (w->shown[key][version] + w->hold > w->t + CLOCKS_MS)
		invariant_broken(w, INV_RETIREMENT,
				 "version %d of key %d is "
				 "clear before its hold is over",
				 version, key);
	for (int i = 0; i < w->cloud.n_registries; i++) {
		const struct sim_member *m = &w->member[i];
		const struct sim_view *v;

		if (!m->r)
			continue;
		v = m->r->read_at < 0 ? NULL : invariant_view(m, m->r->read_at);
		if (!v || boot - v->boot > w->reread)
			invariant_broken(w, INV_RETIREMENT,
					 "version %d of "
					 "key %d is clear, and registry %d was "
					 "not read",
					 version, key, i);
		else if (!v->missing && v->face.key == key &&
			 v->face.in_use == version)
			invariant_broken(w, INV_RETIREMENT,
					 "version %d of "
					 "key %d is clear, and registry %d is "
					 "on it",
					 version, key, i);
	}
}

void truth_retirement(struct world *w, int watch)
{
	const struct sim_watch *x = &w->watch[watch];
	const struct sim_key *k = &w->cloud.key[x->key];
	int64_t since, until;

	w->watch[watch].news = false;
	/* One that has left the file may be gone from the engine too. */
	if (!x->w || !x->present)
		return;
	for (int i = 0; i < k->n; i++)
		if (retirement_of(w->e, x->w, k->version[i].v.version, &since,
				  &until) == RETIREMENT_CLEAR)
			clear_check(w, watch, i);
}

/* ---- the end ---- */

static bool at_rest(const struct world *w, int i)
{
	const struct sim_member *m = &w->member[i];
	const struct sim_registry *g = &w->cloud.registry[i];
	const struct sim_watch *x = &w->watch[m->watch];

	if (w->dry_run || x->mode == WATCH_OBSERVE || x->manual >= 0)
		return m->r->state != STATE_UNKNOWN &&
		       m->r->state != STATE_UNREACHABLE;
	return m->r->state == STATE_CURRENT && g->face.key == x->key &&
	       g->face.in_use == sim_newest_true(&w->cloud.key[x->key]);
}

void invariant_end(struct world *w)
{
	bool all = !w->dry_run;

	for (int i = 0; i < w->cloud.n_registries; i++) {
		const struct sim_member *m = &w->member[i];
		const struct sim_face *f = &w->cloud.registry[i].face;
		const struct sim_watch *x;

		if (!m->r)
			continue;
		x = &w->watch[m->watch];
		all &= x->mode != WATCH_OBSERVE && x->manual < 0;
		if (!at_rest(w, i))
			invariant_broken(w, INV_QUIET, "registry %d is %s (%s)",
					 i, decide_state_str(m->r->state),
					 decide_reason_str(m->r->reason));
		if (!w->dry_run && x->mode == WATCH_FOLLOW && f->pinned >= 0)
			invariant_broken(w, INV_FOLLOW,
					 "registry %d is "
					 "pinned",
					 i);
	}
	if (w->t - w->last_patch < CALM_TAIL_MS || w->e->n_writes)
		invariant_broken(w, INV_QUIET, "it still writes");
	if (all && w->e->n_watches && engine_state(w->e) != ENGINE_OK)
		invariant_broken(w, INV_QUIET, "the state is not ok");
}

/*
 * Invariant 1: verified before the deadline, when Azure was within reach for
 * ten minutes in a row inside the window.
 *
 * Read strictly that asks too much in five cases, which are allowed for:
 * - A Retry-After is a server's order; the ten minutes begin when it ends.
 * - One goes first and max-parallel limits the rest: a disturbance of one
 *   registry counts for all that have to wait for it, and a watch of many
 *   registries gets the time that its rounds take.
 * - Who is blocked for a person to act on (identity, foreign key, deleted,
 *   not Premium), or paused, has no ten clear minutes; what a person has put
 *   right is seen with the next routine read, so they begin after that.
 * - A dead or sleeping daemon does nothing.
 * - A version that is disabled or superseded inside its window has none.
 */
#include "invariant.h"

#define STALE_MAX_MS (25 * SIM_SECOND)
#define NEED_MS (10 * SIM_MINUTE)
#define MOVE_MS (50 * SIM_SECOND) /* one write, its operation and look */

static int members(const struct world *w, int watch, bool *stubborn)
{
	int n = 0;

	*stubborn = false;
	for (int i = 0; i < w->cloud.n_registries; i++) {
		if (w->member[i].watch != watch)
			continue;
		n++;
		*stubborn |= !w->cloud.registry[i].honours;
	}
	return n;
}

/* What each round costs more where something is strange: looks that are
 * repeated, and forms of writing that are given up. */
static int64_t strangeness(const struct world *w, int watch)
{
	int64_t ms = 0, most = 0;

	for (int i = 0; i < w->cloud.n_registries; i++) {
		const struct sim_registry *g = &w->cloud.registry[i];

		if (w->member[i].watch != watch)
			continue;
		ms = g->deaf ? 4 * MOVE_MS : 0;
		ms += g->stale ? 4 * STALE_MAX_MS : 0;
		ms += g->op_gone || g->blinks ? MOVE_MS : 0;
		most = ms > most ? ms : most;
	}
	return most;
}

static int64_t need(const struct world *w, int watch)
{
	const struct sim_watch *x = &w->watch[watch];
	bool stubborn;
	int n = members(w, watch, &stubborn);
	int64_t rounds =
		1 + (n - 1) / (int)x->max_parallel + (x->canary ? 1 : 0);
	int64_t ms = rounds * MOVE_MS *
			     (stubborn && x->mode == WATCH_FOLLOW ? 3 : 1) +
		     w->poll + SIM_MINUTE;

	/* A tight budget of writes or reads is the user's own wish. */
	ms += strangeness(w, watch) * rounds;
	ms += (int64_t)(n * 6 * SIM_SECOND / w->write_rate / 3);
	return ms > NEED_MS ? ms : NEED_MS;
}

static bool waits_for_others(const struct world *w, int watch)
{
	const struct sim_watch *x = &w->watch[watch];
	bool stubborn;

	return x->canary || members(w, watch, &stubborn) > (int)x->max_parallel;
}

/* The operation under way takes no longer than those of a good day. */
static bool quick(const struct sim_registry *g)
{
	const struct sim_operation *op = &g->op[g->ops % SIM_OPERATIONS];

	return op->ends - op->begun <= 20000;
}

static bool able(const struct world *w, int i)
{
	const struct sim_member *m = &w->member[i];
	const struct sim_registry *g = &w->cloud.registry[i];
	const struct sim_watch *x = &w->watch[m->watch];
	const struct sim_face *f = &g->face;

	/* Who is to come by a rule has not come. */
	if (!m->r && plan_ruled(w, m->watch))
		return false;
	/* A registry on a disabled version is held until it is enabled, when
	 * the daemon cannot read how old it is. */
	if (!w->cloud.key[f->key].version[f->in_use].v.enabled)
		return false;
	return !f->missing && f->premium && f->attached &&
	       (f->provisioning == PROVISIONING_SUCCEEDED ||
		(sim_busy(g) && !g->outsider && quick(g))) &&
	       (f->key == x->key || x->takeover) && !g->op_fails &&
	       g->telling == TELLS && !g->refusal && g->stale <= STALE_MAX_MS &&
	       !(g->deaf & SIM_DEAF_PINNED) &&
	       !(g->deaf && x->mode == WATCH_PIN) && g->slowness <= 20000 &&
	       m->pause_most <= world_azure(w) &&
	       w->paused_until <= world_azure(w);
}

static bool reachable(const struct world *w, int i)
{
	const struct sim_watch *x = &w->watch[w->member[i].watch];
	const struct sim_key *k = &w->cloud.key[x->key];
	int sub = w->cloud.registry[i].subscription;

	if (strange_is(w, STRANGE_WALLED) &&
	    w->remote[REMOTE_ARM][plan_vault_home(w, k->vault)].mood !=
		    MOOD_FINE)
		return false;
	return !w->down && !w->asleep && !w->dry_run && !k->deleted &&
	       k->lag_from == SIM_NEVER &&
	       w->remote[REMOTE_TOKEN][x->credential].mood == MOOD_FINE &&
	       w->remote[REMOTE_VAULT][k->vault].mood == MOOD_FINE &&
	       w->remote[REMOTE_ARM][sub].mood == MOOD_FINE;
}

/* What is refused to one registry for its own sake, or with a code that nobody
 * knows, holds no other one. */
static bool harmless(const struct world *w, int i)
{
	return w->cloud.registry[i].refusal != REFUSES_NOT && reachable(w, i);
}

/* ... unless a second one is refused alike. */
static int refusals(const struct world *w, int watch)
{
	int n = 0;

	for (int i = 0; i < w->cloud.n_registries; i++)
		n += w->member[i].watch == watch &&
		     w->cloud.registry[i].refusal == REFUSES_UNKNOWN;
	return n;
}

/* Nothing stands in the way of whoever has to wait for others. */
static bool clear_for_all(const struct world *w, int watch)
{
	if (!waits_for_others(w, watch))
		return true;
	for (int k = 0; k < w->cloud.n_registries; k++)
		if (w->member[k].watch == watch && !harmless(w, k) &&
		    (!able(w, k) || !reachable(w, k)))
			return false;
	return refusals(w, watch) < 2;
}

static void close_run(struct world *w, struct sim_member *m)
{
	const struct sim_watch *x = &w->watch[m->watch];
	int64_t from = m->run_from, to = w->t;

	if (x->due < 0 || !m->run_ok)
		return;
	from = from > x->effective ? from : x->effective;
	to = to < x->deadline ? to : x->deadline;
	/* The need of a large fleet is not counted for nothing. */
	if (!m->must && to - from >= NEED_MS && to - from >= need(w, m->watch))
		m->must = true;
}

static bool clear_way(const struct world *w, int i, bool all)
{
	return all && able(w, i) && reachable(w, i);
}

static void spoil_one(struct world *w, int i, int64_t until, bool all)
{
	struct sim_member *m = &w->member[i];

	if (m->watch < 0 || !w->watch[m->watch].present)
		return;
	close_run(w, m);
	if (until > m->run_from)
		m->run_from = until;
	if (w->t > m->run_from)
		m->run_from = w->t;
	m->run_ok = clear_way(w, i, all);
}

static void spoil_watch(struct world *w, int watch, int64_t until)
{
	bool all = clear_for_all(w, watch);

	for (int i = 0; i < w->cloud.n_registries; i++)
		if (w->member[i].watch == watch)
			spoil_one(w, i, until, all);
}

void window_spoil(struct world *w, int member, int64_t until)
{
	int watch = member < 0 ? -1 : w->member[member].watch;

	if (watch < 0)
		return;
	if (!waits_for_others(w, watch))
		spoil_one(w, member, until, true);
	else
		spoil_watch(w, watch, until);
}

static bool uses(const struct world *w, int i, enum sim_remote_kind kind,
		 int which)
{
	const struct sim_watch *x = &w->watch[w->member[i].watch];

	switch (kind) {
	case REMOTE_TOKEN:
		return x->credential == which;
	case REMOTE_VAULT:
		return w->cloud.key[x->key].vault == which;
	default:
		/* Its key may be read through the vault's. */
		return w->cloud.registry[i].subscription == which ||
		       (strange_is(w, STRANGE_WALLED) &&
			plan_vault_home(w, w->cloud.key[x->key].vault) ==
				which);
	}
}

void window_spoil_remote(struct world *w, enum sim_remote_kind kind, int which,
			 int64_t until)
{
	bool done[SIM_WATCHES] = { false };

	for (int i = 0; i < w->cloud.n_registries; i++) {
		int watch = w->member[i].watch;

		if (watch < 0 || done[watch] || !uses(w, i, kind, which))
			continue;
		/* Once for all that wait for each other. */
		done[watch] = waits_for_others(w, watch);
		window_spoil(w, i, until);
	}
}

void window_spoil_all(struct world *w, int64_t until)
{
	for (int i = 0; i < w->n_watches; i++)
		spoil_watch(w, i, until);
}

/* ---- windows open and close ---- */

/* Usable, if only from its nbf on. */
static bool promising(const struct key_version *v, int64_t azure)
{
	return sim_usable(v, v->not_before > azure ? v->not_before : azure);
}

/* The daemon knows it to be there, from before this was asked of it. */
static bool already(const struct world *w, int i, int due)
{
	const struct sim_member *m = &w->member[i];
	const struct sim_face *f = &w->cloud.registry[i].face;

	return m->r && m->by.boot >= 0 && m->by.face.in_use == due &&
	       m->by.face.key == w->watch[m->watch].key && f->in_use == due &&
	       f->key == m->by.face.key;
}

void window_watch(struct world *w, int watch)
{
	struct sim_watch *x = &w->watch[watch];
	const struct sim_key *k = &w->cloud.key[x->key];
	int newest = sim_newest_true(k);
	const struct key_version *v = &k->version[newest].v;
	int64_t effective =
		(v->not_before > v->created ? v->not_before : v->created) -
		SIM_EPOCH;
	int due = newest;
	bool all;

	if (!x->present || x->manual >= 0 || x->mode == WATCH_OBSERVE ||
	    !promising(v, world_azure(w)))
		due = -1;
	if (due == x->due && effective + w->window == x->deadline)
		return;
	x->due = due;
	x->turn++;
	cost_watch(w, watch);
	x->effective = effective;
	x->deadline = effective + w->window;
	all = clear_for_all(w, watch);
	for (int i = 0; i < w->cloud.n_registries; i++) {
		struct sim_member *m = &w->member[i];

		if (m->watch != watch)
			continue;
		m->must = false;
		m->verified = (m->on_time == due && m->on_time_key == x->key) ||
			      already(w, i, due);
		if (m->run_from < w->t)
			m->run_from = w->t;
		m->run_ok = clear_way(w, i, all);
	}
	if (due >= 0 && x->deadline > w->t)
		world_at(w, x->deadline, SIM_DEADLINE, watch, x->turn, NULL);
}

void window_deadline(struct world *w, int watch, int turn)
{
	struct sim_watch *x = &w->watch[watch];
	const struct sim_key *k = &w->cloud.key[x->key];

	if (x->turn != turn || !x->present || x->due < 0 || k->deleted ||
	    sim_newest(k) != x->due ||
	    !sim_usable(&k->version[x->due].v, world_azure(w)))
		return;
	for (int i = 0; i < w->cloud.n_registries; i++) {
		struct sim_member *m = &w->member[i];

		if (m->watch != watch)
			continue;
		close_run(w, m);
		w->stats->deadlines++;
		w->stats->held_to += m->must;
		if (m->must && !m->verified)
			invariant_broken(w, INV_DEADLINE,
					 "registry %d is not verified on "
					 "version %d of key %d at its deadline",
					 i, x->due, x->key);
	}
}

static bool on_due(const struct sim_watch *x, const struct sim_face *f)
{
	return f->key == x->key && f->in_use == x->due &&
	       f->provisioning == PROVISIONING_SUCCEEDED;
}

static void verified(struct world *w, int member, int64_t took)
{
	struct sim_member *m = &w->member[member];
	const struct sim_watch *x = &w->watch[m->watch];

	if (w->t <= x->deadline) {
		m->verified = true;
		m->on_time = x->due;
		m->on_time_key = x->key;
	}
	if (x->effective < 0 || (m->told == x->due && m->told_key == x->key))
		return; /* from before the daemon began, or counted */
	m->told = x->due;
	m->told_key = x->key;
	w->stats->verified++;
	if (m->run_ok && m->run_from < x->effective + 1000 &&
	    took > w->stats->worst) {
		w->stats->worst = took;
		w->stats->worst_seed = w->seed;
	}
}

void window_shown(struct world *w, int member, const struct sim_view *v)
{
	struct sim_member *m = &w->member[member];
	struct sim_watch *x = &w->watch[m->watch];
	int64_t took = w->t - x->effective;

	if (v->face.key == x->key && v->face.in_use >= 0 &&
	    v->face.provisioning == PROVISIONING_SUCCEEDED)
		x->good[v->face.in_use] = true;
	if (x->due >= 0 && !m->verified && v->get && on_due(x, &v->face))
		verified(w, member, took);
}

/* It is called current, which truth.c has found to be so: after a restart a
 * LIST may have told that Azure had moved it. */
void window_current(struct world *w, int member)
{
	struct sim_member *m = &w->member[member];
	struct sim_watch *x = &w->watch[m->watch];

	if (x->due >= 0 && !m->verified && on_due(x, &m->by.face))
		verified(w, member, w->t - x->effective);
}

/*
 * In time, when one of several daemons could: for so long in a row, inside a
 * window, all that it needs was within its reach and nothing stood in the way
 * of the key's registries.  What the others did meanwhile is no excuse.
 */
#include "pair.h"

#define NEED_MS (10 * SIM_MINUTE)
#define MOVE_MS (50 * SIM_SECOND) /* one write, its operation and look */
#define TAKES_OVER_MS (75 * SIM_SECOND)

static int64_t need(const struct pair *p, int key)
{
	const struct pair_watch *x = &p->watch[key];
	int n = 0, stubborn = 0, rounds;
	int64_t ms;

	for (int i = 0; i < p->cloud.n_registries; i++) {
		n += p->home[i] == key;
		stubborn |= p->home[i] == key && !p->cloud.registry[i].honours;
	}
	rounds = 1 + (n - 1) / (int)x->max_parallel + x->canary;
	ms = rounds * MOVE_MS * (stubborn && x->mode == WATCH_FOLLOW ? 3 : 1) +
	     p->poll + SIM_MINUTE;
	return ms > NEED_MS ? ms : NEED_MS;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* t since when all that live can do everything; SIM_NEVER: one cannot. */
static int64_t all_well(const struct pair *p)
{
	int64_t from = p->stirred + TAKES_OVER_MS;

	for (int i = 0; i < p->d.daemons; i++) {
		const struct pair_daemon *x = &p->daemon[i];

		if (x->e && p->d.daemon[i].awake <= p->d.t)
			from = later(from, later(x->well, x->asks));
	}
	return from;
}

/* t since when this one had nothing to wait for: under a lease as the one that
 * leads, or in the last quarter, or when all is well so that somebody leads.
 */
static int64_t could(const struct pair *p, int daemon, int key)
{
	const struct pair_watch *x = &p->watch[key];
	int64_t well = p->daemon[daemon].well, from;
	int lease = p->under[key];

	if (lease < 0 || well == SIM_NEVER)
		return well;
	from = later(well, x->deadline - p->window / 4 + 2 * SIM_SECOND);
	if (pair_leads(p, daemon, lease)) {
		int64_t led =
			later(well, p->daemon[daemon].tenure[lease].since);

		from = led < from ? led : from;
	}
	well = all_well(p);
	return well < from ? well : from;
}

/* The run that ends now was long enough. */
static void close_run(struct pair *p, int daemon, int key)
{
	struct pair_watch *x = &p->watch[key];
	int64_t from = could(p, daemon, key), to = p->d.t;

	if (x->due < 0 || from == SIM_NEVER || x->clear == SIM_NEVER)
		return;
	from = later(from, later(x->clear, x->effective));
	to = to < x->deadline ? to : x->deadline;
	if (to - from >= need(p, key))
		x->must = true;
}

void pair_window_close(struct pair *p)
{
	for (int i = 0; i < p->d.daemons; i++)
		for (int k = 0; k < p->cloud.n_keys; k++)
			close_run(p, i, k);
}

static bool well(const struct pair *p, int daemon)
{
	const struct pair_daemon *x = &p->daemon[daemon];

	for (int l = 0; l < LINKS; l++)
		if (l != LINK_LEASE && x->link[l] != PAIR_FINE)
			return false;
	return x->e && !x->stopping && p->d.daemon[daemon].awake <= p->d.t;
}

void pair_window_daemon(struct pair *p, int daemon, int64_t until)
{
	struct pair_daemon *x = &p->daemon[daemon];

	pair_window_close(p);
	if (!well(p, daemon)) {
		x->well = SIM_NEVER;
		return;
	}
	if (x->well == SIM_NEVER || x->well < p->d.t)
		x->well = p->d.t;
	if (x->well < until)
		x->well = until;
}

/* Nothing that somebody has to see to, and no operation that takes longer than
 * those of a good day. */
static bool clear(const struct pair *p, int key)
{
	for (int i = 0; i < p->cloud.n_registries; i++) {
		const struct sim_registry *g = &p->cloud.registry[i];
		const struct sim_face *f = &g->face;

		if (p->home[i] != key)
			continue;
		if (!f->attached || g->op_fails || g->slowness > 20000 ||
		    (sim_busy(g) && g->outsider) ||
		    !p->cloud.key[key].version[f->in_use].v.enabled)
			return false;
	}
	return true;
}

void pair_window_key(struct pair *p, int key, int64_t until)
{
	struct pair_watch *x = &p->watch[key];

	for (int i = 0; i < p->d.daemons; i++)
		close_run(p, i, key);
	if (!clear(p, key)) {
		x->clear = SIM_NEVER;
		return;
	}
	if (x->clear == SIM_NEVER || x->clear < p->d.t)
		x->clear = p->d.t;
	if (x->clear < until)
		x->clear = until;
}

/* Usable, if only from its nbf on. */
static bool promising(const struct key_version *v, int64_t azure)
{
	return sim_usable(v, v->not_before > azure ? v->not_before : azure);
}

void pair_window(struct pair *p, int key)
{
	struct pair_watch *x = &p->watch[key];
	const struct sim_key *k = &p->cloud.key[key];
	int newest = sim_newest_true(k);
	const struct key_version *v = &k->version[newest].v;
	int64_t effective =
		(v->not_before > v->created ? v->not_before : v->created) -
		SIM_EPOCH;
	int due = promising(v, SIM_EPOCH + p->d.t) ? newest : -1;

	pair_window_key(p, key, p->d.t);
	if (due == x->due && effective == x->effective)
		return;
	x->due = due;
	x->turn++;
	x->must = false;
	x->effective = effective;
	x->deadline = effective + p->window;
	if (due >= 0 && x->deadline > p->d.t)
		pair_at(p, x->deadline, PAIR_OPENS, key, x->turn, NULL);
}

/* It is there, and one of them has seen so. */
static bool verified(const struct pair *p, int registry, int key, int due)
{
	const struct sim_face *f = &p->cloud.registry[registry].face;

	return f->key == key && f->in_use == due && p->shown[registry] == due;
}

void pair_window_deadline(struct pair *p, int key, int turn)
{
	struct pair_watch *x = &p->watch[key];
	const struct sim_key *k = &p->cloud.key[key];

	if (x->turn != turn || x->due < 0 || k->deleted ||
	    !sim_usable(&k->version[x->due].v, SIM_EPOCH + p->d.t))
		return;
	for (int i = 0; i < p->d.daemons; i++)
		close_run(p, i, key);
	for (int i = 0; i < p->cloud.n_registries; i++) {
		if (p->home[i] != key)
			continue;
		p->stats->deadlines++;
		p->stats->held_to += x->must;
		if (x->must && !verified(p, i, key, x->due))
			pair_broken(p, PAIR_DEADLINE,
				    "registry %d is not verified on version %d "
				    "of key %d at its deadline",
				    i, x->due, key);
	}
}

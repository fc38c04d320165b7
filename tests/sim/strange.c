/*
 * Worlds in which something is strange for a while, again and again: answers
 * that are old, that do not tell, that are untrue, that never come.
 *
 * A world draws on chance of its own, so that all others stay as they were.
 * Where a deadline can be kept in spite of what is strange, it has to be.
 */
#include <string.h>

#include "invariant.h"

/* What was in vain or refused is tried again after some minutes. */
#define SLOW_RETRY_MS (5 * SIM_MINUTE)

static int any_registry(struct world *w)
{
	return (int)random_below(&w->odds, w->cloud.n_registries);
}

static void begins(struct world *w, enum sim_fault f, const char *what, int a)
{
	trouble_count(w, f);
	trace_record(w, what, a, 0, NULL);
}

/* Of one registry, or now and then of all that its watch has. */
static void each_or_one(struct world *w, int one,
			void (*put)(struct world *w, struct sim_registry *g))
{
	bool all = world_chance(w, 20);

	for (int i = 0; i < w->cloud.n_registries; i++)
		if (i == one || (all && w->member[i].watch >= 0 &&
				 w->member[i].watch == w->member[one].watch)) {
			put(w, &w->cloud.registry[i]);
			window_spoil(w, i, w->t);
		}
}

/* Hosts that tell a date, as far as they are asked for anything. */
static int voters(const struct world *w)
{
	bool seen[SIM_VAULTS] = { false };
	int n = 1; /* Resource Manager */

	for (int i = 0; i < w->n_watches; i++) {
		bool *s = &seen[w->cloud.key[w->watch[i].key].vault];

		n += !*s && w->watch[i].present;
		*s = true;
	}
	return n;
}

/* ---- each of them: it begins; returns whom it is about ---- */

static void untell(struct world *w, struct sim_registry *g)
{
	g->telling =
		(enum sim_telling)world_between(w, TELLS_NOT, TELLS_JUNK + 1);
}

static int untold(struct world *w)
{
	int i = any_registry(w);

	begins(w, FAULT_SEEN_UNTOLD, "version in use not told", i);
	each_or_one(w, i, untell);
	return i;
}

static int list_down(struct world *w)
{
	int sub = (int)random_below(&w->odds, w->n_subscriptions);

	begins(w, FAULT_SEEN_LIST_DOWN, "LIST fails", sub);
	w->list_down[sub] = true;
	return sub;
}

static int list_old(struct world *w)
{
	int sub = (int)random_below(&w->odds, w->n_subscriptions);

	begins(w, FAULT_SEEN_LIST_OLD, "LIST is old", sub);
	w->cloud.list_old[sub] =
		world_between(w, 60, world_chance(w, 50) ? 180 : 900) *
		SIM_SECOND;
	return sub;
}

static void make_stale(struct world *w, struct sim_registry *g)
{
	g->stale =
		world_between(w, 2, world_chance(w, 70) ? 25 : 90) * SIM_SECOND;
}

static int get_old(struct world *w)
{
	int i = any_registry(w);

	begins(w, FAULT_SEEN_GET_OLD, "GET is old", i);
	each_or_one(w, i, make_stale);
	return i;
}

static void deafen(struct world *w, struct sim_registry *g)
{
	g->deaf = (unsigned)world_between(w, 1, 4);
}

static int in_vain(struct world *w)
{
	int i = any_registry(w);

	begins(w, FAULT_SEEN_IN_VAIN, "writes do nothing", i);
	each_or_one(w, i, deafen);
	return i;
}

static int replicas(struct world *w)
{
	int key = (int)random_below(&w->odds, w->cloud.n_keys);
	struct sim_key *k = &w->cloud.key[key];

	if (k->lag_from != SIM_NEVER)
		return -1;
	begins(w, FAULT_SEEN_ALTERNATES, "replicas alternate", key);
	k->flips = true;
	k->lag_from = w->t - world_between(w, 0, 2 * SIM_HOUR);
	trouble_key_changed(w, key);
	return key;
}

static void lose_operations(struct world *w, struct sim_registry *g)
{
	(void)w;
	g->op_gone = true;
}

static int op_gone(struct world *w)
{
	int i = any_registry(w);

	begins(w, FAULT_SEEN_OP_GONE, "operations are gone", i);
	each_or_one(w, i, lose_operations);
	return i;
}

static int refusals(struct world *w)
{
	int i = any_registry(w);
	struct sim_registry *g = &w->cloud.registry[i];
	bool own = world_chance(w, 50);

	begins(w, own ? FAULT_SEEN_POLICY : FAULT_SEEN_UNKNOWN_CODE,
	       "writes are refused", i);
	g->refuses_late = world_chance(w, 40);
	g->refusal = own ? REFUSES_OWN : REFUSES_UNKNOWN;
	/* Or it was for the key's sake, and is so for all. */
	for (int k = 0; !own && k < w->cloud.n_registries; k++)
		if (w->member[k].watch >= 0 &&
		    w->member[k].watch == w->member[i].watch && g->refuses_late)
			w->cloud.registry[k].refusal = REFUSES_UNKNOWN;
	window_spoil(w, i, w->t);
	return i;
}

static int blinks(struct world *w)
{
	int i = any_registry(w);
	int key = (int)random_below(&w->odds, w->cloud.n_keys);

	begins(w, FAULT_SEEN_BLINKS, "404 now and then", i);
	w->cloud.registry[i].blinks = true;
	if (world_chance(w, 50))
		w->cloud.key[key].blinks = true;
	return i;
}

static int reloads(struct world *w)
{
	const char *what;

	invariant_refill(w);
	what = plan_one(w);
	trouble_count(w, FAULT_SEEN_ONE_OPTION);
	trace_record(w, "one option", 0, 0, what);
	world_reload(w);
	return -1;
}

static int hangs(struct world *w)
{
	int vault = (int)random_below(&w->odds, w->n_vaults);

	if (w->remote[REMOTE_VAULT][vault].mood != MOOD_FINE)
		return -1;
	begins(w, FAULT_SEEN_HANGS, "vault hangs", vault);
	trouble_remote(w, REMOTE_VAULT, vault, MOOD_MUTE, 100);
	return vault;
}

/* Of one second: replicas show the one or the other as the newest. */
static int one_second(struct world *w)
{
	int key = (int)random_below(&w->odds, w->cloud.n_keys);
	struct sim_key *k = &w->cloud.key[key];
	struct sim_version *s;

	if (k->lag_from != SIM_NEVER || k->deleted || k->n > SIM_VERSIONS - 6)
		return -1;
	begins(w, FAULT_SEEN_ONE_SECOND, "two versions in one second", key);
	k->lag_from = sim_version_add(&w->cloud, key, w->t)->born;
	s = sim_version_add(&w->cloud, key, w->t + 1);
	s->v.created = s->v.updated = s[-1].v.created;
	k->flips = true;
	trouble_key_changed(w, key);
	return key;
}

/* Of one key, the last one's, a new version every few minutes. */
static int forty(struct world *w)
{
	int key = w->watch[w->n_watches - 1].key;

	begins(w, FAULT_SEEN_FORTY, "one more version", key);
	world_at(w, w->t, SIM_LAST_VERSION, key, 0, NULL);
	return -1;
}

/* A vault's: it is a host of its own, and the same one in all of this world,
 * for two that are wrong may be believed. */
static int dates(struct world *w)
{
	int vault = (int)(w->seed % (unsigned)w->n_vaults);
	struct sim_remote *r = &w->remote[REMOTE_VAULT][vault];

	begins(w, FAULT_SEEN_DATE_OFF, "a host's dates are wrong", vault);
	r->off = world_between(w, 1, 80) * 365 * 24 * SIM_HOUR;
	if (voters(w) > 2 && world_chance(w, 50))
		r->off = SIM_HOUR;
	if (world_chance(w, 50))
		r->off = -r->off;
	return vault;
}

/* Its keys are read another way, and no deadline is missed for that. */
static int walled(struct world *w)
{
	int vault = (int)random_below(&w->odds, w->n_vaults);

	begins(w, FAULT_SEEN_WALLED, "vault is walled", vault);
	w->cloud.walled[vault] = true;
	return vault;
}

/* ---- and ends ---- */

static void heal_one(struct world *w, int i, int64_t slow_ms)
{
	struct sim_registry *g = &w->cloud.registry[i];
	bool slow = g->deaf || g->refusal;

	if (!slow && g->telling == TELLS && !g->stale && !g->op_gone)
		return;
	g->telling = TELLS;
	g->refusal = REFUSES_NOT;
	g->deaf = 0;
	g->stale = 0;
	g->op_gone = false;
	trouble_seen_late(w, i, slow ? slow_ms : 0);
}

static void heal(struct world *w, int one)
{
	int watch = w->member[one].home;

	for (int i = 0; i < w->cloud.n_registries; i++)
		if (w->member[i].home == watch)
			heal_one(w, i, SLOW_RETRY_MS);
}

static void list_works(struct world *w, int sub)
{
	w->list_down[sub] = false;
	w->cloud.list_old[sub] = 0;
}

static void key_steady(struct world *w, int key)
{
	struct sim_key *k = &w->cloud.key[key];

	if (!k->flips)
		return;
	k->flips = false;
	k->lag_from = SIM_NEVER;
	trouble_key_changed(w, key);
}

static void steady(struct world *w, int i)
{
	w->cloud.registry[i].blinks = false;
	for (int k = 0; k < w->cloud.n_keys; k++)
		w->cloud.key[k].blinks = false;
}

static void dates_right(struct world *w, int vault)
{
	if (w->remote[REMOTE_VAULT][vault].off)
		w->dates_right = w->t + 30 * SIM_MINUTE; /* and believed */
	w->remote[REMOTE_VAULT][vault].off = 0;
}

static void answers(struct world *w, int vault)
{
	if (w->remote[REMOTE_VAULT][vault].mood == MOOD_MUTE)
		trouble_remote(w, REMOTE_VAULT, vault, MOOD_FINE, 100);
}

static void wall_falls(struct world *w, int vault)
{
	w->cloud.walled[vault] = false;
}

static int untagged(struct world *w)
{
	int i = (int)random_below(&w->rng, w->cloud.n_registries);

	w->cloud.registry[i].untagged = true;
	window_spoil(w, i, w->t);
	return i;
}

static void tagged(struct world *w, int i)
{
	w->cloud.registry[i].untagged = false;
	w->cloud.registry[i].tagged_at = w->t;
	window_spoil(w, i, w->t + 3 * w->reread);
}

/* ---- the table ---- */

static const struct strange {
	const char *name;
	int (*begins)(struct world *w); /* -1: it does not, or is over */
	void (*ends)(struct world *w, int whom);
	unsigned chance;	    /* of a seed, in percent */
	int64_t often, least, most; /* minutes */
} table[SIM_STRANGES] = {
	[STRANGE_UNTOLD] = { "untold", untold, heal, 7, 60, 3, 90 },
	[STRANGE_LIST_DOWN] = { "list-down", list_down, list_works, 7, 90, 20,
				180 },
	[STRANGE_LIST_OLD] = { "list-old", list_old, list_works, 7, 60, 10,
			       120 },
	[STRANGE_GET_OLD] = { "get-old", get_old, heal, 7, 40, 10, 60 },
	[STRANGE_IN_VAIN] = { "in-vain", in_vain, heal, 7, 40, 5, 90 },
	[STRANGE_REPLICAS] = { "replicas", replicas, key_steady, 7, 60, 5, 90 },
	[STRANGE_OP_GONE] = { "op-gone", op_gone, heal, 7, 40, 10, 90 },
	[STRANGE_REFUSALS] = { "refusals", refusals, heal, 7, 30, 5, 60 },
	[STRANGE_BLINKS] = { "blinks", blinks, steady, 7, 40, 10, 90 },
	[STRANGE_RELOADS] = { "reloads", reloads, NULL, 7, 15, 1, 1 },
	[STRANGE_HANGS] = { "hangs", hangs, answers, 7, 90, 5, 60 },
	[STRANGE_ONE_SECOND] = { "one-second", one_second, key_steady, 7, 60, 5,
				 60 },
	[STRANGE_FORTY] = { "forty", forty, NULL, 1, 9, 1, 1 },
	[STRANGE_DATES] = { "dates", dates, dates_right, 7, 60, 5, 90 },
	[STRANGE_ONCE] = { "once", NULL, NULL, 5, 1, 1, 1 },
	/* The summary of a whole set of seeds: by name alone. */
	[STRANGE_FLEET] = { "fleet", NULL, NULL, 0, 1, 1, 1 },
	[STRANGE_WALLED] = { "walled", walled, wall_falls, 7, 60, 10, 240 },
	/* No watch names a registry: rules find them, by a tag that some lose
	 * for a while. */
	[STRANGE_RULED] = { "ruled", untagged, tagged, 7, 30, 5, 60 },
};

const char *strange_name(int world)
{
	return table[world].name;
}

/* Half of the seeds are as plain as ever. */
void strange_choose(struct world *w, unsigned asked, bool by_chance)
{
	struct random own;

	random_init(&w->odds, w->seed * 0x9e3779b97f4a7c15u + 17);
	random_init(&own, w->seed * 0x9e3779b97f4a7c15u + 18);
	w->strange = asked;
	for (int i = 0; i < SIM_STRANGES; i++)
		/* Those that came later leave all others as they were. */
		if (random_below(i > STRANGE_FLEET ? &own : &w->odds, 100) <
			    table[i].chance &&
		    by_chance && w->level > 0)
			w->strange |= 1u << i;
	for (int i = 0; i < SIM_STRANGES; i++)
		w->stats->worlds[i] += w->strange >> i & 1;
}

static void next(struct world *w, int which)
{
	world_at(w,
		 w->t + world_between(w, 1000,
				      2 * table[which].often * SIM_MINUTE),
		 SIM_STRANGE, which, 0, NULL);
}

void strange_plan(struct world *w)
{
	struct random *before = world_dice(w, &w->odds);

	for (int i = 0; i < SIM_STRANGES; i++)
		if (strange_is(w, (enum sim_strange)i) && table[i].begins)
			next(w, i);
	world_dice(w, before);
}

static void begin(struct world *w, int which)
{
	const struct strange *s = &table[which];
	int whom = -1;

	if (w->t >= w->quiet)
		return;
	if (w->cloud.n_registries)
		whom = s->begins(w);
	if (whom >= 0)
		world_at(w,
			 w->t + world_between(w, s->least, s->most + 1) *
					 SIM_MINUTE,
			 SIM_STRANGE_ENDS, which, whom, NULL);
	next(w, which);
}

void strange_happen(struct world *w, const struct sim_entry *e)
{
	struct random *before = world_dice(w, &w->odds);

	if (e->what == SIM_STRANGE) {
		begin(w, e->a);
	} else if (w->t < w->quiet) {
		trace_record(w, "no longer strange", e->a, e->b, NULL);
		table[e->a].ends(w, e->b);
	}
	world_dice(w, before);
}

void strange_end_all(struct world *w)
{
	for (int i = 0; i < w->cloud.n_registries; i++) {
		heal_one(w, i, SLOW_RETRY_MS);
		steady(w, i);
		if (w->cloud.registry[i].untagged)
			w->cloud.registry[i].tagged_at = w->t;
		w->cloud.registry[i].untagged = false;
	}
	for (int i = 0; i < w->n_subscriptions; i++)
		list_works(w, i);
	for (int i = 0; i < w->n_vaults; i++) {
		dates_right(w, i);
		wall_falls(w, i);
	}
	/* From now on it is the resident daemon. */
	w->strange &= ~(1u << STRANGE_ONCE);
	for (int i = 0; i < w->cloud.n_keys; i++)
		key_steady(w, i);
}

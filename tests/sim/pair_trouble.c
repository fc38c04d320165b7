/* What befalls several daemons, their ways to Azure, and what they watch. */
#include "base/text.h"
#include "pair.h"

/* ---- ways ---- */

void pair_link_set(struct pair *p, int daemon, enum pair_link link,
		   enum pair_mood mood, unsigned share)
{
	struct pair_daemon *x = &p->daemon[daemon];

	x->link[link] = mood;
	x->share[link] = share;
	x->turn[link]++;
	pair_window_daemon(p, daemon, p->d.t);
	/* A token is not asked for again at once. */
	pair_lease_reach(p, daemon,
			 p->d.t + (link == LINK_TOKEN ? SIM_MINUTE : 0));
}

static void cut(struct pair *p, int daemon, unsigned links, int64_t ms)
{
	static const enum pair_mood moods[] = {
		PAIR_LOST_BEFORE, PAIR_LOST_AFTER, PAIR_MUTE, PAIR_REFUSED,
		PAIR_REFUSED,	  PAIR_503,	   PAIR_SLOW, PAIR_LATE,
	};
	enum pair_mood mood = moods[random_below(&p->rng, 8)];
	unsigned share = pair_chance(p, 70) ? 100 : 60;

	p->stats->cuts++;
	pair_note(p, "%c: links %x are cut (%d) for %.3f s", 'A' + daemon,
		  links, (int)mood, (double)ms / 1000);
	for (int l = 0; l < LINKS; l++) {
		if (!(links >> l & 1))
			continue;
		pair_link_set(p, daemon, (enum pair_link)l, mood, share);
		pair_at(p, p->d.t + ms, PAIR_MENDS, daemon * LINKS + l,
			(int)p->daemon[daemon].turn[l], NULL);
	}
}

/* One way of one daemon, all of its ways, or one of everybody's. */
static void cuts(struct pair *p)
{
	int one = (int)random_below(&p->rng, p->d.daemons);
	unsigned links = 1u << random_below(&p->rng, LINKS);
	static const int64_t longest[] = { 900, 900, 900, 3600, 14400 };
	int64_t ms = pair_between(p, 20, longest[random_below(&p->rng, 5)]) *
		     SIM_SECOND;
	bool everybody = pair_chance(p, 15);

	if (pair_chance(p, 20))
		links = 1u << LINK_LEASE;
	else if (pair_chance(p, 40)) /* of Azure, and of the leases as well */
		links = (1u << (pair_chance(p, 50) ? LINK_LEASE : LINKS)) - 1;
	for (int i = 0; i < p->d.daemons; i++)
		if (everybody || i == one)
			cut(p, i, links, ms);
}

static void mends(struct pair *p, const struct pair_item *x)
{
	int daemon = x->a / LINKS, link = x->a % LINKS;

	if ((int)p->daemon[daemon].turn[link] != x->b)
		return;
	pair_link_set(p, daemon, (enum pair_link)link, PAIR_FINE, 0);
	pair_note(p, "%c: link %x is mended", 'A' + daemon, 1u << link);
}

/* ---- lives ---- */

static void crash(struct pair *p, int daemon)
{
	p->stats->crashes++;
	pair_kill(p, daemon, pair_chance(p, 30));
	if (pair_chance(p, 30)) /* the host as well */
		p->d.daemon[daemon].boot = -p->d.t + pair_between(p, 1, 60000);
	pair_at(p,
		p->d.t + pair_between(p, 2, pair_chance(p, 60) ? 60 : 3600) *
				 SIM_SECOND,
		PAIR_STARTS, daemon, 0, NULL);
}

static void stop(struct pair *p, int daemon)
{
	p->stats->stops++;
	pair_note(p, "%c is told to stop", 'A' + daemon);
	p->daemon[daemon].stopping = true;
	p->daemon[daemon].let_go = false;
	pair_stirs(p, daemon);
	pair_at(p, p->d.t + 4 * SIM_SECOND, PAIR_OVER, daemon, 0, NULL);
	pair_at(p,
		p->d.t + pair_between(p, 5, pair_chance(p, 60) ? 60 : 3600) *
				 SIM_SECOND,
		PAIR_STARTS, daemon, 0, NULL);
}

static void freeze(struct pair *p, int daemon)
{
	static const int64_t most[] = { 2000, 70000, 300000, 2400000 };

	p->stats->freezes++;
	pair_freeze(p, daemon,
		    pair_between(p, 200, most[random_below(&p->rng, 4)]));
}

static void wall_steps(struct pair *p, int daemon)
{
	struct driver_daemon *x = &p->d.daemon[daemon];

	x->wall = pair_between(p, -600, 600) * SIM_SECOND;
	pair_note(p, "%c: its clock is wrong by %lld s", 'A' + daemon,
		  (long long)x->wall / 1000);
}

static void life(struct pair *p)
{
	int daemon = (int)random_below(&p->rng, p->d.daemons);

	if (!p->daemon[daemon].e || p->daemon[daemon].stopping ||
	    p->d.daemon[daemon].awake > p->d.t)
		return;
	switch (random_below(&p->rng, 8)) {
	case 0:
	case 1:
	case 2:
		crash(p, daemon);
		break;
	case 3:
		stop(p, daemon);
		break;
	case 4:
		wall_steps(p, daemon);
		break;
	default:
		freeze(p, daemon);
	}
}

/* ---- keys and registries ---- */

static void spoil_version(struct pair *p, struct key_version *v)
{
	int64_t soon = SIM_EPOCH + p->d.t + pair_between(p, 2, 45) * SIM_MINUTE;

	switch (random_below(&p->rng, 4)) {
	case 0:
		v->enabled = false;
		break;
	case 1:
		v->wraps = false;
		break;
	case 2:
		v->expires = soon / 1000 * 1000;
		break;
	default:
		v->not_before = soon / 1000 * 1000;
	}
}

static void key_trouble(struct pair *p)
{
	int key = (int)random_below(&p->rng, p->cloud.n_keys);
	struct sim_key *k = &p->cloud.key[key];

	if (k->n >= SIM_VERSIONS - 4)
		return;
	if (pair_chance(p, 60))
		spoil_version(p, &sim_version_add(&p->cloud, key, p->d.t)->v);
	else
		k->version[k->n - 1].v.enabled = false;
	pair_note(p, "key %d has trouble with version %d", key, k->n - 1);
	pair_window(p, key);
	pair_at(p, p->d.t + pair_between(p, 3, 50) * SIM_MINUTE, PAIR_HEALS, -1,
		key, NULL);
}

static void key_heals(struct pair *p, int key)
{
	struct sim_key *k = &p->cloud.key[key];
	const struct key_version *v = &k->version[k->n - 1].v;

	for (int i = 0; i < k->n; i++)
		k->version[i].v.enabled = true;
	if (!sim_usable(v, SIM_EPOCH + p->d.t) &&
	    v->not_before <= SIM_EPOCH + p->d.t && k->n < SIM_VERSIONS - 1)
		sim_version_add(&p->cloud, key, p->d.t);
	pair_note(p, "key %d heals, version %d", key, k->n - 1);
	pair_window(p, key);
}

static void registry_trouble(struct pair *p)
{
	int i = (int)random_below(&p->rng, p->cloud.n_registries);
	struct sim_registry *g = &p->cloud.registry[i];
	int64_t ms = pair_between(p, 1, 40) * SIM_MINUTE;
	int what = (int)random_below(&p->rng, 4);

	if (g->face.provisioning != PROVISIONING_SUCCEEDED)
		return;
	switch (what) {
	case 0:
		g->op_fails = true;
		g->fails_as_key = pair_chance(p, 60);
		break;
	case 1:
		g->slowness = pair_between(p, 1, 20) * SIM_MINUTE;
		break;
	case 2:
		if (sim_occupy(g, p->d.t))
			pair_at(p, p->d.t + ms / 2, PAIR_SETTLES, i, g->turn,
				NULL);
		break;
	default:
		sim_face_change(g, p->d.t);
		g->face.attached = false;
	}
	pair_note(p, "registry %d has trouble %d", i, what);
	pair_window_key(p, p->home[i], p->d.t);
	pair_at(p, p->d.t + ms, PAIR_HEALS, i, 0, NULL);
}

static void registry_heals(struct pair *p, int i)
{
	struct sim_registry *g = &p->cloud.registry[i];

	g->op_fails = false;
	if (g->slowness > 20000)
		g->slowness = pair_between(p, 500, 20000);
	sim_face_change(g, p->d.t);
	g->face.attached = true;
	pair_note(p, "registry %d heals", i);
	/* What a person has put right is seen with the next routine read. */
	pair_window_key(p, p->home[i], p->d.t + p->reread + SIM_MINUTE);
}

/* ---- when ---- */

void pair_trouble_happen(struct pair *p, const struct pair_item *x)
{
	static const int64_t often[] = { 0, 150, 75, 30 }; /* min */
	int64_t again =
		p->d.t + pair_between(p, 1, 2 * often[p->level]) * SIM_MINUTE;

	switch (x->what) {
	case PAIR_MENDS:
		mends(p, x);
		return;
	case PAIR_HEALS:
		if (x->a < 0)
			key_heals(p, x->b);
		else
			registry_heals(p, x->a);
		return;
	default:
		break;
	}
	if (p->d.t >= p->quiet)
		return;
	if (x->what == PAIR_CUTS)
		cuts(p);
	else if (x->what == PAIR_LIFE)
		life(p);
	else if (pair_chance(p, 40))
		key_trouble(p);
	else
		registry_trouble(p);
	pair_at(p, again, x->what, 0, 0, NULL);
}

void pair_trouble_plan(struct pair *p)
{
	static const enum pair_event what[] = { PAIR_CUTS, PAIR_LIFE,
						PAIR_CLOUD };

	p->chance = (unsigned)(p->level * pair_between(p, 0, 6));
	for (int i = 0; i < 3 && p->level > 0; i++)
		pair_at(p, pair_between(p, 1, 60) * SIM_MINUTE, what[i], 0, 0,
			NULL);
}

void pair_trouble_end(struct pair *p)
{
	p->chance = 0;
	for (int d = 0; d < p->d.daemons; d++) {
		p->d.daemon[d].wall = 0;
		for (int l = 0; l < LINKS; l++)
			pair_link_set(p, d, (enum pair_link)l, PAIR_FINE, 0);
		if (p->d.daemon[d].awake > p->d.t) {
			p->d.daemon[d].awake = p->d.t;
			pair_at(p, p->d.t, PAIR_THAWS, d, 0, NULL);
		}
		pair_at(p, p->d.t + 5000, PAIR_STARTS, d, 0, NULL);
	}
	for (int i = 0; i < p->cloud.n_registries; i++)
		registry_heals(p, i);
	for (int i = 0; i < p->cloud.n_keys; i++) {
		const struct sim_key *k = &p->cloud.key[i];
		const struct key_version *v;

		key_heals(p, i);
		v = &k->version[k->n - 1].v;
		/* What would expire, or come to life, before the end. */
		if (v->expires >= 0 || v->not_before > SIM_EPOCH + p->d.t)
			pair_at(p, p->d.t + 1000, PAIR_LAST_VERSION, i, 0,
				NULL);
	}
}

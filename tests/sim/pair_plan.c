/* The world of several daemons as it is at the start, and the configuration
 * that all of them have. */
#include <stdio.h>

#include "base/text.h"
#include "pair.h"

static void plan_key(struct pair *p, int at)
{
	static const enum watch_mode modes[] = { WATCH_FOLLOW, WATCH_FOLLOW,
						 WATCH_FOLLOW, WATCH_PIN };
	struct sim_key *k = &p->cloud.key[at];
	struct pair_watch *x = &p->watch[at];
	int64_t born = -pair_between(p, 2, 400) * 24 * (int64_t)SIM_HOUR;
	int n = (int)pair_between(p, 1, 4);

	snprintf(k->host, sizeof(k->host), "vault0.vault.azure.net");
	snprintf(k->name, sizeof(k->name), "key-%x", (unsigned)at);
	k->lag_from = SIM_NEVER;
	k->hides_disabled = pair_chance(p, 50);
	for (int i = 0; i < n; i++) {
		sim_version_add(&p->cloud, at, born);
		born += pair_between(p, 1, -born - SIM_HOUR);
	}
	x->mode = modes[random_below(&p->rng, 4)];
	x->canary = pair_chance(p, 75);
	x->max_parallel = (unsigned)pair_between(p, 1, 5);
	x->due = -1;
	pair_at(p, pair_between(p, 5 * SIM_MINUTE, 90 * SIM_MINUTE),
		PAIR_VERSION, at, 0, NULL);
}

static void plan_registry(struct pair *p, int key)
{
	int at = p->cloud.n_registries++;
	struct sim_registry *g = &p->cloud.registry[at];
	int n = p->cloud.key[key].n;

	p->home[at] = key;
	g->subscription = at % 2;
	snprintf(g->id, sizeof(g->id),
		 "/subscriptions/00000000-0000-4000-8000-%012x/resourceGroups/"
		 "rg/providers/Microsoft.ContainerRegistry/registries/sim%05d",
		 (unsigned)g->subscription, at);
	g->honours = pair_chance(p, 60);
	g->slowness = pair_chance(p, 15) ? 0 : pair_between(p, 500, 20000);
	g->face = (struct sim_face){
		.key = key,
		.pinned = -1,
		.in_use = pair_chance(p, 80) ? n - 1
					     : (int)random_below(&p->rng, n),
		.provisioning = PROVISIONING_SUCCEEDED,
		.attached = true,
		.premium = true,
	};
	if (p->watch[key].mode == WATCH_PIN || pair_chance(p, 15))
		g->face.pinned = g->face.in_use;
	g->changed = -SIM_HOUR;
	g->before = g->face;
	pair_at(p, pair_between(p, 1, SIM_HOUR), PAIR_FOLLOWS, at, 0, NULL);
}

void pair_plan(struct pair *p)
{
	static const int64_t windows[] = { 60, 60, 60, 120, 90 }; /* min */
	static const int64_t polls[] = { 60, 60, 30, 120 };	  /* s */
	static const int64_t rereads[] = { 300, 300, 120 };	  /* s */

	p->cloud.rng = &p->rng;
	p->cloud.registry = p->registry;
	p->cloud.page = (int)pair_between(p, 2, 9);
	p->cloud.checks_late = pair_chance(p, 50);
	p->window = windows[random_below(&p->rng, 5)] * SIM_MINUTE;
	p->poll = polls[random_below(&p->rng, 4)] * SIM_SECOND;
	p->reread = rereads[random_below(&p->rng, 3)] * SIM_SECOND;
	p->cloud.n_keys = (int)pair_between(p, 1, PAIR_KEYS + 1);
	for (int i = 0; i < p->cloud.n_keys; i++)
		plan_key(p, i);
	for (int i = 0; i < p->cloud.n_keys; i++) {
		int n = (int)pair_between(p, 1, pair_chance(p, 20) ? 7 : 4);

		/* Each key has one at least. */
		while (n-- > 0 &&
		       p->cloud.n_registries <
			       PAIR_REGISTRIES - p->cloud.n_keys + i + 1)
			plan_registry(p, i);
	}
	pair_lease_plan(p);
	for (int i = 0; i < p->d.daemons; i++) {
		p->d.daemon[i].boot = pair_between(p, 1000, 1000000000);
		if (p->level > 0)
			p->d.daemon[i].wall =
				pair_between(p, -300, 300) * SIM_SECOND;
		p->daemon[i].well = p->daemon[i].asks = SIM_NEVER;
	}
}

/* What its watch says of leases. */
static const char *under(const struct pair *p, int daemon, int key, char *dst,
			 size_t size)
{
	int lease = p->under[key];

	if (lease < 0)
		return "";
	snprintf(dst, size, "lease = \"lease-%d\"%s", lease,
		 p->lease[lease].preferred == daemon ? " prefer = true" : "");
	return dst;
}

struct config *pair_config(const struct pair *p, int daemon)
{
	char lease[64];
	struct buf b;

	buf_init(&b, CONFIG_TEXT_MAX);
	buf_printf(&b,
		   "window = \"%llds\" poll-interval = \"%llds\" "
		   "reread-interval = \"%llds\" retirement-hold = \"10m\"\n",
		   (long long)p->window / 1000, (long long)p->poll / 1000,
		   (long long)p->reread / 1000);
	for (int i = 0; i < p->n_leases; i++)
		buf_printf(
			&b,
			"lease \"lease-%d\" { url = \"https://sim.blob.core."
			"windows.net/keyrotd/lease-%d\" duration = \"%llds\" "
			"}\n",
			i, i, (long long)p->lease[i].duration / 1000);
	for (int i = 0; i < p->cloud.n_keys; i++) {
		const struct pair_watch *x = &p->watch[i];
		const char *comma = "";

		buf_printf(&b,
			   "watch \"https://%s/keys/%s\" { %s mode = \"%s\" "
			   "canary = %s max-parallel = %u registries = {",
			   p->cloud.key[i].host, p->cloud.key[i].name,
			   under(p, daemon, i, lease, sizeof(lease)),
			   x->mode == WATCH_PIN ? "pin" : "follow",
			   x->canary ? "true" : "false", x->max_parallel);
		for (int g = 0; g < p->cloud.n_registries; g++) {
			if (p->home[g] != i)
				continue;
			buf_printf(&b, "%s \"%s\"", comma,
				   p->cloud.registry[g].id);
			comma = ",";
		}
		buf_puts(&b, " } }\n");
	}
	return driver_configure(&b);
}

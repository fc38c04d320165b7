/* The world as it is at the start, and the configuration of the daemon. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "invariant.h"

static const int64_t polls[] = { 60, 60, 60, 30, 120, 300, 10 };   /* s */
static const int64_t rereads[] = { 300, 300, 300, 120, 600, 900 }; /* s */
static const int64_t windows[] = { 60, 60, 60, 30, 120, 20 };	   /* min */
static const int64_t holds[] = { 0, 10, 30, 60, 1440 };		   /* min */

static void poll_in_window(struct world *w)
{
	if (w->window < 30 * SIM_MINUTE && w->poll > SIM_MINUTE)
		w->poll = SIM_MINUTE;
}

void plan_intervals(struct world *w)
{
	w->poll = polls[random_below(&w->rng, 7)] * SIM_SECOND;
	w->reread = rereads[random_below(&w->rng, 6)] * SIM_SECOND;
	w->window = windows[random_below(&w->rng, 6)] * SIM_MINUTE;
	w->hold = holds[random_below(&w->rng, 5)] * SIM_MINUTE;
	poll_in_window(w);
	w->vault_rate = 200;
	w->vault_burst = 2000;
	w->read_rate = 12.5;
	w->read_burst = 125;
	w->write_rate = 5;
	w->write_burst = 100;
	w->max_requests = 128;
	if (world_chance(w, 20)) { /* a tight budget */
		w->vault_rate = 2;
		w->vault_burst = 4;
		w->read_rate = 2;
		w->read_burst = 8;
		w->write_rate = 0.5;
		w->write_burst = 2;
	}
	if (world_chance(w, 10))
		w->max_requests = (unsigned)world_between(w, 2, 6);
	if (!strange_is(w, STRANGE_FLEET))
		return;
	/* A fleet is moved within a window, if that is to be had. */
	w->read_rate = 12.5;
	w->write_rate = 5;
	w->max_requests = 128;
	w->window = SIM_HOUR;
}

#define FORTY 40

bool plan_ruled(const struct world *w, int watch)
{
	/* A rule knows one way to a key only. */
	return strange_is(w, STRANGE_RULED) && !strange_is(w, STRANGE_WALLED) &&
	       w->watch[watch].manual < 0;
}

static void toggle(double *rate, double *burst, double r, double b,
		   double less_r, double less_b)
{
	bool tight = *rate < r;

	*rate = tight ? r : less_r;
	*burst = tight ? b : less_b;
}

static void parallel_one(struct world *w)
{
	int i = (int)world_between(w, 0, w->n_watches), n = 0;

	for (int k = 0; k < w->cloud.n_registries; k++)
		n += w->member[k].watch == i;
	w->watch[i].max_parallel = (unsigned)world_between(w, 1, 9);
	if (plan_ruled(w, i)) {
		w->watch[i].max_parallel = 8;
		return;
	}
	if ((int)w->watch[i].max_parallel < n / 3)
		w->watch[i].max_parallel = (unsigned)n / 3;
}

const char *plan_one(struct world *w)
{
	static const char *const names[] = {
		"poll-interval", "reread-interval", "window",
		"hold",		 "vault-rate",	    "read-rate",
		"write-rate",	 "max-requests",    "max-parallel",
	};
	int which = (int)world_between(w, 0, 9);

	switch (which) {
	case 0:
		w->poll = polls[world_between(w, 0, 7)] * SIM_SECOND;
		break;
	case 1:
		w->reread = rereads[world_between(w, 0, 6)] * SIM_SECOND;
		break;
	case 2:
		w->window = windows[world_between(w, 0, 6)] * SIM_MINUTE;
		break;
	case 3:
		w->hold = holds[world_between(w, 0, 5)] * SIM_MINUTE;
		break;
	case 4:
		toggle(&w->vault_rate, &w->vault_burst, 200, 2000, 2, 4);
		break;
	case 5:
		toggle(&w->read_rate, &w->read_burst, 12.5, 125, 2, 8);
		break;
	case 6:
		toggle(&w->write_rate, &w->write_burst, 5, 100, 0.5, 2);
		break;
	case 7:
		w->max_requests = w->max_requests == 128
					  ? (unsigned)world_between(w, 2, 6)
					  : 128;
		break;
	default:
		parallel_one(w);
	}
	poll_in_window(w);
	return names[which];
}

static int plan_key(struct world *w)
{
	struct sim_cloud *c = &w->cloud;
	int at = c->n_keys++;
	struct sim_key *k = &c->key[at];
	int64_t born = -world_between(w, 2, 400) * 24 * SIM_HOUR;
	int n = (int)world_between(w, 1, 4);

	k->vault = (int)random_below(&w->rng, w->n_vaults);
	snprintf(k->host, sizeof(k->host), "vault%d.vault.azure.net", k->vault);
	snprintf(k->name, sizeof(k->name), "key-%x", (unsigned)at);
	k->lag_from = SIM_NEVER;
	k->hides_disabled = world_chance(w, 50);
	for (int i = 0; i < n; i++) {
		sim_version_add(c, at, born);
		born += world_between(w, 1, -born - SIM_HOUR);
	}
	return at;
}

static void plan_watch(struct world *w)
{
	static const enum watch_mode modes[] = {
		WATCH_FOLLOW, WATCH_FOLLOW, WATCH_FOLLOW,  WATCH_FOLLOW,
		WATCH_PIN,    WATCH_PIN,    WATCH_OBSERVE,
	};
	struct sim_watch *x = &w->watch[w->n_watches];
	bool manual = w->n_watches > 0 && world_chance(w, 8);

	*x = (struct sim_watch){
		.manual = -1,
		.mode = modes[random_below(&w->rng, 7)],
		.credential = (int)random_below(&w->rng, w->n_credentials),
		.takeover = world_chance(w, 20),
		.canary = world_chance(w, 75),
		.present = true,
		.named = -1,
		.due = -1,
		.aim = -1,
	};
	x->key = manual ? w->watch[0].key : plan_key(w);
	if (manual) {
		x->mode = WATCH_MANUAL;
		x->manual = (int)random_below(&w->rng, w->cloud.key[x->key].n);
		for (int i = 0; i < w->n_watches; i++)
			if (w->watch[i].key == x->key &&
			    w->watch[i].manual == x->manual)
				return;
	}
	w->n_watches++;
}

static void plan_registry(struct world *w, int watch)
{
	int at = w->cloud.n_registries++;
	struct sim_registry *g = &w->cloud.registry[at];
	struct sim_member *m = &w->member[at];
	struct sim_watch *x = &w->watch[watch];
	int n = w->cloud.key[x->key].n;

	*m = (struct sim_member){ .watch = watch,
				  .home = watch,
				  .was = watch,
				  .got = -1,
				  .aim = -1,
				  .on_time = -1 };
	g->subscription = (int)random_below(&w->rng, w->n_subscriptions);
	snprintf(g->id, sizeof(g->id),
		 "/subscriptions/00000000-0000-4000-8000-%012x/resourceGroups/"
		 "rg/providers/Microsoft.ContainerRegistry/registries/sim%05d",
		 (unsigned)g->subscription, at);
	g->honours = world_chance(w, 70);
	g->slowness = world_chance(w, 20) ? 0 : world_between(w, 500, 20000);
	g->face = (struct sim_face){
		.key = x->key,
		.pinned = -1,
		.in_use = x->manual >= 0	? x->manual
			  : world_chance(w, 80) ? n - 1
						: (int)random_below(&w->rng, n),
		.provisioning = PROVISIONING_SUCCEEDED,
		.attached = true,
		.premium = true,
	};
	if (x->mode == WATCH_PIN || x->manual >= 0 || world_chance(w, 15))
		g->face.pinned = g->face.in_use;
	g->changed = -SIM_HOUR;
	g->before = g->face;
	world_at(w, world_between(w, 1, SIM_HOUR), SIM_FOLLOW, at, 0, NULL);
}

static void plan_members(struct world *w)
{
	for (int i = 0; i < w->n_watches; i++) {
		struct sim_watch *x = &w->watch[i];
		int n = (int)world_between(w, 1, world_chance(w, 20) ? 14 : 4);
		int first = w->cloud.n_registries;

		while (n-- > 0 && w->cloud.n_registries < w->room)
			plan_registry(w, i);
		n = w->cloud.n_registries - first;
		x->max_parallel = (unsigned)world_between(w, 1, 9);
		if ((int)x->max_parallel < n / 3)
			x->max_parallel = (unsigned)n / 3;
		if (n > 0 && world_chance(w, 25))
			x->named = first + (int)random_below(&w->rng, n);
	}
}

/* As many versions as registries, and each registry on another one.  Where
 * nobody moves them they stay there. */
static void plan_forty(struct world *w)
{
	int watch = w->n_watches;
	struct sim_watch *x = &w->watch[watch];
	int64_t born = -400 * 24 * (int64_t)SIM_HOUR;
	int i = 0;

	if (watch == SIM_WATCHES || w->cloud.n_keys > SIM_KEYS - 2)
		return;
	plan_watch(w);
	if (w->n_watches == watch || x->manual >= 0)
		return;
	if (world_chance(w, 50))
		x->mode = WATCH_OBSERVE;
	x->max_parallel = FORTY / 3;
	while (w->cloud.key[x->key].n < FORTY)
		sim_version_add(&w->cloud, x->key, born += SIM_HOUR);
	while (w->cloud.n_registries < w->room && i < FORTY) {
		struct sim_registry *g =
			&w->cloud.registry[w->cloud.n_registries];

		plan_registry(w, watch);
		g->face.in_use = g->face.pinned = i++;
		g->before = g->face;
	}
}

static void plan_fleet(struct world *w)
{
	w->cloud.page = 100;
	for (int i = 0; i < w->n_watches; i++)
		w->watch[i].max_parallel = 64;
	while (w->cloud.n_registries < w->room)
		plan_registry(w, 0);
	for (int i = 0; i < w->cloud.n_registries; i++)
		w->cloud.registry[i].honours = true;
}

/* The metadata service and one remote in four know HTTP/1.1 alone. */
static void plan_remotes(struct world *w)
{
	struct random rng;

	random_init(&rng, ~w->seed);
	for (int i = 0; i < REMOTES * SIM_REMOTES; i++)
		w->remote[i / SIM_REMOTES][i % SIM_REMOTES].multiplexes =
			i != 0 && random_below(&rng, 4) > 0;
}

static void plan_room(struct world *w)
{
	w->room = strange_is(w, STRANGE_FLEET)	 ? SIM_FLEET
		  : strange_is(w, STRANGE_FORTY) ? SIM_REGISTRIES + FORTY
						 : SIM_REGISTRIES;
	w->member = text_alloc((size_t)w->room, sizeof(*w->member));
	w->cloud.registry =
		text_alloc((size_t)w->room, sizeof(*w->cloud.registry));
}

void plan_make(struct world *w)
{
	int n = world_chance(w, 15) ? (int)world_between(w, 4, 12)
				    : (int)world_between(w, 1, 4);

	plan_room(w);
	w->cloud.page = (int)world_between(w, 2, 9);
	w->cloud.checks_late = world_chance(w, 50);
	w->n_credentials = (int)world_between(w, 1, SIM_CREDENTIALS);
	w->n_vaults = (int)world_between(w, 1, SIM_VAULTS);
	w->n_subscriptions = (int)world_between(w, 1, SIM_SUBSCRIPTIONS);
	w->dry_run = world_chance(w, 3);
	plan_intervals(w);
	plan_remotes(w);
	for (int i = 0; i < n; i++)
		plan_watch(w);
	plan_members(w);
	if (strange_is(w, STRANGE_FORTY))
		plan_forty(w);
	if (strange_is(w, STRANGE_FLEET))
		plan_fleet(w);
	for (int i = 0; i < w->n_watches; i++) {
		if (!plan_ruled(w, i))
			continue;
		/* What a rule does not say. */
		w->watch[i].takeover = false;
		w->watch[i].canary = true;
		w->watch[i].named = -1;
		w->watch[i].max_parallel = 8;
	}
	plan_key(w); /* somebody else's */
	for (int i = 0; i < w->cloud.n_keys; i++)
		if (w->cloud.key[i].n > 0)
			world_at(w, world_between(w, 1, 2 * SIM_HOUR),
				 SIM_VERSION, i, 0, NULL);
}

/* ---- configuration ---- */

int plan_vault_home(const struct world *w, int vault)
{
	return vault % w->n_subscriptions;
}

/* Where vaults may refuse, there is another way to each key. */
static void config_way(const struct world *w, const struct sim_key *k,
		       struct config_watch *c)
{
	if (!strange_is(w, STRANGE_WALLED))
		return;
	c->via = CONFIG_VIA_AUTO;
	c->vault_resource = text_printf(
		"/subscriptions/00000000-0000-4000-8000-%012x/resourceGroups/"
		"rg/providers/Microsoft.KeyVault/vaults/vault%d",
		(unsigned)plan_vault_home(w, k->vault), k->vault);
}

static void config_watch(const struct world *w, int i, struct config_watch *c)
{
	const struct sim_watch *x = &w->watch[i];
	const struct sim_key *k = &w->cloud.key[x->key];

	text_copy(c->key.host, sizeof(c->key.host), k->host);
	text_copy(c->key.name, sizeof(c->key.name), k->name);
	if (x->manual >= 0)
		text_copy(c->key.version, sizeof(c->key.version),
			  k->version[x->manual].v.version);
	c->title = text_dup(k->name);
	config_way(w, k, c);
	c->mode = x->mode;
	c->credential = (size_t)x->credential;
	c->lease = CONFIG_ALONE;
	c->takeover = x->takeover;
	c->canary = x->canary;
	c->max_parallel = x->max_parallel;
	c->registries = text_alloc((size_t)w->room, sizeof(*c->registries));
	for (int m = 0; m < w->cloud.n_registries; m++) {
		if (w->member[m].watch != i)
			continue;
		c->registries[c->n_registries++].id =
			text_dup(w->cloud.registry[m].id);
		if (x->named == m)
			c->canary_id = text_dup(w->cloud.registry[m].id);
	}
}

/* A rule in place of a watch: its key, and all that have the tag but those that
 * are another watch's business just now. */
static void config_rule(const struct world *w, int i, struct config_rule *c)
{
	const struct sim_watch *x = &w->watch[i];
	const struct sim_key *k = &w->cloud.key[x->key];

	c->name = text_printf("rule%d", i);
	c->mode = x->mode;
	c->credential = (size_t)x->credential;
	c->lease = CONFIG_ALONE;
	c->max_registries = (unsigned)w->room;
	c->key_pattern = text_printf("https://%s/keys/%s", k->host, k->name);
	c->tags = text_alloc(1, sizeof(*c->tags));
	c->tags[c->n_tags++] = text_dup("rotate=yes");
	c->places = text_alloc((size_t)w->n_subscriptions, sizeof(*c->places));
	for (int s = 0; s < w->n_subscriptions; s++)
		snprintf(c->places[c->n_places++].subscription,
			 sizeof(c->places[0].subscription),
			 "00000000-0000-4000-8000-%012x", (unsigned)s);
	c->exclude = text_alloc((size_t)w->room, sizeof(*c->exclude));
	for (int m = 0; m < w->cloud.n_registries; m++)
		if (w->member[m].watch != i)
			c->exclude[c->n_exclude++] = text_printf("sim%05d", m);
}

static void config_limits(const struct world *w, struct config *c)
{
	c->window_ms = w->window;
	c->poll_interval_ms = w->poll;
	c->reread_interval_ms = w->reread;
	c->retirement_hold_ms = w->hold;
	c->vault_rate = w->vault_rate;
	c->vault_burst = w->vault_burst;
	c->read_rate = w->read_rate;
	c->read_burst = w->read_burst;
	c->write_rate = w->write_rate;
	c->write_burst = w->write_burst;
	c->max_requests = w->max_requests;
}

struct config *plan_config(const struct world *w)
{
	struct config *c = text_alloc(1, sizeof(*c));

	config_limits(w, c);
	cloud_profile(&c->cloud, "public");
	c->n_credentials = (size_t)w->n_credentials;
	c->credentials = text_alloc(c->n_credentials, sizeof(*c->credentials));
	for (int i = 0; i < w->n_credentials; i++) {
		c->credentials[i].name = text_printf("credential%d", i);
		c->credentials[i].kind = i ? CREDENTIAL_CLIENT_SECRET
					   : CREDENTIAL_MANAGED_IDENTITY;
	}
	c->watches = text_alloc(SIM_WATCHES, sizeof(*c->watches));
	c->rules = text_alloc(SIM_WATCHES, sizeof(*c->rules));
	for (int i = 0; i < w->n_watches; i++) {
		if (!w->watch[i].present)
			continue;
		if (plan_ruled(w, i)) {
			config_rule(w, i, &c->rules[c->n_rules++]);
			continue;
		}
		config_watch(w, i, &c->watches[c->n_watches]);
		c->n_registries += c->watches[c->n_watches++].n_registries;
	}
	return c;
}

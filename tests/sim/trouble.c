/* Faults: when they come, what they are, and how they end. */
#include <string.h>

#include "invariant.h"

const char *const sim_fault_names[SIM_FAULTS] = {
	[FAULT_SEEN_503] = "503",
	[FAULT_SEEN_LOST_REQUEST] = "request lost",
	[FAULT_SEEN_LOST_ANSWER] = "answer lost",
	[FAULT_SEEN_MUTE] = "never answered",
	[FAULT_SEEN_REFUSED] = "connection refused",
	[FAULT_SEEN_429] = "429",
	[FAULT_SEEN_DENIED] = "403",
	[FAULT_SEEN_401] = "401",
	[FAULT_SEEN_SLOW] = "slow",
	[FAULT_SEEN_GARBLED] = "garbled",
	[FAULT_SEEN_TWICE] = "answered twice",
	[FAULT_SEEN_TOO_LATE] = "answered too late",
	[FAULT_SEEN_OUTAGE] = "outage of a service",
	[FAULT_SEEN_OP_FAILS] = "operation fails",
	[FAULT_SEEN_OP_LONG] = "operation takes long",
	[FAULT_SEEN_BUSY] = "registry busy for others",
	[FAULT_SEEN_IDENTITY] = "identity detached",
	[FAULT_SEEN_OUTSIDER] = "pinned by others",
	[FAULT_SEEN_FOREIGN] = "foreign key",
	[FAULT_SEEN_MISSING] = "registry deleted, or not Premium",
	[FAULT_SEEN_PROVISIONING] = "provisioning failed",
	[FAULT_SEEN_LIST_LAG] = "LIST is late",
	[FAULT_SEEN_LIST_HOLE] = "missing from LIST",
	[FAULT_SEEN_BAD_VERSION] = "unusable version",
	[FAULT_SEEN_DISABLED] = "version disabled",
	[FAULT_SEEN_EXPIRED] = "version expires",
	[FAULT_SEEN_DELETED] = "key deleted",
	[FAULT_SEEN_REPLICA] = "replica lags",
	[FAULT_SEEN_CRASH_KEPT] = "crash, state kept",
	[FAULT_SEEN_CRASH_LOST] = "crash, state lost",
	[FAULT_SEEN_CRASH_OLD] = "crash, state old",
	[FAULT_SEEN_RELOAD] = "reload",
	[FAULT_SEEN_CLOCK] = "clock stepped",
	[FAULT_SEEN_SUSPEND] = "suspended",
	[FAULT_SEEN_PAUSE] = "paused by hand",
	[FAULT_SEEN_UNTOLD] = "version in use not told",
	[FAULT_SEEN_LIST_DOWN] = "LIST down for hours",
	[FAULT_SEEN_LIST_OLD] = "LIST is minutes old",
	[FAULT_SEEN_GET_OLD] = "GET is old after a write",
	[FAULT_SEEN_IN_VAIN] = "writes without effect",
	[FAULT_SEEN_ALTERNATES] = "replicas alternate",
	[FAULT_SEEN_OP_GONE] = "operation's status is gone",
	[FAULT_SEEN_POLICY] = "refused by a policy",
	[FAULT_SEEN_UNKNOWN_CODE] = "refused with an unknown code",
	[FAULT_SEEN_BLINKS] = "404 among good answers",
	[FAULT_SEEN_ONE_OPTION] = "reload of one option",
	[FAULT_SEEN_HANGS] = "vault hangs",
	[FAULT_SEEN_ONE_SECOND] = "two versions in one second",
	[FAULT_SEEN_FORTY] = "one more of forty versions",
	[FAULT_SEEN_DATE_OFF] = "a host's dates are wrong",
	[FAULT_SEEN_ONCE] = "a pass of --once",
	[FAULT_SEEN_WALLED] = "vault's network rules refuse",
};

/* Minutes between two of a sort, over the whole world, by level. */
static const int64_t every[4][4] = {
	/* remote, key, registry, daemon */
	{ 0, 0, 0, 0 },
	{ 150, 200, 150, 200 },
	{ 45, 60, 40, 60 },
	{ 15, 20, 12, 20 },
};

void trouble_count(struct world *w, enum sim_fault f)
{
	w->stats->faults[f]++;
}

static void next(struct world *w, enum sim_event what, int row)
{
	int64_t mean = every[w->level][row] * SIM_MINUTE;

	if (mean)
		world_at(w, w->t + world_between(w, 1000, 2 * mean), what, 0, 0,
			 NULL);
}

void trouble_plan(struct world *w)
{
	static const unsigned chance[] = { 0, 2, 10, 40 };

	w->chance = chance[w->level];
	next(w, SIM_REMOTE_TROUBLE, 0);
	next(w, SIM_KEY_TROUBLE, 1);
	next(w, SIM_REGISTRY_TROUBLE, 2);
	next(w, SIM_DAEMON, 3);
}

/* ---- remotes ---- */

void trouble_remote(struct world *w, enum sim_remote_kind kind, int i,
		    enum sim_mood mood, unsigned share)
{
	struct sim_remote *r = &w->remote[kind][i];

	r->mood = mood;
	r->share = share;
	r->turn++;
	trace_record(w, mood == MOOD_FINE ? "remote heals" : "remote fails",
		     (int)kind * 10 + i, (int)mood, NULL);
	window_spoil_remote(w, kind, i, w->t);
}

static void remote_set(struct world *w, enum sim_remote_kind kind, int i,
		       enum sim_mood mood)
{
	trouble_remote(
		w, kind, i, mood,
		world_chance(w, 50) ? 100 : (unsigned)world_between(w, 10, 90));
}

static void remote_trouble(struct world *w)
{
	enum sim_mood mood = (enum sim_mood)world_between(w, MOOD_503, MOODS);
	bool all = world_chance(w, 15);
	int one = (int)random_below(&w->rng, REMOTES * SIM_REMOTES);
	int64_t ms = world_between(w, 30, world_chance(w, 70) ? 900 : 3600) *
		     SIM_SECOND;

	trouble_count(w, FAULT_SEEN_OUTAGE);
	for (int i = 0; i < REMOTES * SIM_REMOTES; i++) {
		enum sim_remote_kind kind =
			(enum sim_remote_kind)(i / SIM_REMOTES);

		if (!all && i != one)
			continue;
		remote_set(w, kind, i % SIM_REMOTES, mood);
		world_at(w, w->t + ms, SIM_REMOTE_HEAL, i,
			 (int)w->remote[kind][i % SIM_REMOTES].turn, NULL);
	}
}

static void remote_heal(struct world *w, const struct sim_entry *e)
{
	enum sim_remote_kind kind = (enum sim_remote_kind)(e->a / SIM_REMOTES);
	int i = e->a % SIM_REMOTES;

	if ((int)w->remote[kind][i].turn == e->b)
		remote_set(w, kind, i, MOOD_FINE);
}

/* ---- keys ---- */

void trouble_key_changed(struct world *w, int key)
{
	for (int i = 0; i < w->n_watches; i++)
		if (w->watch[i].key == key)
			window_watch(w, i);
	for (int i = 0; i < w->cloud.n_registries; i++)
		if (w->member[i].watch >= 0 &&
		    w->watch[w->member[i].watch].key == key)
			window_spoil(w, i, w->t);
}

static void spoil_version(struct world *w, struct key_version *v)
{
	int64_t soon = world_azure(w) + world_between(w, 2, 45) * SIM_MINUTE;

	switch (random_below(&w->rng, 7)) {
	case 0:
		v->enabled = false;
		break;
	case 1:
		v->rsa = false;
		v->bits = 0;
		break;
	case 2:
		v->bits = 1024;
		break;
	case 3:
		v->wraps = false;
		break;
	case 4:
		v->expires = soon / 1000 * 1000;
		break;
	default:
		v->not_before = soon / 1000 * 1000;
	}
}

static struct key_version *newest(struct world *w, int key)
{
	struct sim_key *k = &w->cloud.key[key];

	return &k->version[k->n - 1].v;
}

static void key_trouble(struct world *w)
{
	int key = (int)random_below(&w->rng, w->cloud.n_keys);
	int what = (int)random_below(&w->rng, 6);
	struct sim_key *k = &w->cloud.key[key];
	int64_t ms = world_between(w, 3, 50) * SIM_MINUTE;

	/* What has expired is not made to expire later. */
	if (k->n >= SIM_VERSIONS - 4 ||
	    (what == 5 && newest(w, key)->expires >= 0))
		return;
	switch (what) {
	case 0:
		spoil_version(w, &sim_version_add(&w->cloud, key, w->t)->v);
		trouble_count(w, FAULT_SEEN_BAD_VERSION);
		break;
	case 1:
		newest(w, key)->enabled = false;
		trouble_count(w, FAULT_SEEN_DISABLED);
		break;
	case 2:
		k->version[random_below(&w->rng, k->n)].v.enabled = false;
		trouble_count(w, FAULT_SEEN_DISABLED);
		break;
	case 3:
		k->deleted = true;
		trouble_count(w, FAULT_SEEN_DELETED);
		break;
	case 4:
		k->lag_from = w->t - world_between(w, 0, 4 * SIM_HOUR);
		trouble_count(w, FAULT_SEEN_REPLICA);
		break;
	default:
		newest(w, key)->expires =
			(world_azure(w) +
			 world_between(w, 5, 60) * SIM_MINUTE) /
			1000 * 1000;
		trouble_count(w, FAULT_SEEN_EXPIRED);
	}
	trace_record(w, "key trouble", key, what, NULL);
	trouble_key_changed(w, key);
	world_at(w, w->t + ms, SIM_KEY_HEAL, key, what, NULL);
}

static void key_heal(struct world *w, int key)
{
	struct sim_key *k = &w->cloud.key[key];

	k->deleted = k->flips = false;
	k->lag_from = SIM_NEVER;
	for (int i = 0; i < k->n; i++)
		k->version[i].v.enabled = true;
	if (!sim_usable(newest(w, key), world_azure(w)) &&
	    newest(w, key)->not_before <= world_azure(w) &&
	    k->n < SIM_VERSIONS - 1)
		sim_version_add(&w->cloud, key, w->t);
	trace_record(w, "key heals", key, k->n - 1, NULL);
	trouble_key_changed(w, key);
}

/* ---- registries ---- */

static void face_pin(struct world *w, int i, int key, int version)
{
	struct sim_registry *g = &w->cloud.registry[i];

	sim_face_change(g, w->t);
	g->face.key = key;
	g->face.pinned = g->face.in_use = version;
	w->cloud.moves++;
}

static bool registry_hurt(struct world *w, int i, int what, int64_t ms)
{
	static const enum sim_fault seen[] = {
		FAULT_SEEN_OP_FAILS,  FAULT_SEEN_OP_LONG,
		FAULT_SEEN_BUSY,      FAULT_SEEN_IDENTITY,
		FAULT_SEEN_OUTSIDER,  FAULT_SEEN_FOREIGN,
		FAULT_SEEN_MISSING,   FAULT_SEEN_PROVISIONING,
		FAULT_SEEN_LIST_HOLE, FAULT_SEEN_LIST_LAG,
		FAULT_SEEN_MISSING,
	};
	struct sim_registry *g = &w->cloud.registry[i];
	int last = w->cloud.n_keys - 1;

	if (what >= 2 &&
	    (g->face.provisioning != PROVISIONING_SUCCEEDED || g->face.missing))
		return false;
	trouble_count(w, seen[what]);
	if ((what >= 3 && what <= 7) || what == 10)
		sim_face_change(g, w->t);
	switch (what) {
	case 0:
		g->op_fails = true;
		g->fails_as_key = world_chance(w, 60);
		break;
	case 1:
		g->slowness = world_between(w, 1, 40) * SIM_MINUTE;
		break;
	case 2:
		if (sim_occupy(g, w->t))
			world_at(w, w->t + ms / 2, SIM_SETTLE, i, g->turn,
				 NULL);
		break;
	case 3:
		g->face.attached = false;
		break;
	case 4:
		face_pin(w, i, g->face.key,
			 (int)random_below(&w->rng,
					   w->cloud.key[g->face.key].n));
		break;
	case 5:
		face_pin(w, i, last, w->cloud.key[last].n - 1);
		break;
	case 6:
		g->face.missing = true;
		break;
	case 7:
		g->face.provisioning = PROVISIONING_FAILED;
		break;
	case 8:
		g->hidden = true;
		break;
	case 9:
		w->cloud.list_lags = true;
		break;
	default:
		g->face.premium = false;
	}
	return true;
}

void trouble_seen_late(struct world *w, int i, int64_t ms)
{
	window_spoil(w, i, w->t + w->reread + SIM_MINUTE + ms);
}

/* What somebody else did is seen with the next routine read. */
static void registry_spoil(struct world *w, int i)
{
	trouble_seen_late(w, i, 0);
}

static void registry_trouble(struct world *w)
{
	int i = w->cloud.n_registries == 0
			? 0
			: (int)random_below(&w->rng, w->cloud.n_registries);
	int what = (int)random_below(&w->rng, 11);
	int64_t ms = world_between(w, 1, 40) * SIM_MINUTE;

	if (w->cloud.n_registries == 0 || !registry_hurt(w, i, what, ms))
		return;
	trace_record(w, "registry trouble", i, what, NULL);
	registry_spoil(w, i);
	world_at(w, w->t + ms, SIM_REGISTRY_HEAL, i, what, NULL);
}

static void face_heal(struct world *w, int i)
{
	struct sim_registry *g = &w->cloud.registry[i];
	int watch = w->member[i].watch >= 0 ? w->member[i].watch
					    : w->member[i].home;
	const struct sim_watch *x = &w->watch[watch];

	sim_face_change(g, w->t);
	g->face.missing = false;
	g->face.attached = g->face.premium = true;
	if (g->face.provisioning == PROVISIONING_FAILED)
		g->face.provisioning = PROVISIONING_SUCCEEDED;
	if (g->face.key != x->key && !x->takeover && !sim_busy(g))
		face_pin(w, i, x->key,
			 (int)random_below(&w->rng, w->cloud.key[x->key].n));
	if (x->manual >= 0 && !sim_busy(g))
		face_pin(w, i, x->key, x->manual);
}

static void registry_heal(struct world *w, int i)
{
	struct sim_registry *g = &w->cloud.registry[i];

	g->op_fails = g->hidden = w->cloud.list_lags = false;
	if (g->slowness > 20000)
		g->slowness = world_between(w, 500, 20000);
	face_heal(w, i);
	trace_record(w, "registry heals", i, g->face.in_use, NULL);
	registry_spoil(w, i);
}

/* ---- the daemon ---- */

static void crash(struct world *w)
{
	enum sim_fault f = FAULT_SEEN_CRASH_KEPT;

	world_stop(w);
	if (world_chance(w, 30)) {
		w->has_state = w->kept = false;
		buf_reset(&w->saved);
		buf_reset(&w->older);
		f = FAULT_SEEN_CRASH_LOST;
	}
	if (world_chance(w, 30)) /* the host as well */
		w->boot_base = w->t;
	trouble_count(w, f);
	window_spoil_all(w, w->t);
	world_at(w,
		 w->t + world_between(w, 6, world_chance(w, 70) ? 60 : 1800) *
				 SIM_SECOND,
		 SIM_START, 0, 0, NULL);
}

static void reload_member(struct world *w)
{
	int i = (int)random_below(&w->rng, w->cloud.n_registries);
	struct sim_member *m = &w->member[i];

	if (world_chance(w, 20)) { /* most of them leave, or come back */
		for (i = 0; i < w->cloud.n_registries; i++)
			w->member[i].watch =
				world_chance(w, 60) ? -1 : w->member[i].home;
	} else if (m->watch < 0)
		m->watch = m->home;
	else if (world_chance(w, 50))
		m->watch = -1;
	else
		m->watch = (int)random_below(&w->rng, w->n_watches);
}

static void reload_watch(struct world *w)
{
	static const enum watch_mode modes[] = { WATCH_FOLLOW, WATCH_PIN,
						 WATCH_OBSERVE, WATCH_FOLLOW };
	struct sim_watch *x = &w->watch[random_below(&w->rng, w->n_watches)];

	switch (random_below(&w->rng, 4)) {
	case 0:
		x->present = !x->present;
		break;
	case 1:
		if (x->manual < 0)
			x->mode = modes[random_below(&w->rng, 4)];
		break;
	case 2:
		if (!strange_is(w, STRANGE_RULED))
			x->canary = !x->canary;
		x->named = -1;
		break;
	default:
		x->credential = (int)random_below(&w->rng, w->n_credentials);
	}
}

static void reload(struct world *w)
{
	int times = (int)world_between(w, 0, 4);

	trouble_count(w, FAULT_SEEN_RELOAD);
	while (times-- > 0) {
		if (world_chance(w, 50) && w->cloud.n_registries)
			reload_member(w);
		else
			reload_watch(w);
	}
	if (world_chance(w, 30))
		plan_intervals(w);
	world_reload(w);
}

static void pause(struct world *w)
{
	bool all = world_chance(w, 30) || w->cloud.n_registries == 0;
	int i = (int)random_below(&w->rng, w->cloud.n_registries);
	struct sim_member *m = &w->member[i];
	int64_t ms = world_between(w, 1, 60) * SIM_MINUTE;
	int64_t until = look_azure(w->e) + ms;
	char warning[256];

	/* It is on Azure's clock, as that is known now. */
	if ((!all && !m->r) || cost_heard(w) < 3)
		return;
	trouble_count(w, FAULT_SEEN_PAUSE);
	trace_record(w, "pause", all ? -1 : i, (int)(ms / SIM_MINUTE), NULL);
	cost_all(w);
	engine_pause(w->e, all ? NULL : m->r, until, warning, sizeof(warning),
		     world_now(w));
	if (all)
		w->paused_until = until;
	else
		m->paused_until = m->pause_most = until;
	for (i = 0; all && i < w->cloud.n_registries; i++)
		if (w->member[i].pause_most < until)
			w->member[i].pause_most = until;
	world_drain(w);
	window_spoil_all(w, w->t);
	world_at(w, w->t + ms + 40 * SIM_SECOND, SIM_UNPAUSE, 0, 0, NULL);
}

static void unpause(struct world *w)
{
	window_spoil_all(w, w->t);
	if (w->down || w->asleep || world_chance(w, 50))
		return;
	cost_all(w);
	engine_pause(w->e, NULL, 0, NULL, 0, world_now(w));
	w->paused_until = 0;
	for (int i = 0; i < w->cloud.n_registries; i++)
		w->member[i].paused_until = 0;
	world_drain(w);
}

static void daemon_trouble(struct world *w)
{
	if (w->down || w->asleep)
		return;
	switch (random_below(&w->rng, 7)) {
	case 0:
	case 1:
		trace_record(w, "crash", 0, 0, NULL);
		crash(w);
		break;
	case 2:
		reload(w);
		break;
	case 3:
		trouble_count(w, FAULT_SEEN_CLOCK);
		w->wall_offset +=
			world_between(w, -12 * SIM_HOUR, 12 * SIM_HOUR);
		trace_record(w, "clock stepped", 0, 0, NULL);
		break;
	case 4:
		trouble_count(w, FAULT_SEEN_SUSPEND);
		trace_record(w, "suspended", 0, 0, NULL);
		w->asleep = true;
		window_spoil_all(w, w->t);
		world_at(w, w->t + world_between(w, 20, 7200) * SIM_SECOND,
			 SIM_AWAKE, 0, 0, NULL);
		break;
	case 5:
		pause(w);
		break;
	default:
		trace_record(w, "poll by hand", 0, 0, NULL);
		write_by_hand(w);
		invariant_ask_vaults(w);
		cost_all(w);
		engine_poll(w->e, NULL, world_now(w));
		world_drain(w);
		engine_tick(w->e, world_now(w)); /* the same time again */
		world_drain(w);
	}
}

static void awake(struct world *w)
{
	if (!w->asleep)
		return;
	w->asleep = false;
	trace_record(w, "awake", 0, 0, NULL);
	engine_tick(w->e, world_now(w));
	world_drain(w);
	window_spoil_all(w, w->t + 10 * SIM_SECOND);
	once_waits(w, w->t);
}

/* ---- all of it ---- */

void trouble_happen(struct world *w, const struct sim_entry *e)
{
	bool late = w->t >= w->quiet;

	switch (e->what) {
	case SIM_REMOTE_TROUBLE:
		if (late)
			return;
		remote_trouble(w);
		next(w, SIM_REMOTE_TROUBLE, 0);
		break;
	case SIM_REMOTE_HEAL:
		remote_heal(w, e);
		break;
	case SIM_KEY_TROUBLE:
		if (late)
			return;
		key_trouble(w);
		next(w, SIM_KEY_TROUBLE, 1);
		break;
	case SIM_KEY_HEAL:
		if (!late)
			key_heal(w, e->a);
		break;
	case SIM_REGISTRY_TROUBLE:
		if (late)
			return;
		registry_trouble(w);
		next(w, SIM_REGISTRY_TROUBLE, 2);
		break;
	case SIM_REGISTRY_HEAL:
		if (!late)
			registry_heal(w, e->a);
		break;
	case SIM_DAEMON:
		if (late)
			return;
		daemon_trouble(w);
		next(w, SIM_DAEMON, 3);
		break;
	case SIM_START:
		if (w->down)
			world_start(w);
		break;
	case SIM_AWAKE:
		awake(w);
		break;
	case SIM_UNPAUSE:
		if (!late)
			unpause(w);
		break;
	default:
		break;
	}
}

/* A version that will be usable only later, or not at all, is followed by one
 * that is. */
static void keys_end(struct world *w)
{
	for (int i = 0; i < w->cloud.n_keys; i++) {
		key_heal(w, i);
		newest(w, i)->expires = -1;
		if (!sim_usable(newest(w, i), world_azure(w)))
			sim_version_add(&w->cloud, i, w->t);
		trouble_key_changed(w, i);
	}
}

static void registries_end(struct world *w)
{
	for (int i = 0; i < w->cloud.n_registries; i++) {
		struct sim_registry *g = &w->cloud.registry[i];

		/* Whatever still runs is over, and has failed or not. */
		sim_settle(&w->cloud, g, w->t);
		registry_heal(w, i);
	}
}

void trouble_end_all(struct world *w)
{
	w->chance = 0;
	for (int i = 0; i < REMOTES * SIM_REMOTES; i++)
		remote_set(w, (enum sim_remote_kind)(i / SIM_REMOTES),
			   i % SIM_REMOTES, MOOD_FINE);
	keys_end(w);
	w->wall_offset = 0;
	if (w->down)
		world_start(w);
	awake(w);
	for (int i = 0; i < w->n_watches; i++)
		w->watch[i].present = true;
	world_reload(w);
	engine_pause(w->e, NULL, 0, NULL, 0, world_now(w));
	w->paused_until = 0;
	for (int i = 0; i < w->cloud.n_registries; i++)
		w->member[i].paused_until = w->member[i].pause_most = 0;
	world_drain(w);
	registries_end(w);
	window_spoil_all(w, w->t);
}

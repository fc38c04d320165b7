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

/* The hold is counted on an estimate of Azure's clock, which may move. */
#define CLOCKS_MS 64000
#define EDGE_MS 3000 /* a version expires: the poll just after it tells */
#define CALM_TAIL_MS (3 * SIM_MINUTE)

static bool polled(const struct sim_told *k, int64_t boot)
{
	for (int i = 0; i < SIM_POLLS && i < k->n_polls; i++)
		if (k->polls[i] == boot)
			return true;
	return k->lost == boot;
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
		  (!sim_usable(&k->v[wanted], look_azure(w->e)) &&
		   !sim_usable(&k->v[wanted], look_azure(w->e) - 2 * EDGE_MS))))
		invariant_broken(w, INV_TRUTH,
				 "registry %d is called current "
				 "on version %d, which is not usable",
				 i, wanted);
	else if (boot - v->boot > w->reread)
		invariant_broken(w, INV_TRUTH,
				 "registry %d is called current "
				 "and was not read for %lld s",
				 i, (long long)(boot - v->boot) / 1000);
	else if (boot - m->seen.polled_at > 2 * w->poll &&
		 !(x->manual >= 0 && k->absent)) /* 404 is an answer too */
		invariant_broken(w, INV_TRUTH,
				 "registry %d is called current "
				 "and its key was not read for %lld s",
				 i,
				 (long long)(boot - m->seen.polled_at) / 1000);
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

/* Nobody can say that no deadline was missed: it, or its key, was not read
 * for longer than a window. */
static bool dark(const struct world *w, const struct sim_member *m)
{
	int64_t boot = world_now(w).boot;

	return look_reason(m->r) == REASON_DARK &&
	       (boot - m->seen.read_at > w->window ||
		boot - m->seen.polled_at > w->window);
}

/* A missed deadline is said, and not before it is missed.  Returns the time
 * (boot) at which this has to be looked at again. */
static int64_t overdue_check(struct world *w, int i, const struct sim_view *v)
{
	const struct sim_member *m = &w->member[i];
	const struct sim_watch *x = &w->watch[m->watch];
	const struct sim_told *k = &w->told[m->watch];
	int64_t azure = look_azure(w->e), boot = world_now(w).boot, deadline;
	const struct key_version *t;

	/* By our own clock alone nobody is late. */
	if (x->manual >= 0 || k->newest < 0 || k->last != k->newest ||
	    !look_clock_known(w->e))
		return INT64_MAX;
	t = &k->v[k->newest];
	deadline = (t->not_before > t->created ? t->not_before : t->created) +
		   w->window;
	if (m->seen.state == STATE_OVERDUE && azure < deadline - EDGE_MS &&
	    !dark(w, m))
		invariant_broken(w, INV_TRUTH,
				 "registry %d is called overdue "
				 "too early",
				 i);
	if (!v || v->missing || !v->face.premium || k->refused || k->missing ||
	    (v->face.key != x->key && !x->takeover) || v->face.in_use < 0 ||
	    (v->face.provisioning != PROVISIONING_SUCCEEDED &&
	     v->face.provisioning != PROVISIONING_UPDATING) ||
	    (v->face.key == x->key && v->face.in_use >= k->newest) ||
	    !sim_usable(t, azure) ||
	    (t->expires >= 0 && azure > t->expires - EDGE_MS) ||
	    boot - v->boot > w->reread ||
	    boot - m->seen.polled_at > 2 * w->poll)
		return INT64_MAX;
	/* It may be the newer one, until it has been looked at. */
	if (v->face.key == x->key && !k->known[v->face.in_use])
		return INT64_MAX;
	if (azure <= deadline + EDGE_MS)
		return boot + deadline + EDGE_MS - azure;
	/* Key Vault shows less than this daemon knew in its last life. */
	if (!look_goes_by(m->r, t->version))
		return INT64_MAX;
	/* It is ahead of what Key Vault's replica shows, not behind it. */
	if (v->face.key == x->key && v->face.in_use > k->newest)
		return INT64_MAX;
	/* Which of the two is younger is being asked just now. */
	if (m->seen.state == STATE_UNKNOWN &&
	    look_reason(m->r) == REASON_READ_FIRST)
		return boot + look_guard();
	if (m->seen.state != STATE_OVERDUE && m->seen.state != STATE_BLOCKED)
		invariant_broken(w, INV_TRUTH,
				 "registry %d is overdue and "
				 "called %s",
				 i, decide_state_str(m->seen.state));
	return INT64_MAX;
}

static void member_check(struct world *w, int i,
			 const struct look_registry *now)
{
	struct sim_member *m = &w->member[i];
	const struct sim_watch *x = &w->watch[m->watch];
	const struct sim_view *v = NULL;
	int64_t again;

	m->checked = true;
	told_follow(w, m->watch, now->polled_at);
	/* Paused, or blocked by what is its own trouble: another one may go
	 * first from now on. */
	if (look_paused(w->e, m->r) ||
	    (now->state == STATE_BLOCKED && !look_refused(m->r)))
		m->refused = false;
	m->seen = *now;
	if (now->read_at >= 0) {
		v = invariant_view(m, now->read_at);
		if (!v) {
			invariant_broken(w, INV_TRUTH,
					 "registry %d: a read "
					 "that did not happen",
					 i);
			return;
		}
		if (!v->missing && v->get)
			m->got = v->face.in_use;
		if (!v->missing && v->face.in_use >= 0)
			w->shown[v->face.key][v->face.in_use] =
				w->t - (world_now(w).boot - v->boot);
		m->by = *v;
		v = &m->by;
	}
	if (now->polled_at >= 0 && !polled(&w->told[m->watch], now->polled_at))
		invariant_broken(w, INV_TRUTH,
				 "key %d: a poll that did not "
				 "happen",
				 x->key);
	again = overdue_check(w, i, v);
	if (now->state == STATE_CURRENT) {
		int64_t stale = now->read_at + w->reread,
			old = now->polled_at + 2 * w->poll;

		/* Should it be late after that, it is told so anew. */
		m->late_told = -1;
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

/* Who watches nothing has nothing to wait for, to move, or to be late with;
 * that is well, or something else is amiss. */
static void empty_check(struct world *w)
{
	enum engine_state state = engine_state(w->e);
	struct look_sizes s;

	look_sizes(w->e, &s);
	/* Whom rules find is not known before a list has come. */
	if (strange_is(w, STRANGE_RULED) && state == ENGINE_STARTING)
		return;
	if (s.registries == 0 && s.watches == 0 && state != ENGINE_OK &&
	    state != ENGINE_DEGRADED)
		invariant_broken(w, INV_TRUTH, "%s, and nothing is watched",
				 engine_state_str(state));
}

/* Of registries that have been looked at just now. */
static void healthy_check(struct world *w)
{
	if (engine_state(w->e) != ENGINE_OK)
		return;
	for (int i = 0; i < w->cloud.n_registries; i++) {
		const struct sim_member *m = &w->member[i];

		if (m->r && m->seen.state != STATE_CURRENT)
			invariant_broken(w, INV_TRUTH,
					 "ok, while registry %d is %s", i,
					 decide_state_str(m->seen.state));
	}
}

void truth_check(struct world *w)
{
	int64_t boot = world_now(w).boot;

	for (int i = 0; i < w->cloud.n_registries; i++) {
		struct sim_member *m = &w->member[i];
		struct look_registry now;

		if (!m->r || (m->checked && boot <= m->good_until &&
			      look_same(m->r, &m->seen)))
			continue;
		now = look_registry(m->r);
		w->watch[m->watch].news |= now.read_at != m->seen.read_at;
		member_check(w, i, &now);
	}
	empty_check(w);
	healthy_check(w);
	for (int i = 0; i < w->n_watches; i++)
		if (w->watch[i].news || (w->events + (unsigned)i) % 64 == 0)
			truth_retirement(w, i);
}

/* ---- retirement ---- */

/* Key Vault shows less than this daemon knew in its last life, and has read
 * in this one. */
static bool knows_newer(const struct sim_told *k)
{
	return k->ever > k->newest && k->known[k->ever];
}

static void clear_check(struct world *w, int watch, int version)
{
	const struct sim_told *k = &w->told[watch];
	int key = w->watch[watch].key;
	int64_t boot = world_now(w).boot;

	if (k->newest == version && !knows_newer(k))
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
		int64_t read_at;

		if (!m->r)
			continue;
		read_at = look_registry(m->r).read_at;
		v = read_at < 0 ? NULL : invariant_view(m, read_at);
		if (!v || boot - v->boot > w->reread)
			invariant_broken(w, INV_RETIREMENT,
					 "version %d of "
					 "key %d is clear, and registry %d was "
					 "not read",
					 version, key, i);
		else if (!v->missing && v->face.key == key &&
			 (v->face.in_use == version || v->face.in_use < 0))
			invariant_broken(w, INV_RETIREMENT,
					 "version %d of "
					 "key %d is clear, and registry %d is "
					 "or may be on it",
					 version, key, i);
	}
}

void truth_retirement(struct world *w, int watch)
{
	const struct sim_watch *x = &w->watch[watch];
	const struct sim_key *k = &w->cloud.key[x->key];

	w->watch[watch].news = false;
	/* One that has left the file may be gone from the engine too. */
	if (!x->w || !x->present)
		return;
	for (int i = 0; i < k->n; i++)
		if (look_clear(w->e, x->w, k->version[i].v.version))
			clear_check(w, watch, i);
}

/* ---- the end ---- */

static bool at_rest(const struct world *w, int i)
{
	const struct sim_member *m = &w->member[i];
	const struct sim_registry *g = &w->cloud.registry[i];
	const struct sim_watch *x = &w->watch[m->watch];
	enum decide_state state = look_registry(m->r).state;

	if (w->dry_run || x->mode == WATCH_OBSERVE || x->manual >= 0)
		return state != STATE_UNKNOWN && state != STATE_UNREACHABLE;
	return state == STATE_CURRENT && g->face.key == x->key &&
	       g->face.in_use == sim_newest_true(&w->cloud.key[x->key]);
}

void invariant_end(struct world *w)
{
	bool all = !w->dry_run;
	struct look_sizes s;

	ruled_end(w);
	for (int i = 0; i < w->cloud.n_registries; i++) {
		const struct sim_member *m = &w->member[i];
		const struct sim_face *f = &w->cloud.registry[i].face;
		const struct sim_watch *x;

		if (!m->r)
			continue;
		x = &w->watch[m->watch];
		all &= x->mode != WATCH_OBSERVE && x->manual < 0;
		if (!at_rest(w, i))
			invariant_broken(
				w, INV_QUIET, "registry %d is %s (%s)", i,
				decide_state_str(look_registry(m->r).state),
				decide_reason_str(look_reason(m->r)));
		if (!w->dry_run && x->mode == WATCH_FOLLOW && f->pinned >= 0)
			invariant_broken(w, INV_FOLLOW,
					 "registry %d is "
					 "pinned",
					 i);
	}
	if (w->t - w->last_patch < CALM_TAIL_MS || !engine_idle_writes(w->e))
		invariant_broken(w, INV_QUIET, "it still writes");
	look_sizes(w->e, &s);
	if (all && s.watches && engine_state(w->e) != ENGINE_OK)
		invariant_broken(w, INV_QUIET, "the state is not ok");
}

/* The table of invariants, what the daemon was told, budgets and bounds. */
#include "invariant.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/backoff.h"
#include "base/text.h"

const char *const invariant_names[INVARIANTS] = {
	[INV_DEADLINE] = "verified in time after ten clear minutes",
	[INV_WRITE] = "only usable versions, only after a look",
	[INV_ONE_WRITE] = "one write at a time per registry",
	[INV_NEVER_BACK] = "never back to an older version",
	[INV_RATE] = "requests within budgets, and not before a Retry-After",
	[INV_TRUTH] = "states tell the truth",
	[INV_RETIREMENT] = "clear only what nothing uses",
	[INV_BOUNDED] = "everything is bounded",
	[INV_QUIET] = "quiet and current when faults have ended",
	[INV_FOLLOW] = "follow ends on the unversioned identifier",
	[INV_CANARY] = "one goes first, at most max-parallel together",
	[INV_CLOCK] = "Azure's clock is known",
	[INV_READ] = "something will read each key and each registry",
	[INV_ONCE] = "a pass of --once ends, and says what is so",
	[INV_AGAIN] = "no second write before its back-off",
	[INV_NOTES] = "no note twice in vain, and overdue only who is",
	[INV_WORK] = "an event costs what it is about, not all there is",
	[INV_ROOM] = "a host takes no more than its share",
	[INV_UNTOLD] = "no write while the version in use is not told",
	[INV_ATTEMPT] = "the next attempt is never in the past",
	[INV_WAY] = "a vault that refused is asked again now and then",
	[INV_RULED] = "whom a rule means is watched by it",
};

/* A few attempts, each with the time that a call may take. */
#define ONCE_MS (10 * SIM_MINUTE)
#define ONCE_TRIES 16
/* A single answer may have spent its whole round trip on one way. */
#define CLOCK_TOLERANCE_MS 32000

void invariant_broken(struct world *w, enum sim_invariant i, const char *fmt,
		      ...)
{
	va_list ap;

	if (w->broken)
		return;
	w->broken = (int)i;
	va_start(ap, fmt);
	vsnprintf(w->why, sizeof(w->why), fmt, ap);
	va_end(ap);
}

/* ---- lives and configurations ---- */

static void look_up(struct world *w)
{
	for (int i = 0; i < w->cloud.n_registries; i++) {
		struct sim_member *m = &w->member[i];

		m->r = m->watch < 0 || !w->watch[m->watch].present
			       ? NULL
			       : look_find(w->e, w->cloud.registry[i].id);
		m->checked = false;
	}
	for (int i = 0; i < w->n_watches; i++) {
		struct sim_watch *x = &w->watch[i];
		const struct sim_key *k = &w->cloud.key[x->key];

		x->w = look_watch(
			w->e, k->name,
			x->manual < 0 ? "" : k->version[x->manual].v.version);
	}
}

static void told_nothing(struct sim_told *k)
{
	memset(k, 0, sizeof(*k));
	k->newest = k->ever = k->last = -1;
	k->wall = -1;
}

/* What was known of it counts no longer. */
static void anew(struct world *w, int i)
{
	struct sim_member *m = &w->member[i];

	m->told_until = m->paused_until = 0;
	m->aim = m->got = m->wrote = m->late_told = -1;
	m->refused = m->run_ok = m->must = m->verified = false;
	window_spoil(w, i, w->t);
}

/* By a rule somebody comes and goes without a reload. */
void invariant_ruled(struct world *w)
{
	const struct watch *before[SIM_WATCHES];
	bool was[SIM_FLEET] = { false };

	if (!strange_is(w, STRANGE_RULED))
		return;
	for (int i = 0; i < w->n_watches; i++)
		before[i] = w->watch[i].w;
	for (int i = 0; i < w->cloud.n_registries; i++)
		was[i] = w->member[i].r != NULL;
	look_up(w);
	for (int i = 0; i < w->cloud.n_registries; i++)
		if ((w->member[i].r != NULL) != was[i])
			anew(w, i);
	for (int i = 0; i < w->n_watches; i++)
		if (plan_ruled(w, i) && before[i] != w->watch[i].w)
			told_nothing(&w->told[i]);
}

static void lanes_new(struct world *w)
{
	for (int i = 0; i < SIM_LANES; i++) {
		struct sim_lane *l = &w->lane[i];

		l->tokens = i < 8    ? w->vault_burst
			    : i < 16 ? w->read_burst
				     : w->write_burst;
		l->at = world_now(w).boot;
		l->closed = 0;
	}
	memset(w->token_told, 0, sizeof(w->token_told));
}

void invariant_ask_vaults(struct world *w)
{
	for (int i = 0; i < SIM_WATCHES; i++)
		w->told[i].wall = -1;
}

void invariant_born(struct world *w, bool kept, bool old)
{
	lanes_new(w);
	cost_born(w);
	for (int i = 0; i < w->cloud.n_registries; i++) {
		struct sim_member *m = &w->member[i];

		m->views = 0;
		m->by.boot = -1;
		memset(m->view, 0, sizeof(m->view));
		for (int k = 0; k < SIM_VIEWS; k++)
			m->view[k].boot = -1;
		m->told_until = 0;
		m->wrote = -1;
		m->refused = false;
		m->patch = 0;
		m->doubt = -1;
		/* What was proven before is in the state file alone. */
		if (!kept || old) {
			m->got = -1;
			m->crossings = 0;
		}
		m->paused_until = kept && !old ? m->paused_until : 0;
		m->aim = -1;
	}
	for (int i = 0; i < w->n_watches; i++) {
		int ever = w->told[i].ever;

		told_nothing(&w->told[i]);
		if (kept && !old)
			w->told[i].ever = ever;
	}
	/* An old state file knows no better. */
	for (int i = 0; i < SIM_KEYS * SIM_VERSIONS; i++)
		if (old || !kept)
			w->shown[i / SIM_VERSIONS][i % SIM_VERSIONS] =
				INT64_MIN / 2;
	for (int i = 0; i < w->n_watches; i++) {
		w->watch[i].aim = -1;
		memset(w->watch[i].good, 0, sizeof(w->watch[i].good));
	}
	if (!kept || old)
		w->paused_until = 0;
	look_up(w);
	for (int i = 0; i < w->n_watches; i++)
		window_watch(w, i);
	window_spoil_all(w, w->t);
}

void invariant_reload(struct world *w)
{
	cost_all(w);
	w->reloads++;
	invariant_ask_vaults(w);
	for (int i = 0; i < w->cloud.n_registries; i++) {
		w->member[i].told_until = 0;
		w->member[i].aim = -1;
		w->member[i].got = -1;
		w->member[i].refused = false;
		w->member[i].wrote = -1;
		w->member[i].late_told = -1;
	}
	for (int i = 0; i < w->n_watches; i++) {
		/* Who has just left may have gone first. */
		if (w->watch[i].aim >= 0)
			w->watch[i].good[w->watch[i].aim] = true;
		w->watch[i].aim = -1;
	}
	memset(w->token_told, 0, sizeof(w->token_told));
	look_up(w);
	/* What was told of a key that left the file is forgotten with it. */
	for (int i = 0; i < w->n_watches; i++) {
		if (w->told[i].left && w->watch[i].w &&
		    look_unread(w->watch[i].w))
			told_nothing(&w->told[i]);
		w->told[i].left = !w->watch[i].present;
	}
	/* The same of a registry, and with it that it is paused. */
	for (int i = 0; i < w->cloud.n_registries; i++)
		if (!w->member[i].r)
			w->member[i].paused_until = 0;
	for (int i = 0; i < w->cloud.n_registries; i++) {
		struct sim_member *m = &w->member[i];

		m->run_ok = false;
		if (m->watch != m->was)
			m->must = m->verified = false;
		m->was = m->watch;
	}
	for (int i = 0; i < w->n_watches; i++)
		window_watch(w, i);
	window_spoil_all(w, w->t);
}

/* ---- requests ---- */

static void lane_refill(struct world *w, int i)
{
	struct sim_lane *l = &w->lane[i];
	int64_t boot = world_now(w).boot;
	double rate = i < 8    ? w->vault_rate
		      : i < 16 ? w->read_rate
			       : w->write_rate;
	double burst = i < 8	? w->vault_burst
		       : i < 16 ? w->read_burst
				: w->write_burst;

	l->tokens += (double)(boot - l->at) * rate / 1000;
	if (l->tokens > burst)
		l->tokens = burst;
	l->at = boot;
}

void invariant_refill(struct world *w)
{
	for (int i = 0; i < SIM_LANES && !w->down; i++)
		lane_refill(w, i);
}

static void lane_take(struct world *w, int i)
{
	struct sim_lane *l = &w->lane[i];
	int64_t boot = world_now(w).boot;

	lane_refill(w, i);
	l->tokens -= 1;
	/* A hair for the rounding of milliseconds. */
	if (l->tokens < -0.01)
		invariant_broken(w, INV_RATE, "budget %d is overdrawn", i);
	if (boot < l->closed)
		invariant_broken(w, INV_RATE,
				 "budget %d: asked %lld ms before the time "
				 "that a 429 told",
				 i, (long long)(l->closed - boot));
}

/* In vain, but for a look each reread-interval. */
static void wall_asked(struct world *w, const struct sim_question *q)
{
	int watch = call_asker(w, q->ticket);
	int64_t ago;

	if (watch < 0 || w->told[watch].wall < 0)
		return;
	ago = world_now(w).boot - w->told[watch].wall;
	if (ago < w->reread)
		invariant_broken(w, INV_WAY,
				 "the vault of key %d, which refused it %lld s "
				 "ago, is asked again",
				 q->key, (long long)ago / 1000);
}

/* Its refusal counts from here on.  Where the other way leads nowhere either,
 * it is asked first. */
static void wall_told(struct world *w, const struct sim_pending *p)
{
	int watch = call_asker(w, p->q.ticket);
	const struct fault *f = &p->r.fault;

	if (watch < 0)
		return;
	if (!p->q.arm && text_same(f->inner_code, "ForbiddenByFirewall"))
		w->told[watch].wall = world_now(w).boot;
	else if (!p->q.arm || (f->kind != FAULT_NONE && !fault_is_transient(f)))
		w->told[watch].wall = -1;
}

void invariant_call(struct world *w, const struct call *call,
		    const struct sim_question *q, int lane)
{
	int64_t boot = world_now(w).boot;

	if (q->kind == CALL_KEY && !q->arm)
		wall_asked(w, q);

	if (lane >= 0)
		lane_take(w, lane);
	else if (call->token < 16 && boot < w->token_told[call->token])
		invariant_broken(w, INV_RATE,
				 "token %u: asked before the "
				 "time that a 429 told",
				 call->token);
	if (q->registry >= 0 && boot < w->member[q->registry].told_until)
		invariant_broken(
			w, INV_RATE,
			"registry %d: asked %lld ms "
			"before the time that its 429 told",
			q->registry,
			(long long)(w->member[q->registry].told_until - boot));
	if (q->kind == CALL_PATCH)
		write_check(w, call, q);
}

/* ---- --once ---- */

void once_waits(struct world *w, int64_t until)
{
	if (until > w->once)
		w->once = until;
}

static void endless(struct world *w, int64_t ms)
{
	int i = 0;

	while (i < w->cloud.n_registries - 1 &&
	       (!w->member[i].r || look_settled(w->member[i].r)))
		i++;
	invariant_broken(
		w, INV_ONCE,
		"a pass goes on, %lld s after all that it had to wait for; "
		"registry %d is %s (%s)",
		(long long)ms / 1000, i,
		decide_state_str(w->member[i].seen.state),
		w->member[i].r ? decide_reason_str(look_reason(w->member[i].r))
			       : "");
}

static int things(const struct world *w)
{
	return w->cloud.n_registries + w->n_watches + w->n_subscriptions +
	       w->n_vaults + w->n_credentials;
}

void invariant_once(struct world *w)
{
	int64_t ms;

	for (int i = 0; i < w->cloud.n_registries; i++)
		if (sim_busy(&w->cloud.registry[i])) {
			once_waits(w, w->t);
			w->in_vain = 0;
		}
	ms = w->t - w->once;
	if (ms > w->stats->longest)
		w->stats->longest = ms;
	/* However many fail one after the other, each is tried a few times. */
	if (ms > ONCE_MS || w->in_vain > ONCE_TRIES * things(w))
		endless(w, ms);
}

void invariant_passed(struct world *w, bool current)
{
	bool all = true;
	int one = -1;

	for (int i = 0; i < w->cloud.n_registries; i++)
		if (w->member[i].r &&
		    look_registry(w->member[i].r).state != STATE_CURRENT) {
			all = false;
			one = i;
		}
	/* A list that rules miss is told by the pass as well. */
	if (all && !current && strange_is(w, STRANGE_RULED))
		return;
	if (all != current)
		invariant_broken(w, INV_ONCE,
				 "a pass says of all that they are%s current; "
				 "registry %d",
				 current ? "" : " not", one);
}

/* ---- replies ---- */

static void told_throttle(struct world *w, const struct sim_pending *p)
{
	int64_t boot = world_now(w).boot;
	int64_t told = p->r.fault.retry_after_ms;

	if (told < 0)
		return;
	if (told > BACKOFF_RETRY_AFTER_MAX_MS)
		told = BACKOFF_RETRY_AFTER_MAX_MS;
	once_waits(w, w->t + told);
	if (p->lane < 0)
		w->token_told[p->slot & 15] = boot + told;
	else if (p->r.throttles_all)
		w->lane[p->lane].closed = boot + told;
	else if (p->q.registry >= 0)
		w->member[p->q.registry].told_until = boot + told;
}

void told_follow(struct world *w, int watch, int64_t polled_at)
{
	const struct sim_watch *x = &w->watch[watch];
	struct sim_told *k = &w->told[watch];
	int known;

	if (polled_at < 0 || polled_at != k->lost)
		return;
	known = sim_version_of(&w->cloud.key[x->key], look_newest(x->w));
	if (known < 0 || known == k->newest)
		return;
	k->newest = k->last = known;
	k->refused = k->missing = k->absent = false;
	k->looks = 0;
	k->polls[k->n_polls++ % SIM_POLLS] = polled_at;
}

/* What the vault says is not what is known of the key: there is another way,
 * and it is taken. */
static bool goes_round(const struct world *w, int watch,
		       const struct sim_pending *p)
{
	const struct fault *f = &p->r.fault;

	if (p->q.arm || !strange_is(w, STRANGE_WALLED) ||
	    f->kind == FAULT_NONE || f->kind == FAULT_REFUSED ||
	    f->kind == FAULT_MISSING)
		return false;
	return look_around(w->watch[watch].w) ||
	       text_same(f->inner_code, "ForbiddenByFirewall");
}

static void told_key(struct world *w, const struct sim_pending *p)
{
	int watch = call_asker(w, p->q.ticket);
	struct sim_told *k = &w->told[watch < 0 ? 0 : watch];
	const struct sim_key *key = &w->cloud.key[p->q.key];
	const struct fault *f = &p->r.fault;
	int64_t boot = world_now(w).boot;
	int v, known;

	if (watch < 0)
		return; /* left the file, a last write is under way */
	if (goes_round(w, watch, p))
		return;
	/* It was stale meanwhile, and is not any more. */
	if (f->kind == FAULT_NONE && k->n_polls &&
	    boot - k->polls[(k->n_polls - 1) % SIM_POLLS] > 2 * w->poll) {
		cost_watch(w, watch);
		cost_watch(w, watch);
	}
	known = sim_version_of(key, look_newest(w->watch[watch].w));
	v = f->kind ? -1 : sim_version_of(key, p->r.key.version);
	/* What is judged by may be another thing now, for each of them. */
	if (f->kind != k->last_fault ||
	    (v >= 0 && (!k->known[v] || k->read_in[v] != w->life + 1)) ||
	    (p->q.version == -1 && v != k->last))
		cost_watch(w, watch);
	if (v >= 0)
		k->read_in[v] = w->life + 1;
	k->last_fault = f->kind;
	/* Another one is wanted: who is late for it is told so anew. */
	for (int i = 0; known != k->went_by && i < w->cloud.n_registries; i++)
		if (w->member[i].watch == watch)
			w->member[i].late_told = -1;
	k->went_by = known;
	/* An older one as newest, or one of the same second that was left: the
	 * one that it knows is looked up. */
	if (p->q.version == -1 && v >= 0 && known >= 0 && v != known &&
	    (sim_younger(key, known, v) ||
	     (!sim_younger(key, v, known) &&
	      look_led(w->watch[watch].w, p->r.key.version)))) {
		k->v[v] = p->r.key;
		k->known[v] = k->doubt = true;
		k->shown = v;
		return;
	}
	if (k->doubt && p->q.version == known && known >= 0) {
		if (f->kind == FAULT_MISSING)
			k->lost = boot; /* it may be given up with this */
		if (f->kind == FAULT_NONE || f->kind == FAULT_REFUSED)
			k->polls[k->n_polls++ % SIM_POLLS] = boot;
		if (f->kind == FAULT_NONE)
			k->last = k->newest = known;
		/* Of one second: it may be given up with this as well. */
		if (f->kind == FAULT_NONE && !sim_younger(key, known, k->shown))
			k->lost = boot;
		if (f->kind == FAULT_NONE || f->kind == FAULT_REFUSED) {
			k->refused = f->kind == FAULT_REFUSED;
			k->missing = k->absent = false;
			k->looks = 0;
		}
	}
	if (p->q.version == -1) {
		k->doubt = false;
		if (f->kind != FAULT_NONE && f->kind != FAULT_REFUSED) {
			/* A 401 is asked again at once, with a new token. */
			if (f->kind == FAULT_AUTH &&
			    !look_renewed(w->e, p->q.ticket))
				return;
			k->absent = f->kind == FAULT_MISSING;
			/* What was read well before gets a second and a
			 * third look. */
			if (k->absent && (k->n_polls == 0 || ++k->looks >= 3))
				k->missing = true;
			return;
		}
		k->polls[k->n_polls++ % SIM_POLLS] = boot;
		k->refused = f->kind == FAULT_REFUSED;
		k->missing = k->absent = false;
		k->looks = 0;
	}
	if (f->kind != FAULT_NONE)
		return;
	k->v[v] = p->r.key;
	k->known[v] = true;
	if (p->q.version == -1)
		k->last = v;
	if (p->q.version == -1 &&
	    (k->newest < 0 || !sim_younger(key, k->newest, v)))
		k->newest = v;
	if (k->newest > k->ever)
		k->ever = k->newest;
}

static void told_view(struct world *w, int i, const struct registry_view *v,
		      bool get)
{
	struct sim_member *m = &w->member[i];
	struct sim_view *s;
	char *end;
	int key;

	if (m->watch < 0)
		return;
	s = &m->view[m->views++ % SIM_VIEWS];
	*s = (struct sim_view){ .boot = world_now(w).boot,
				.get = get,
				.missing = v == NULL };
	if (!v)
		return;
	key = (int)strtol(strrchr(v->key.name, '-') + 1, &end, 16);
	s->face.key = key;
	s->face.pinned = v->key.version[0] ? sim_version_of(&w->cloud.key[key],
							    v->key.version)
					   : -1;
	s->face.in_use = !v->version_known ? -1
					   : sim_version_of(&w->cloud.key[key],
							    v->version_in_use);
	s->face.provisioning = v->provisioning;
	s->face.attached = v->identity_attached;
	s->face.premium = v->premium;
	if (s->face.in_use == m->wrote)
		m->wrote = -1;
	window_shown(w, i, s);
}

static void told_list(struct world *w, const struct sim_pending *p)
{
	for (size_t i = 0; i < p->r.list.n; i++) {
		const struct registry_item *item = &p->r.list.items[i];

		told_view(w, (int)strtol(strrchr(item->id, '/') + 4, NULL, 10),
			  &item->view, false);
	}
}

void invariant_reply(struct world *w, const struct sim_pending *p)
{
	const struct fault *f = &p->r.fault;

	cost_landed(w, p);
	if (p->q.kind == CALL_PATCH)
		write_answered(w, p);
	if (f->kind == FAULT_THROTTLED)
		told_throttle(w, p);
	if (p->lane >= 0 && p->r.remaining >= 0 &&
	    w->lane[p->lane].tokens > p->r.remaining / 2.0) {
		/* Refill first, as of now. */
		w->lane[p->lane].tokens = p->r.remaining / 2.0;
		w->lane[p->lane].at = world_now(w).boot;
	}
	if (f->kind)
		call_spoil(
			w, p,
			w->t + (f->retry_after_ms > 0 ? f->retry_after_ms : 0));
	/* Who may not even be read cannot go first. */
	if (p->q.kind == CALL_REGISTRY && f->kind != FAULT_NONE &&
	    !fault_is_transient(f) && w->member[p->q.registry].watch >= 0)
		w->member[p->q.registry].refused = false;
	if (p->q.kind == CALL_KEY)
		wall_told(w, p);
	if (p->q.kind == CALL_KEY)
		told_key(w, p);
	else if (p->q.kind == CALL_REGISTRY && f->kind == FAULT_NONE)
		told_view(w, p->q.registry, &p->r.registry, true);
	else if (p->q.kind == CALL_REGISTRY && f->kind == FAULT_MISSING)
		told_view(w, p->q.registry, NULL, true);
	else if (p->q.kind == CALL_LIST && f->kind == FAULT_NONE)
		told_list(w, p);
	if (p->q.kind == CALL_PATCH &&
	    w->member[p->q.registry].patch == p->q.ticket) {
		w->member[p->q.registry].patch = 0;
		if (!p->r.maybe_done)
			w->member[p->q.registry].doubt = -1;
	}
	if (p->q.kind == CALL_OPERATION && f->kind == FAULT_NONE &&
	    p->r.operation.error.kind == FAULT_DENIED)
		write_denied(w, p->q.registry);
	if (p->q.kind == CALL_OPERATION && f->kind == FAULT_NONE &&
	    p->r.operation.status == OPERATION_FAILED)
		w->member[p->q.registry].accepted--;
	if (p->q.registry >= 0 &&
	    ((p->q.kind == CALL_PATCH && f->kind == FAULT_REFUSED) ||
	     (p->q.kind == CALL_OPERATION && f->kind == FAULT_NONE &&
	      p->r.operation.status == OPERATION_FAILED &&
	      p->r.operation.error.kind == FAULT_REFUSED)))
		write_refused(w, p->q.registry,
			      f->kind ? f : &p->r.operation.error);
}

/* ---- after every event ---- */

static void bounded(struct world *w)
{
	struct look_sizes s;
	size_t jobs;

	look_sizes(w->e, &s);
	jobs = s.registries + s.watches + s.tokens + SIM_LANES;
	/* A reload may allow fewer than are on their way. */
	if (s.flights > engine_config(w->e)->max_requests &&
	    s.flights > w->flights)
		invariant_broken(w, INV_BOUNDED, "%zu requests in flight",
				 s.flights);
	w->flights = s.flights;
	if (s.timers > 2 * jobs + s.registries + SIM_LANES)
		invariant_broken(w, INV_BOUNDED, "%zu timers", s.timers);
	if (s.waiting > jobs || s.lost_notes || s.tokens > 16)
		invariant_broken(w, INV_BOUNDED, "a queue has grown");
	if (s.actions)
		invariant_broken(w, INV_BOUNDED, "actions are left over");
}

static void clock_known(struct world *w)
{
	int64_t off;

	/* With fewer than three nobody can tell which one is wrong. */
	if (!look_clock_known(w->e) || cost_heard(w) < 3)
		return;
	off = look_azure(w->e) - world_azure(w);
	if (off > CLOCK_TOLERANCE_MS || off < -CLOCK_TOLERANCE_MS)
		invariant_broken(w, INV_CLOCK,
				 "Azure's clock is off by %lld "
				 "ms",
				 (long long)off);
}

/* Nobody is forgotten: a timer, a LIST or a flight will read it in time.  Who
 * is in trouble is tried again within the longest of our own back-offs. */
static void will_be_read(struct world *w)
{
	int64_t boot = world_now(w).boot, late;

	for (int i = 0; i < w->n_watches; i++) {
		const struct watch *x = w->watch[i].w;

		if (!x || !w->watch[i].present)
			continue;
		late = look_polls(w->e, x) - boot - w->poll - w->poll / 4;
		if (late > (look_unreadable(x) ? BACKOFF_CAP_AFTER_MS : 0))
			invariant_broken(w, INV_READ,
					 "nothing will read key %d in time",
					 w->watch[i].key);
	}
	for (int i = 0; i < w->cloud.n_registries; i++) {
		const struct registry *r = w->member[i].r;

		if (!r)
			continue;
		late = look_reads(w->e, r) - boot - w->reread;
		if (late > (look_failed(r) || look_refused(r)
				    ? BACKOFF_CAP_AFTER_MS
				    : 0))
			invariant_broken(
				w, INV_READ,
				"nothing will read registry %d in time", i);
	}
}

void invariant_event(struct world *w)
{
	if (w->events % 16 == 0)
		will_be_read(w);
	bounded(w);
	cost_event(w);
	clock_known(w);
	truth_check(w);
}

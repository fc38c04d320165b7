/*
 * What is asked of several daemons together: of each write when it goes out,
 * and of each daemon that it says what it was shown.
 *
 * Each is judged by what it was shown itself.  What another one did meanwhile
 * it cannot know; that this does no harm is what the model cloud, the windows
 * and the quiet end tell.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pair.h"

#define LOOK_MS 31000 /* a read older than this is none */
#define EDGE_MS 3000  /* a version expires: the poll just after it tells */
#define PAUSE_MS 31000
#define WRITES_MAX 40 /* of one daemon to one registry, for one version */
#define TAIL_MS (3 * SIM_MINUTE)

static const char *const names[] = {
	[PAIR_WRITE] = "only usable versions, only after a look of its own",
	[PAIR_ONE_WRITE] = "one write at a time per registry and daemon",
	[PAIR_NEVER_BACK] = "never back to an older version",
	[PAIR_DEADLINE] = "verified in time when one of them could",
	[PAIR_TRUTH] = "states tell the truth, whoever moved it",
	[PAIR_QUIET] = "quiet and current when faults have ended",
	[PAIR_WAKES] = "the first thing after a pause is no write",
	[PAIR_FIGHT] = "they do not write against each other",
	[PAIR_BOUNDED] = "everything is bounded",
	[PAIR_LEADERS] = "never two that lead while both can ask",
	[PAIR_TAKEOVER] = "somebody leads while anybody can ask",
	[PAIR_STANDBY] = "who does not lead writes only when time runs out",
	[PAIR_LETS_GO] = "who ends lets go of its leases",
	[PAIR_KEEPS] = "who leads goes on until it is told otherwise",
};

const char *pair_invariant_name(int invariant)
{
	return names[invariant];
}

static int64_t boot_of(const struct pair *p, int daemon)
{
	return driver_now(&p->d, daemon).boot;
}

/* ---- lives ---- */

void pair_judge_born(struct pair *p, int daemon)
{
	struct pair_daemon *x = &p->daemon[daemon];

	pair_lease_born(p, daemon);
	memset(x->seat, 0, sizeof(x->seat));
	for (int i = 0; i < p->cloud.n_registries; i++) {
		struct pair_seat *s = &x->seat[i];

		s->r = look_find(x->e, p->cloud.registry[i].id);
		for (int v = 0; v < PAIR_VIEWS; v++)
			s->view[v].boot = -1;
		s->by.boot = s->wrote = -1;
		s->to = -1;
	}
	for (int i = 0; i < p->cloud.n_keys; i++)
		x->told[i] = (struct pair_told){ .last = -1, .polled = -1 };
}

/* ---- what it was shown ---- */

static void told_key(struct pair *p, const struct driver_answer *a)
{
	struct pair_told *k = &p->daemon[a->daemon].told[a->about[0]];
	const struct fault *f = &a->r.fault;
	int v;

	if (a->about[1] == -1 &&
	    (f->kind == FAULT_NONE || f->kind == FAULT_REFUSED)) {
		k->polled = boot_of(p, a->daemon);
		k->refused = f->kind == FAULT_REFUSED;
	}
	if (f->kind != FAULT_NONE)
		return;
	v = sim_version_of(&p->cloud.key[a->about[0]], a->r.key.version);
	k->v[v] = a->r.key;
	k->known[v] = true;
	if (a->about[1] == -1)
		k->last = v;
}

static void told_view(struct pair *p, int daemon, int registry,
		      const struct registry_view *v, bool get)
{
	struct pair_seat *s = &p->daemon[daemon].seat[registry];
	struct pair_view *to = &s->view[s->views++ % PAIR_VIEWS];
	const struct sim_key *k;

	*to = (struct pair_view){ .boot = boot_of(p, daemon),
				  .get = get,
				  .missing = v == NULL };
	if (!v)
		return;
	to->face.key = (int)strtol(strrchr(v->key.name, '-') + 1, NULL, 16);
	k = &p->cloud.key[to->face.key];
	to->face.pinned = v->key.version[0] ? sim_version_of(k, v->key.version)
					    : -1;
	to->face.in_use = sim_version_of(k, v->version_in_use);
	to->face.provisioning = v->provisioning;
	to->face.attached = v->identity_attached;
	to->face.premium = v->premium;
	if (to->face.key == p->home[registry])
		p->shown[registry] = to->face.in_use;
}

static void told_list(struct pair *p, const struct driver_answer *a)
{
	for (size_t i = 0; i < a->r.list.n; i++) {
		const struct registry_item *item = &a->r.list.items[i];

		told_view(p, a->daemon,
			  (int)strtol(strrchr(item->id, '/') + 4, NULL, 10),
			  &item->view, false);
	}
}

static void told_patch(struct pair *p, const struct driver_answer *a)
{
	struct pair_seat *s = &p->daemon[a->daemon].seat[a->about[0]];

	if (s->write != a->r.ticket)
		return;
	s->write = 0;
	if (!a->r.maybe_done)
		s->wrote = -1;
	/* Busy, or no answer: that counts as no fight. */
	if (a->r.fault.kind != FAULT_NONE && s->writes > 0)
		s->writes--;
}

void pair_judge_landing(void *world, const struct driver_answer *a)
{
	struct pair *p = world;
	struct pair_daemon *x = &p->daemon[a->daemon];

	if (!look_awaited(x->e, a->r.ticket))
		return;
	if (a->r.fault.kind == FAULT_NONE)
		x->thawed = -1;
	if (a->r.kind == CALL_KEY)
		told_key(p, a);
	else if (a->r.kind == CALL_REGISTRY && a->r.fault.kind == FAULT_NONE)
		told_view(p, a->daemon, a->about[0], &a->r.registry, true);
	else if (a->r.kind == CALL_LIST && a->r.fault.kind == FAULT_NONE)
		told_list(p, a);
	else if (a->r.kind == CALL_PATCH)
		told_patch(p, a);
	else if (a->r.kind == CALL_LEASE)
		pair_lease_told(p, a);
}

/* The view that was shown at that boot time; of two the GET. */
static const struct pair_view *view_at(const struct pair_seat *s, int64_t boot)
{
	const struct pair_view *found = NULL;

	for (unsigned i = 1; i <= PAIR_VIEWS && i <= s->views; i++) {
		const struct pair_view *v =
			&s->view[(s->views - i) % PAIR_VIEWS];

		if (v->boot == boot && (!found || v->get))
			found = v;
	}
	if (found)
		return found;
	return s->by.boot == boot && boot >= 0 ? &s->by : NULL;
}

/* ---- a write ---- */

struct write {
	struct pair *p;
	const struct pair_sent *sent;
	struct pair_daemon *x;
	struct pair_seat *seat;
	const struct pair_view *v;
	int who, registry, key, to;
};

static void check_version(const struct write *c)
{
	const struct pair_told *k = &c->x->told[c->key];
	int64_t azure = look_azure(c->x->e);

	if (c->to < 0 || !k->known[c->to])
		pair_broken(c->p, PAIR_WRITE,
			    "daemon %d, registry %d: version %d was never read",
			    c->who, c->registry, c->to);
	else if (k->refused || (!sim_usable(&k->v[c->to], azure) &&
				!sim_usable(&k->v[c->to], azure + SIM_SECOND)))
		pair_broken(c->p, PAIR_WRITE,
			    "daemon %d, registry %d: version %d was not usable "
			    "when last read",
			    c->who, c->registry, c->to);
	else if (boot_of(c->p, c->who) - k->polled > 2 * c->p->poll)
		pair_broken(c->p, PAIR_WRITE,
			    "daemon %d, registry %d: its key was not polled "
			    "for two intervals",
			    c->who, c->registry);
	else if (k->last != c->to)
		pair_broken(c->p, PAIR_WRITE,
			    "daemon %d, registry %d: version %d is written, %d "
			    "was shown as newest",
			    c->who, c->registry, c->to, k->last);
}

static void check_look(const struct write *c)
{
	const struct sim_face *f = &c->v->face;
	const struct sim_key *k = &c->p->cloud.key[c->key];

	if (!c->v->get || boot_of(c->p, c->who) - c->v->boot > LOOK_MS)
		pair_broken(c->p, PAIR_WRITE,
			    "daemon %d: registry %d was not read before the "
			    "write",
			    c->who, c->registry);
	else if (c->v->boot < c->seat->wrote)
		pair_broken(c->p, PAIR_WRITE,
			    "daemon %d: registry %d was not read after a write "
			    "that may have happened",
			    c->who, c->registry);
	else if (!f->attached || f->key != c->key ||
		 f->provisioning != PROVISIONING_SUCCEEDED)
		pair_broken(c->p, PAIR_WRITE,
			    "daemon %d: registry %d was not fit for a write "
			    "when read",
			    c->who, c->registry);
	else if (c->to >= 0 && f->in_use >= 0 &&
		 sim_younger(k, f->in_use, c->to))
		pair_broken(c->p, PAIR_NEVER_BACK,
			    "daemon %d, registry %d: back from version %d to "
			    "%d",
			    c->who, c->registry, f->in_use, c->to);
}

static void check_one(const struct write *c)
{
	if (c->seat->write)
		pair_broken(c->p, PAIR_ONE_WRITE,
			    "daemon %d, registry %d: a write is on its way "
			    "already",
			    c->who, c->registry);
	if (c->x->thawed >= 0 && c->x->slept - c->x->frozen > PAUSE_MS &&
	    c->p->d.t - c->x->thawed < PAUSE_MS)
		pair_broken(c->p, PAIR_WAKES,
			    "daemon %d: %lld ms after a pause registry %d is "
			    "written to, and nothing was read since",
			    c->who, (long long)(c->p->d.t - c->x->thawed),
			    c->registry);
	if (c->seat->to != c->to)
		c->seat->writes = 0;
	c->seat->to = c->to;
	if (++c->seat->writes > WRITES_MAX)
		pair_broken(c->p, PAIR_FIGHT,
			    "daemon %d, registry %d: write %u for version %d",
			    c->who, c->registry, c->seat->writes, c->to);
}

void pair_judge_write(struct pair *p, const struct pair_sent *s)
{
	struct write c = { .p = p,
			   .sent = s,
			   .x = &p->daemon[s->daemon],
			   .who = s->daemon,
			   .registry = s->q.registry,
			   .key = p->home[s->q.registry],
			   .to = s->q.version };

	c.seat = &c.x->seat[c.registry];
	p->stats->writes++;
	p->last_write = p->d.t;
	for (int i = 0; i < p->d.daemons; i++)
		p->stats->at_once += i != s->daemon && p->daemon[i].e &&
				     p->daemon[i].seat[c.registry].write;
	if (c.to == -1)
		c.to = sim_version_of(&p->cloud.key[c.key],
				      look_wrote(c.seat->r));
	pair_note(p, "%c writes %d (%s) to registry %d", 'A' + c.who, c.to,
		  s->q.version < 0 ? "free" : "pinned", c.registry);
	c.v = view_at(c.seat, look_registry(c.seat->r).read_at);
	if (!c.v || s->q.key != c.key) {
		pair_broken(p, PAIR_WRITE,
			    "daemon %d: a write to registry %d before any read",
			    c.who, c.registry);
		return;
	}
	check_version(&c);
	check_look(&c);
	pair_lease_write(p, s, c.to,
			 c.v->face.in_use == c.to && c.seat->to == c.to);
	check_one(&c);
	c.seat->write = s->q.ticket;
	c.seat->wrote = boot_of(p, c.who);
}

/* ---- what it says ---- */

static void check_current(struct pair *p, int daemon, int registry)
{
	struct pair_daemon *x = &p->daemon[daemon];
	struct pair_seat *s = &x->seat[registry];
	int key = p->home[registry];
	const struct pair_told *k = &x->told[key];
	const struct sim_face *f = &s->by.face;
	int64_t boot = boot_of(p, daemon), azure = look_azure(x->e);

	if (s->by.boot < 0 || s->by.missing || f->key != key ||
	    f->in_use != k->last || f->provisioning != PROVISIONING_SUCCEEDED)
		pair_broken(p, PAIR_TRUTH,
			    "daemon %d: registry %d is called current, but was "
			    "not so when read (version %d)",
			    daemon, registry, f->in_use);
	else if (boot - s->by.boot > p->reread ||
		 boot - s->seen.polled_at > 2 * p->poll)
		pair_broken(p, PAIR_TRUTH,
			    "daemon %d: registry %d is called current, but it "
			    "was read %lld s ago, and its key %lld s ago",
			    daemon, registry,
			    (long long)(boot - s->by.boot) / 1000,
			    (long long)(boot - s->seen.polled_at) / 1000);
	else if (k->refused ||
		 (!sim_usable(&k->v[f->in_use], azure) &&
		  !sim_usable(&k->v[f->in_use], azure - 2 * EDGE_MS)))
		pair_broken(p, PAIR_TRUTH,
			    "daemon %d: registry %d is called current on "
			    "version %d, which is not usable",
			    daemon, registry, f->in_use);
	else if (p->watch[key].mode == WATCH_FOLLOW && f->pinned >= 0)
		pair_broken(p, PAIR_TRUTH,
			    "daemon %d: registry %d is called current while it "
			    "is pinned",
			    daemon, registry);
}

static void check_seat(struct pair *p, int daemon, int registry)
{
	struct pair_seat *s = &p->daemon[daemon].seat[registry];
	struct look_registry now;

	/* It gets older by itself. */
	if (s->checked && s->seen.state != STATE_CURRENT &&
	    look_same(s->r, &s->seen))
		return;
	now = look_registry(s->r);
	if (now.read_at >= 0 && now.read_at != s->by.boot) {
		const struct pair_view *v = view_at(s, now.read_at);

		if (v)
			s->by = *v;
		else
			pair_broken(p, PAIR_TRUTH,
				    "daemon %d, registry %d: a read that did "
				    "not happen",
				    daemon, registry);
	}
	s->checked = true;
	s->seen = now;
	if (now.state == STATE_CURRENT)
		check_current(p, daemon, registry);
}

void pair_judge_drained(void *world, int daemon)
{
	struct pair *p = world;
	const struct pair_daemon *x = &p->daemon[daemon];

	/* Whoever went on after a pause has an answer first, and its time
	 * comes in the same moment. */
	if (engine_wake(x->e) <= boot_of(p, daemon))
		return;
	for (int i = 0; i < p->cloud.n_registries; i++)
		check_seat(p, daemon, i);
	if (engine_state(x->e) != ENGINE_OK)
		return;
	for (int i = 0; i < p->cloud.n_registries; i++)
		if (x->seat[i].seen.state != STATE_CURRENT)
			pair_broken(p, PAIR_TRUTH,
				    "daemon %d: ok, while registry %d is %s",
				    daemon, i,
				    decide_state_str(x->seat[i].seen.state));
}

/* ---- the end ---- */

static void end_of(struct pair *p, int daemon)
{
	const struct pair_daemon *x = &p->daemon[daemon];

	if (!x->e) {
		pair_broken(p, PAIR_QUIET, "daemon %d does not run", daemon);
		return;
	}
	for (int i = 0; i < p->cloud.n_registries; i++) {
		enum decide_state state = look_registry(x->seat[i].r).state;

		if (state != STATE_CURRENT)
			pair_broken(
				p, PAIR_QUIET,
				"daemon %d: registry %d is %s (%s)", daemon, i,
				decide_state_str(state),
				decide_reason_str(look_reason(x->seat[i].r)));
	}
	if (engine_state(x->e) != ENGINE_OK) {
		char why[200];

		engine_sentence(x->e, why, sizeof(why));
		pair_broken(p, PAIR_QUIET, "daemon %d is %s: %s", daemon,
			    engine_state_str(engine_state(x->e)), why);
	}
}

void pair_judge_end(struct pair *p)
{
	for (int i = 0; i < p->cloud.n_registries; i++) {
		const struct sim_face *f = &p->cloud.registry[i].face;
		int key = p->home[i];

		if (f->key != key ||
		    f->in_use != sim_newest_true(&p->cloud.key[key]) ||
		    (p->watch[key].mode == WATCH_FOLLOW && f->pinned >= 0))
			pair_broken(
				p, PAIR_QUIET, "registry %d is on version %d%s",
				i, f->in_use, f->pinned >= 0 ? ", pinned" : "");
	}
	for (int i = 0; i < p->d.daemons; i++)
		end_of(p, i);
	if (p->d.t - p->last_write < TAIL_MS)
		pair_broken(p, PAIR_QUIET, "somebody still writes");
}

/*
 * Invariants 2, 3, 4 and 11: what is asked of every write when it goes out.
 *
 * "When last read" means: as the daemon was last shown it, by an answer that
 * it waited for.  Whether a version is usable at a time is judged on the
 * daemon's own estimate of Azure's clock, which invariant 12 holds to the
 * truth.
 */
#include "base/text.h"
#include "invariant.h"

#define LOOK_MS 31000 /* a read older than this is none */
#define PRESS_SLACK_MS 2000
#define CROSSINGS 4
/* After the first write, doubled with each other one; and after some that were
 * accepted and did nothing. */
#define AGAIN_MS 1000
#define AGAIN_MAX_MS 10000
#define IN_VAIN_MS 29000

struct write {
	struct world *w;
	const struct call *call;
	const struct sim_question *q;
	int i, to;
	struct sim_member *m;
	struct sim_watch *x;
	struct sim_told *told;
	const struct sim_view *v;
};

const struct sim_view *invariant_view(const struct sim_member *m, int64_t boot)
{
	const struct sim_view *found = NULL;

	/* Of two in one millisecond the registry's own answer counts. */
	for (int i = 1; i <= SIM_VIEWS && i <= m->views; i++) {
		const struct sim_view *v = &m->view[(m->views - i) % SIM_VIEWS];

		if (v->boot == boot && (!found || v->get))
			found = v;
	}
	if (found)
		return found;
	return m->views > 0 && m->by.boot == boot ? &m->by : NULL;
}

static void check_version(const struct write *c)
{
	const struct sim_told *k = c->told;
	int64_t boot = world_now(c->w).boot;

	if (c->to < 0 || !k->known[c->to])
		invariant_broken(c->w, INV_WRITE,
				 "registry %d: version %d "
				 "was never read",
				 c->i, c->to);
	else if ((!sim_usable(&k->v[c->to], look_azure(c->w->e)) &&
		  !sim_usable(&k->v[c->to],
			      look_azure(c->w->e) + SIM_SECOND)) ||
		 k->refused || k->missing)
		invariant_broken(c->w, INV_WRITE,
				 "registry %d: version %d "
				 "was not usable when last read",
				 c->i, c->to);
	else if (k->n_polls == 0 ||
		 boot - k->polls[(k->n_polls - 1) % SIM_POLLS] > 2 * c->w->poll)
		invariant_broken(c->w, INV_WRITE,
				 "registry %d: its key was "
				 "not polled for two intervals",
				 c->i);
	else if (k->last != c->to)
		invariant_broken(c->w, INV_WRITE,
				 "registry %d: version %d is "
				 "written, %d was shown as newest",
				 c->i, c->to, k->last);
}

static void check_look(const struct write *c)
{
	const struct sim_face *f = &c->v->face;

	if (!c->v->get || world_now(c->w).boot - c->v->boot > LOOK_MS)
		invariant_broken(c->w, INV_WRITE,
				 "registry %d was not read "
				 "before the write",
				 c->i);
	else if (c->v->boot < c->m->doubt)
		invariant_broken(c->w, INV_WRITE,
				 "registry %d was not read "
				 "after a write that may have happened",
				 c->i);
	else if (c->v->missing || !f->premium ||
		 f->provisioning != PROVISIONING_SUCCEEDED)
		invariant_broken(c->w, INV_WRITE,
				 "registry %d was not fit "
				 "for a write when read",
				 c->i);
	else if (!f->attached)
		invariant_broken(c->w, INV_WRITE,
				 "registry %d: its identity "
				 "was detached when read",
				 c->i);
	else if (f->key != c->x->key && !c->x->takeover)
		invariant_broken(c->w, INV_WRITE,
				 "registry %d is on a "
				 "foreign key",
				 c->i);
	else if (f->key == c->x->key && f->in_use >= 0 && c->to >= 0 &&
		 sim_younger(&c->w->cloud.key[f->key], f->in_use, c->to))
		invariant_broken(c->w, INV_NEVER_BACK,
				 "registry %d: back "
				 "from version %d to %d",
				 c->i, f->in_use, c->to);
}

/* Of two versions of one second nobody knows the younger one.  One of them may
 * turn out to be, once; then a registry is not written there and back. */
static void check_crossing(const struct write *c)
{
	const struct sim_face *f = &c->v->face;
	const struct sim_key *k = &c->w->cloud.key[c->x->key];
	int low = f->in_use < c->to ? f->in_use : c->to;

	if (f->key != c->x->key || f->in_use < 0 || c->to < 0 ||
	    f->in_use == c->to || sim_younger(k, f->in_use, c->to) ||
	    sim_younger(k, c->to, f->in_use))
		return;
	if (c->m->crossing != low)
		c->m->crossings = 0;
	c->m->crossing = low;
	if (c->m->crossed != c->to)
		c->m->crossings++;
	c->m->crossed = c->to;
	if (c->m->crossings > CROSSINGS)
		invariant_broken(c->w, INV_NEVER_BACK,
				 "registry %d: written back and forth between "
				 "versions %d and %d of one second",
				 c->i, f->in_use, c->to);
}

static void check_one(const struct write *c)
{
	const struct sim_registry *g = &c->w->cloud.registry[c->i];
	int64_t boot = world_now(c->w).boot;

	if (c->m->patch && boot - c->m->patch_boot < look_guard())
		invariant_broken(c->w, INV_ONE_WRITE,
				 "registry %d: a write "
				 "is on its way already",
				 c->i);
	else if (sim_busy(g) && !g->outsider)
		invariant_broken(c->w, INV_ONE_WRITE,
				 "registry %d: an "
				 "operation of ours is running",
				 c->i);
}

/*
 * A second write for one version has its time, whatever asks for it; and when
 * both forms of it were accepted and nothing came of either, minutes.  Going
 * back to the unversioned identifier is the end of the first one.
 */
static void check_again(const struct write *c)
{
	struct sim_member *m = c->m;
	int64_t boot = world_now(c->w).boot, least;
	bool last = c->v->face.in_use == c->to;

	if (last)
		return;
	if (m->wrote != c->to) {
		m->wrote = c->to;
		m->writes = m->accepted = 0;
	}
	least = AGAIN_MS << (m->writes < 4 ? m->writes : 4);
	least = least < AGAIN_MAX_MS ? least : AGAIN_MAX_MS;
	/* The other form of it is a trial of its own. */
	least = m->accepted > 4 && m->wrote_free == (c->q->version < 0)
			? IN_VAIN_MS
			: least / 2;
	m->wrote_free = c->q->version < 0;
	if (m->writes > 0 && boot - m->wrote_at < least)
		invariant_broken(c->w, INV_AGAIN,
				 "registry %d: write number %d for version %d, "
				 "%lld ms after the one before",
				 c->i, m->writes + 1, c->to,
				 (long long)(boot - m->wrote_at));
	m->writes++;
	m->wrote_before = m->wrote_at;
	m->wrote_at = boot;
}

static void check_allowed(const struct write *c)
{
	int64_t azure = look_azure(c->w->e);

	if (c->w->dry_run || c->x->manual >= 0 || c->x->mode == WATCH_OBSERVE ||
	    !c->x->present)
		invariant_broken(c->w, INV_WRITE,
				 "registry %d is not to be "
				 "written to",
				 c->i);
	else if (azure < c->m->paused_until || azure < c->w->paused_until)
		invariant_broken(c->w, INV_WRITE, "registry %d is paused",
				 c->i);
}

/* ---- one goes first ---- */

static bool under_way(const struct write *c, int *flying)
{
	bool found = false;

	*flying = 0;
	for (int i = 0; i < c->w->cloud.n_registries; i++) {
		const struct sim_member *m = &c->w->member[i];

		if (i == c->i || m->watch != c->m->watch || !m->r)
			continue;
		/* Who came from another watch brings its write along. */
		*flying += m->patch != 0 && m->patch_reloads == c->w->reloads &&
			   world_now(c->w).boot - m->patch_boot < look_guard();
		found |= m->aim == c->to && look_writing(m->r);
	}
	return found;
}

/* Azure moves registries too: then that one went first.  At first sight a
 * LIST may tell of it; a move of ours is told by a GET alone. */
static bool passed(const struct write *c)
{
	return c->x->good[c->to];
}

/* Two others were refused alike, and could still go first themselves: one may
 * have a trouble of its own. */
static bool refused(const struct write *c)
{
	uint64_t alike = 0;
	int n = 0;

	for (int i = 0; i < c->w->cloud.n_registries; i++) {
		const struct sim_member *m = &c->w->member[i];
		const struct sim_face *f = &m->by.face;

		if (i != c->i && m->refused && m->r &&
		    m->watch == c->m->watch && !m->by.missing && f->attached &&
		    f->provisioning != PROVISIONING_FAILED && f->premium &&
		    f->key == c->x->key && !look_failed(m->r) &&
		    m->paused_until <= look_azure(c->w->e) &&
		    look_registry(m->r).state != STATE_UNREACHABLE) {
			if (n++ && alike != m->refused_as)
				return false;
			alike = m->refused_as;
		}
	}
	return n >= 2;
}

static void check_turn(const struct write *c)
{
	struct sim_watch *x = c->x;
	int64_t press = x->deadline - c->w->window / 2 + SIM_EPOCH;
	bool opened = !x->canary || passed(c) ||
		      look_azure(c->w->e) >= press - PRESS_SLACK_MS;
	bool first = c->m->aim != c->to && c->v->face.in_use != c->to;
	bool other;
	int flying;

	if (x->aim != c->to) {
		x->aim = c->to;
		for (int i = 0; i < c->w->cloud.n_registries; i++)
			if (c->w->member[i].watch == c->m->watch)
				c->w->member[i].refused = false;
	}
	other = under_way(c, &flying);
	if (flying >= (int)x->max_parallel)
		invariant_broken(c->w, INV_CANARY,
				 "registry %d: more than %u "
				 "writes of a watch",
				 c->i, x->max_parallel);
	if (first && !opened && other && x->due == c->to)
		invariant_broken(c->w, INV_CANARY,
				 "registry %d does not wait "
				 "for the one that goes first",
				 c->i);
	if (first && x->canary && !passed(c) && refused(c))
		invariant_broken(c->w, INV_CANARY,
				 "registry %d is to be held: "
				 "two were refused",
				 c->i);
	if (first && c->w->level == 0 && !c->w->strange && x->named >= 0 &&
	    x->canary && x->named != c->i && !passed(c) && x->due == c->to &&
	    look_azure(c->w->e) < press - PRESS_SLACK_MS &&
	    c->w->member[x->named].aim != c->to &&
	    c->w->cloud.registry[x->named].face.in_use != c->to)
		invariant_broken(c->w, INV_CANARY,
				 "registry %d goes before "
				 "the named one",
				 c->i);
}

void write_refused(struct world *w, int member, const struct fault *f)
{
	struct sim_member *m = &w->member[member];

	m->refused_as = text_hash(f->azure_code);
	if (m->watch >= 0 && m->aim == w->watch[m->watch].aim)
		m->refused = true;
}

void write_denied(struct world *w, int member)
{
	int watch = w->member[member].watch;

	for (int i = 0; i < w->cloud.n_registries; i++)
		if (w->member[i].watch == watch)
			w->member[i].refused = false;
}

void write_by_hand(struct world *w)
{
	for (int i = 0; i < w->cloud.n_registries; i++)
		w->member[i].writes = w->member[i].accepted = 0;
}

void write_answered(struct world *w, const struct sim_pending *p)
{
	struct sim_member *m = &w->member[p->q.registry];

	/* In a row: what fails has a back-off of its own. */
	m->accepted = p->r.fault.kind == FAULT_NONE ? m->accepted + 1 : 0;
	if (p->r.fault.kind == FAULT_DENIED)
		write_denied(w, p->q.registry);
	if ((!p->r.reached || p->r.fault.kind == FAULT_AUTH) && m->writes > 0) {
		m->writes--;
		m->wrote_at = m->wrote_before;
	}
}

/* A registry that left the file while its write was under way may finish it:
 * only the last step, back to the unversioned identifier. */
static bool retiring(struct world *w, const struct sim_question *q)
{
	const struct sim_member *m = &w->member[q->registry];

	/* Nor does its rule mean it any more. */
	if (m->watch >= 0 && w->watch[m->watch].present &&
	    (m->r || !plan_ruled(w, m->watch)))
		return false;
	if (q->version != -1)
		invariant_broken(w, INV_WRITE,
				 "registry %d is not in the "
				 "file",
				 q->registry);
	return true;
}

void write_check(struct world *w, const struct call *call,
		 const struct sim_question *q)
{
	struct write c = { .w = w,
			   .call = call,
			   .q = q,
			   .i = q->registry,
			   .m = &w->member[q->registry],
			   .to = q->version };

	w->stats->writes++;
	w->last_patch = w->t;
	trace_record(w, "write", q->registry, q->version, NULL);
	if (retiring(w, q))
		return;
	c.x = &w->watch[c.m->watch];
	c.told = &w->told[c.m->watch];
	if (c.m->r)
		told_follow(w, c.m->watch, look_registry(c.m->r).polled_at);
	if (!c.m->r || q->key != c.x->key) {
		invariant_broken(w, INV_WRITE,
				 "registry %d: a write for "
				 "another key",
				 c.i);
		return;
	}
	if (c.to == -1)
		c.to = sim_version_of(&w->cloud.key[c.x->key],
				      look_wrote(c.m->r));
	c.v = invariant_view(c.m, look_registry(c.m->r).read_at);
	if (!c.v) {
		invariant_broken(w, INV_WRITE,
				 "registry %d: a write before "
				 "any read",
				 c.i);
		return;
	}
	if (c.v->face.in_use < 0 && !c.v->missing)
		invariant_broken(w, INV_UNTOLD,
				 "registry %d: nobody has told which version "
				 "is in use",
				 c.i);
	check_again(&c);
	check_allowed(&c);
	check_version(&c);
	check_look(&c);
	check_crossing(&c);
	check_one(&c);
	check_turn(&c);
	if (c.m->aim != c.to)
		once_waits(w, w->t);
	c.m->aim = c.to;
	c.m->patch = q->ticket;
	c.m->patch_boot = c.m->doubt = world_now(w).boot;
	c.m->patch_reloads = w->reloads;
}

/*
 * The leases of several daemons: what each was told of them, who believes to
 * lead, and what may be written by it.
 *
 * Judged by what the service has answered to each, and not by what the engine
 * makes of it.  Who stands still neither leads nor knows; it counts from the
 * moment on at which it goes on.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pair.h"

/* A standby asks at least every 5 s, and is answered in less than one. */
#define SOON_MS (8 * SIM_SECOND)
#define SLACK_MS (2 * SIM_SECOND)
#define THIRD_MS (20 * SIM_SECOND) /* of a duration, at most */
#define REST_MS (15 * SIM_SECOND)
#define UNKNOWING 5 /* durations */

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

bool pair_leads(const struct pair *p, int daemon, int lease)
{
	return lease < 0 || p->daemon[daemon].tenure[lease].leads;
}

static bool acts(const struct pair *p, int daemon)
{
	return p->daemon[daemon].e && !p->daemon[daemon].stopping &&
	       p->d.daemon[daemon].awake <= p->d.t;
}

static bool can_ask(const struct pair *p, int daemon)
{
	const struct pair_daemon *x = &p->daemon[daemon];

	return acts(p, daemon) && x->link[LINK_TOKEN] == PAIR_FINE &&
	       x->link[LINK_LEASE] == PAIR_FINE;
}

/* ---- what it was told ---- */

void pair_lease_born(struct pair *p, int daemon)
{
	memset(p->daemon[daemon].tenure, 0, sizeof(p->daemon[daemon].tenure));
}

void pair_lease_reach(struct pair *p, int daemon, int64_t until)
{
	struct pair_daemon *x = &p->daemon[daemon];

	pair_window_close(p);
	x->hurt = later(x->hurt, until);
	if (!can_ask(p, daemon))
		x->asks = SIM_NEVER;
	else if (x->asks == SIM_NEVER) /* it tries again within a third */
		x->asks = later(p->d.t, x->hurt) + THIRD_MS;
	else
		x->asks = later(x->asks, x->hurt);
}

void pair_lease_told(struct pair *p, const struct driver_answer *a)
{
	struct pair_tenure *n = &p->daemon[a->daemon].tenure[a->about[0]];
	enum lease_step step = (enum lease_step)a->about[1];
	bool holds = step == LEASE_ACQUIRE || step == LEASE_RENEW;

	n->heard = p->d.t;
	if (a->r.fault.kind != FAULT_NONE)
		return;
	if (holds && a->r.lease.ours) {
		n->word = TENURE_OURS;
		n->until = driver_now(&p->d, a->daemon).boot - a->r.rtt_ms +
			   p->lease[a->about[0]].duration;
	} else if (holds || (step == LEASE_TELL && !a->r.lease.ours &&
			     n->word == TENURE_OURS))
		n->word = TENURE_ANOTHERS;
	else if (step == LEASE_RELEASE)
		n->word = TENURE_NONE;
}

void pair_lease_asked(struct pair *p, int daemon, int lease,
		      const struct sim_step *s)
{
	struct pair_tenure *n = &p->daemon[daemon].tenure[lease];

	if (s->step == LEASE_ACQUIRE)
		text_copy(n->id, sizeof(n->id), s->id);
	/* It lets go: from now on it is nobody's. */
	if (s->step == LEASE_RELEASE)
		n->word = TENURE_NONE;
	p->stats->lease_calls++;
}

/* ---- a write ---- */

static bool may_write(struct pair *p, const struct pair_sent *s, int64_t left,
		      bool own)
{
	const struct pair_daemon *x = &p->daemon[s->daemon];
	int lease = p->under[p->home[s->q.registry]];
	const struct pair_tenure *n = &x->tenure[lease];
	/* So long an unanswered question tells of an outage. */
	int64_t outage = p->lease[lease].duration + SOON_MS;

	if (n->word == TENURE_OURS &&
	    driver_now(&p->d, s->daemon).boot < n->until)
		return true;
	/* Who stood still meanwhile knows of none. */
	if (x->slept - x->frozen > p->lease[lease].duration &&
	    n->heard < x->slept)
		outage = 0;
	if (n->word == TENURE_OURS && x->asks > p->d.t - outage)
		return true;
	p->stats->lonely++;
	return left <= p->window / 4 + SLACK_MS || own;
}

void pair_lease_write(struct pair *p, const struct pair_sent *s, int to,
		      bool own)
{
	const struct pair_daemon *x = &p->daemon[s->daemon];
	int key = p->home[s->q.registry];
	const struct key_version *v = &p->cloud.key[key].version[to].v;
	int64_t from = later(v->not_before, v->created);
	int64_t left = from + p->window - look_azure(x->e);

	if (p->under[key] < 0 || may_write(p, s, left, own))
		return;
	pair_broken(p, PAIR_STANDBY,
		    "daemon %d, which does not lead, writes to registry %d, "
		    "%lld s before its deadline",
		    s->daemon, s->q.registry, (long long)left / 1000);
}

/* ---- who leads ---- */

/* Who stood still while its lease ran out has to ask before it leads. */
static void check_awake(struct pair *p, int daemon, int lease)
{
	const struct pair_daemon *x = &p->daemon[daemon];

	if (x->slept == p->d.t &&
	    x->slept - x->frozen > p->lease[lease].duration &&
	    driver_now(&p->d, daemon).boot >= x->tenure[lease].until)
		pair_broken(p, PAIR_WAKES,
			    "daemon %d stood still for %lld s and leads for "
			    "lease %d, which has run out meanwhile",
			    daemon, (long long)(x->slept - x->frozen) / 1000,
			    lease);
}

static void see_roles(struct pair *p, int lease)
{
	struct pair_lease *l = &p->lease[lease];
	bool any = false;

	for (int i = 0; i < p->d.daemons; i++) {
		struct pair_tenure *n = &p->daemon[i].tenure[lease];
		bool leads = acts(p, i) &&
			     look_leads(p->daemon[i].e, (size_t)lease,
					driver_now(&p->d, i).boot);

		any |= leads;
		if (leads)
			check_awake(p, i, lease);
		if (leads == n->leads)
			continue;
		pair_window_close(p);
		if (!leads && acts(p, i) && n->word == TENURE_OURS &&
		    p->d.t - p->daemon[i].slept > l->duration)
			pair_broken(p, PAIR_KEEPS,
				    "daemon %d leads no more for lease %d, "
				    "which is its own as far as it was told",
				    i, lease);
		n->leads = leads;
		n->since = p->d.t;
		pair_note(p, "%c %s for lease %d", 'A' + i,
			  leads ? "leads" : "leads no more", lease);
		p->stats->turns += leads;
	}
	if (any)
		l->nobody = SIM_NEVER;
	else if (l->nobody == SIM_NEVER)
		l->nobody = p->d.t;
	if (sim_blob_leased(&l->blob, p->d.t, NULL))
		l->free = SIM_NEVER;
	else if (l->free == SIM_NEVER)
		l->free = p->d.t;
}

/*
 * It is free, and somebody could have taken it.  Who was asked to let go of it
 * leaves it to the one that is preferred for a while.  Where a question comes
 * through and its answer does not, it is held by one that does not know; that
 * goes by as well.
 */
static void check_nobody(struct pair *p, int lease)
{
	const struct pair_lease *l = &p->lease[lease];
	int64_t most = l->preferred < 0 ? SOON_MS : SOON_MS + REST_MS;

	for (int i = 0; i < p->d.daemons && l->nobody != SIM_NEVER; i++) {
		int64_t asks = p->daemon[i].asks;
		int64_t nobody = p->d.t - later(l->nobody, asks);
		int64_t free = p->d.t - later(l->free, asks);

		if (nobody > p->stats->longest)
			p->stats->longest = nobody;
		if (free <= most && nobody <= UNKNOWING * l->duration + most)
			continue;
		pair_broken(p, PAIR_TAKEOVER,
			    "nobody leads for lease %d, for %lld s; it was "
			    "free for %lld s, and daemon %d could ask",
			    lease, (long long)nobody / 1000,
			    (long long)free / 1000, i);
	}
}

/* Two believe to, and both could ask. */
static void check_both(struct pair *p, int lease, int i, int k)
{
	const struct pair_daemon *x = &p->daemon[i], *y = &p->daemon[k];
	const struct pair_tenure *n = &x->tenure[lease], *m = &y->tenure[lease];
	int64_t since =
		later(later(n->since, m->since), later(x->asks, y->asks));
	int64_t both = p->d.t - since;

	if (!n->leads || !m->leads)
		return;
	if (both > p->stats->both)
		p->stats->both = both;
	if (both > p->lease[lease].duration + SLACK_MS)
		pair_broken(p, PAIR_LEADERS,
			    "daemons %d and %d both lead for lease %d, for "
			    "%lld s in which both could ask",
			    i, k, lease, (long long)both / 1000);
}

void pair_lease_event(struct pair *p)
{
	for (int l = 0; l < p->n_leases; l++) {
		see_roles(p, l);
		check_nobody(p, l);
		for (int i = 0; i < p->d.daemons; i++)
			for (int k = 0; k < i; k++)
				check_both(p, l, i, k);
	}
}

/* One that was told to stop, and has ended by itself. */
void pair_lease_ended(struct pair *p, int daemon)
{
	const struct pair_daemon *x = &p->daemon[daemon];

	if (x->link[LINK_TOKEN] != PAIR_FINE ||
	    x->link[LINK_LEASE] != PAIR_FINE || p->chance)
		return;
	for (int l = 0; l < p->n_leases; l++)
		if (sim_blob_leased(&p->lease[l].blob, p->d.t,
				    x->tenure[l].id) &&
		    p->d.daemon[daemon].awake < p->d.t - SLACK_MS)
			pair_broken(p, PAIR_LETS_GO,
				    "daemon %d has ended, and holds lease %d",
				    daemon, l);
}

/* ---- as it is planned ---- */

static void plan_lease(struct pair *p, int at)
{
	static const int64_t durations[] = { 30, 30, 15, 60 };
	struct pair_lease *l = &p->lease[at];

	*l = (struct pair_lease){
		.duration = durations[random_below(&p->rng, 4)] * SIM_SECOND,
		.preferred = -1,
	};
	l->blob.fast = p->level ? pair_between(p, -200, 201) : 0;
}

void pair_lease_plan(struct pair *p)
{
	int how = p->scene ? pair_scene_leases(p)
			   : (int)random_below(&p->rng, 100);

	for (int i = 0; i < PAIR_KEYS; i++)
		p->under[i] = -1;
	if (how < 20) /* each for itself */
		return;
	p->n_leases = how >= 70 && p->cloud.n_keys > 1 ? 2 : 1;
	for (int i = 0; i < p->n_leases; i++)
		plan_lease(p, i);
	for (int i = 0; i < p->cloud.n_keys; i++)
		p->under[i] = p->n_leases > 1 ? i % 2 : 0;
	if (how >= 60) /* two share them, or one is the better one */
		for (int i = 0; i < p->n_leases; i++)
			p->lease[i].preferred = i;
	if (how >= 95 && p->cloud.n_keys > 2) /* one watch is under none */
		p->under[p->cloud.n_keys - 1] = -1;
}

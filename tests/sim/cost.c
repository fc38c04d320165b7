/*
 * Invariants 17 and 18: what an event costs, and the room that one host takes.
 */
#include "invariant.h"

/* Looks at a registry or a watch that an event, a registry of a LIST, and
 * one of those that something has changed for may cost.  All are averages, for
 * the sum is compared. */
#define PER_EVENT 5
#define PER_ITEM 3
#define PER_CHANGE 12
#define AT_FIRST 2000

/* ---- work (17) ---- */

void cost_born(struct world *w)
{
	w->looks = 0;
	w->allowed = AT_FIRST;
	cost_all(w);
}

void cost_allow(struct world *w, size_t registries)
{
	w->allowed += registries * PER_CHANGE;
}

void cost_all(struct world *w)
{
	cost_allow(w, (size_t)w->cloud.n_registries);
}

void cost_watch(struct world *w, int watch)
{
	for (int i = 0; i < w->cloud.n_registries; i++)
		if (w->member[i].watch == watch)
			cost_allow(w, 1);
}

static void work(struct world *w)
{
	uint64_t looks = look_work(w->e);
	double part;

	w->allowed += PER_EVENT;
	part = (double)looks / (double)w->allowed;
	if (part > w->stats->dearest) {
		w->stats->dearest = part;
		w->stats->dearest_seed = w->seed;
	}
	if (looks > w->allowed)
		invariant_broken(w, INV_WORK,
				 "%llu looks at a registry or a key: more than "
				 "the events of this life are worth",
				 (unsigned long long)looks);
}

/* ---- room (18) ---- */

/* Vaults are hosts of their own, and Resource Manager is one for all
 * subscriptions. */
static struct sim_host *host_of(struct world *w, const struct sim_pending *p)
{
	if (p->q.kind == CALL_TOKEN)
		return &w->host[p->credential];
	if (p->q.kind == CALL_KEY && !p->q.arm)
		return &w->host[SIM_CREDENTIALS + w->cloud.key[p->q.key].vault];
	return &w->host[SIM_CREDENTIALS + SIM_VAULTS];
}

static int flying(const struct world *w, struct sim_host *h)
{
	int n = 0;

	for (int i = 0; i < h->n; i++)
		if (look_awaited(w->e, h->ticket[i]))
			h->ticket[n++] = h->ticket[i];
	return h->n = n;
}

void cost_sent(struct world *w, const struct sim_pending *p)
{
	struct sim_host *h = host_of(w, p);
	int share = (int)engine_config(w->e)->max_requests / 4, n;

	if (h->life != w->life)
		*h = (struct sim_host){ .life = w->life };
	share = share > 0 ? share : 1;
	n = flying(w, h) + 1;
	if (n > share)
		invariant_broken(w, INV_ROOM,
				 "a host has %d requests, and its share is %d",
				 n, share);
	if (!h->answered && n > 1)
		invariant_broken(w, INV_ROOM,
				 "a host that has never answered has %d "
				 "requests",
				 n);
	if (h->n < SIM_FLIGHTS)
		h->ticket[h->n++] = p->q.ticket;
}

void cost_landed(struct world *w, const struct sim_pending *p)
{
	struct sim_host *h = host_of(w, p);

	if (h->life == w->life) {
		h->answered |= p->r.answered;
		h->dated |= p->r.date_ms >= 0 && p->r.rtt_ms <= SIM_MINUTE;
	}
	if (p->q.kind == CALL_LIST && p->r.fault.kind == FAULT_NONE)
		w->allowed += p->r.list.n * PER_ITEM;
}

int cost_heard(const struct world *w)
{
	bool wrong = w->t < w->dates_right;
	int n = 0;

	for (int i = 0; i < w->n_vaults; i++)
		wrong |= w->remote[REMOTE_VAULT][i].off != 0;
	for (int i = 0; i < SIM_HOSTS; i++)
		n += w->host[i].life == w->life && w->host[i].dated;
	return wrong ? n : SIM_HOSTS;
}

/* ---- what is told of the next attempt (20) ---- */

static void attempts(struct world *w)
{
	int i = (int)(w->events / 256) % w->cloud.n_registries;
	int64_t at;

	if (!w->member[i].r || !look_attempt(w->e, w->member[i].r, &at))
		return;
	if (at < look_azure(w->e) - SIM_SECOND)
		invariant_broken(w, INV_ATTEMPT,
				 "registry %d: its next attempt is said to "
				 "have been %lld s ago",
				 i, (long long)(look_azure(w->e) - at) / 1000);
}

void cost_event(struct world *w)
{
	work(w);
	if (w->events % 256 == 0 && w->cloud.n_registries)
		attempts(w);
}

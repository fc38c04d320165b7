/*
 * What is forced: one daemon ends, or stands still, or is cut off, in the
 * middle of each of the writes of one move, and another one finishes it.
 */
#include <stdio.h>

#include "pair.h"

enum scene_write { SCENE_FREE, SCENE_PIN, SCENE_RELEASE, SCENE_WRITES };
enum scene_what { SCENE_DIES, SCENE_STALLS, SCENE_CUT, SCENE_WHATS };

struct pair_scene {
	enum scene_write write;
	enum pair_moment moment;
	enum scene_what what;
	bool leases;
};

static const char *const writes[] = { "the unversioned write", "the pin",
				      "the release" };
static const char *const moments[] = { "as it leaves", "once it has arrived",
				       "once it has settled" };
static const char *const whats[] = { "dies", "stands still", "is cut off" };

#define VERSION_MS (30 * SIM_MINUTE)
#define STALL_MS (5 * SIM_MINUTE)
/* From then on to the end of the move, beside the lease's duration. */
#define DONE_MS (150 * SIM_SECOND)

int pair_scene_leases(const struct pair *p)
{
	return p->scene->leases ? 40 : 0;
}

void pair_scene_plan(struct pair *p)
{
	p->cloud.n_keys = p->cloud.n_registries = 1;
	p->home[0] = 0;
	p->watch[0].mode = WATCH_FOLLOW;
	p->registry[0].honours = false;
	p->registry[0].slowness = 8000;
	p->registry[0].face.pinned = -1;
	p->registry[0].face.in_use = p->cloud.key[0].n - 1;
	pair_at(p, VERSION_MS, PAIR_LAST_VERSION, 0, 0, NULL);
}

static enum scene_write kind(const struct pair *p, const struct sim_question *q)
{
	if (q->version >= 0)
		return SCENE_PIN;
	return p->registry[0].face.pinned >= 0 ? SCENE_RELEASE : SCENE_FREE;
}

static void strike(struct pair *p, int daemon)
{
	p->struck = p->d.t;
	switch (p->scene->what) {
	case SCENE_DIES:
		pair_kill(p, daemon, p->seed / 3 % 2);
		pair_at(p, p->d.t + 40 * SIM_MINUTE, PAIR_STARTS, daemon, 0,
			NULL);
		break;
	case SCENE_STALLS:
		pair_freeze(p, daemon, STALL_MS);
		break;
	default:
		for (int l = 0; l < LINKS; l++)
			pair_link_set(p, daemon, (enum pair_link)l,
				      PAIR_REFUSED, 100);
	}
}

/* scene_state: 0 nothing yet; 1 and a daemon: its write of that kind is out;
 * -1 it was done. */
static void comes_to_it(struct pair *p, enum pair_moment m,
			const struct pair_sent *s)
{
	const struct pair_scene *x = p->scene;
	if (!x || p->d.t < VERSION_MS || p->scene_state < 0)
		return;
	if (m == SCENE_LEAVES && p->scene_state == 0 &&
	    kind(p, &s->q) == x->write)
		p->scene_state = 1 + s->daemon;
	if (p->scene_state == 0 || m != x->moment ||
	    (s && s->daemon + 1 != p->scene_state))
		return;
	strike(p, p->scene_state - 1);
	p->scene_state = -1;
}

void pair_scene_moment(struct pair *p, enum pair_moment m,
		       const struct pair_sent *s, int registry)
{
	const struct sim_face *f = &p->cloud.registry[registry].face;

	comes_to_it(p, m, s);
	if (m == SCENE_SETTLED && p->struck && !p->done && f->pinned < 0 &&
	    f->in_use == p->cloud.key[0].n - 1)
		p->done = p->d.t;
}

static void judge(struct pair *p)
{
	int64_t most = DONE_MS + (p->n_leases ? p->lease[0].duration : 0);

	if (p->scene_state >= 0)
		pair_broken(p, PAIR_BOUNDED, "it did not come to it");
	else if (!p->done || p->done - p->struck > most)
		pair_broken(p, PAIR_TAKEOVER,
			    "it is over %lld s after it was interrupted",
			    p->done ? (long long)(p->done - p->struck) / 1000
				    : -1);
	if (p->done - p->struck > p->stats->finished)
		p->stats->finished = p->done - p->struck;
}

void pair_scenes(struct pair *p, bool trace, struct pair_stats *stats,
		 unsigned long *passed, unsigned long *failed)
{
	int n = SCENE_WRITES * 3 * SCENE_WHATS * 2;

	for (int i = 0; i < n; i++) {
		struct pair_scene x = {
			.write = (enum scene_write)(i % SCENE_WRITES),
			.moment = (enum pair_moment)(i / SCENE_WRITES % 3),
			.what = (enum scene_what)(i / SCENE_WRITES / 3 %
						  SCENE_WHATS),
			.leases = i >= n / 2,
		};
		struct pair_order o = { .seed = (uint64_t)i,
					.hours = 2,
					.trace = trace,
					.scene = &x };

		pair_run(p, &o, stats);
		judge(p);
		if (p->broken) {
			printf("%s%s: the one that writes %s %s:\n",
			       writes[x.write], x.leases ? ", by lease" : "",
			       whats[x.what], moments[x.moment]);
			pair_print_failure(p);
		}
		*passed += !p->broken;
		*failed += p->broken != 0;
		pair_free(p);
	}
}

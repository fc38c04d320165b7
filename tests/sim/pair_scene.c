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
};

static const char *const writes[] = { "the unversioned write", "the pin",
				      "the release" };
static const char *const moments[] = { "as it leaves", "once it has arrived",
				       "once it has settled" };
static const char *const whats[] = { "dies", "stands still", "is cut off" };

#define VERSION_MS (30 * SIM_MINUTE)
#define STALL_MS (5 * SIM_MINUTE)

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
	switch (p->scene->what) {
	case SCENE_DIES:
		pair_kill(p, daemon, p->seed % 2);
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
void pair_scene_moment(struct pair *p, enum pair_moment m,
		       const struct pair_sent *s, int registry)
{
	const struct pair_scene *x = p->scene;

	(void)registry;
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

void pair_scenes(struct pair *p, bool trace, struct pair_stats *stats,
		 unsigned long *passed, unsigned long *failed)
{
	int n = SCENE_WRITES * 3 * SCENE_WHATS;

	for (int i = 0; i < n; i++) {
		struct pair_scene x = {
			.write = (enum scene_write)(i % SCENE_WRITES),
			.moment = (enum pair_moment)(i / SCENE_WRITES % 3),
			.what = (enum scene_what)(i / SCENE_WRITES / 3),
		};
		struct pair_order o = { .seed = (uint64_t)i,
					.hours = 2,
					.trace = trace,
					.scene = &x };

		pair_run(p, &o, stats);
		if (!p->broken && p->scene_state >= 0)
			pair_broken(p, PAIR_BOUNDED, "it did not come to it");
		if (p->broken) {
			printf("%s: the one that writes %s %s:\n",
			       writes[x.write], whats[x.what],
			       moments[x.moment]);
			pair_print_failure(p);
		}
		*passed += !p->broken;
		*failed += p->broken != 0;
		pair_free(p);
	}
}

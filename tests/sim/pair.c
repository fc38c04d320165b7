/* Several daemons on the same registries: what happens next, and their lives.
 */
#include "pair.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/snapshot.h"

#define CALM_MS (28 * SIM_MINUTE) /* an operation may take 20 of them */
#define STOP_MS (4 * SIM_SECOND)  /* a daemon that ends waits for its writes */
#define TICKS_MAX 3000 /* events of one moment: more is a loop without end */

/* ---- small things ---- */

int64_t pair_between(struct pair *p, int64_t low, int64_t high)
{
	return low >= high ? low : low + random_below(&p->rng, high - low);
}

bool pair_chance(struct pair *p, unsigned percent)
{
	return (uint64_t)random_below(&p->rng, 100) < percent;
}

void pair_note(struct pair *p, const char *fmt, ...)
{
	struct pair_record *r = &p->record[p->records++ % PAIR_RECORDS];
	va_list ap;

	r->t = p->d.t;
	va_start(ap, fmt);
	vsnprintf(r->text, sizeof(r->text), fmt, ap);
	va_end(ap);
	if (p->trace)
		printf("%10.3f  %s\n", (double)r->t / 1000, r->text);
}

void pair_broken(struct pair *p, enum pair_invariant i, const char *fmt, ...)
{
	va_list ap;

	if (p->broken)
		return;
	p->broken = (int)i;
	va_start(ap, fmt);
	vsnprintf(p->why, sizeof(p->why), fmt, ap);
	va_end(ap);
}

void pair_at(struct pair *p, int64_t t, enum pair_event what, int a, int b,
	     struct pair_sent *sent)
{
	struct pair_item *x = text_alloc(1, sizeof(*x));

	x->what = what;
	x->a = a;
	x->b = b;
	x->sent = sent;
	heap_set(&p->queue, &x->node, t > p->d.t ? t : p->d.t);
}

/* ---- lives ---- */

static void save(void *world, int daemon)
{
	struct pair *p = world;
	struct pair_daemon *x = &p->daemon[daemon];

	buf_reset(&x->saved);
	x->kept = snapshot_write(x->e, &x->saved);
	if (!x->kept)
		pair_broken(p, PAIR_BOUNDED,
			    "daemon %d: its state is too large", daemon);
}

static void told(void *world, int daemon, const struct note *n)
{
	pair_note(world, "%c: %s: %s", 'A' + daemon, note_kind_str(n->kind),
		  n->text);
}

static const struct driver_world how = {
	.call = pair_call,
	.note = told,
	.save = save,
	.landing = pair_judge_landing,
	.drained = pair_judge_drained,
};

void pair_stirs(struct pair *p, int daemon)
{
	pair_window_daemon(p, daemon, p->d.t);
	pair_lease_reach(p, daemon, p->d.t);
	p->stirred = p->d.t;
}

void pair_start(struct pair *p, int daemon)
{
	struct pair_daemon *x = &p->daemon[daemon];
	struct fault f;

	driver_born(&p->d, daemon, pair_config(p, daemon),
		    random_next(&p->rng));
	x->e = p->d.daemon[daemon].e;
	engine_self(x->e, (const char[]){ (char)('a' + daemon), 0 }, "0");
	x->born = p->d.t;
	x->stopping = false;
	x->thawed = -1;
	pair_note(p, "%c starts%s", 'A' + daemon, x->kept ? "" : " anew");
	if (x->kept &&
	    !snapshot_read(x->e, buf_str(&x->saved), x->saved.len, &f))
		pair_broken(p, PAIR_BOUNDED, "daemon %d: its own state: %s",
			    daemon, f.text);
	pair_judge_born(p, daemon);
	pair_stirs(p, daemon);
	driver_tick(&p->d, daemon);
}

void pair_kill(struct pair *p, int daemon, bool forgets)
{
	struct pair_daemon *x = &p->daemon[daemon];

	if (!x->e)
		return;
	pair_note(p, "%c is gone%s", 'A' + daemon,
		  forgets ? ", with its state" : "");
	driver_kill(&p->d, daemon);
	x->e = NULL;
	x->stopping = false;
	if (forgets)
		x->kept = false;
	pair_stirs(p, daemon);
}

void pair_freeze(struct pair *p, int daemon, int64_t ms)
{
	if (!p->daemon[daemon].e)
		return;
	p->daemon[daemon].frozen = p->d.t;
	pair_note(p, "%c stands still for %.3f s", 'A' + daemon,
		  (double)ms / 1000);
	driver_freeze(&p->d, daemon, ms);
	pair_stirs(p, daemon);
	pair_at(p, p->d.t + ms, PAIR_THAWS, daemon, 0, NULL);
}

static void thaws(struct pair *p, int daemon)
{
	struct pair_daemon *x = &p->daemon[daemon];

	/* A later pause may have begun. */
	if (!x->e || p->d.daemon[daemon].awake > p->d.t)
		return;
	x->thawed = x->slept = p->d.t;
	pair_stirs(p, daemon);
	pair_note(p, "%c goes on", 'A' + daemon);
}

/* ---- what happens ---- */

static void new_version(struct pair *p, const struct pair_item *x)
{
	struct sim_key *k = &p->cloud.key[x->a];

	if (x->what == PAIR_LAST_VERSION || p->d.t < p->quiet) {
		if (k->n < SIM_VERSIONS - 4) {
			sim_version_add(&p->cloud, x->a, p->d.t);
			pair_note(p, "key %d: version %d", x->a, k->n - 1);
			pair_window(p, x->a);
		}
	}
	if (x->what == PAIR_VERSION)
		pair_at(p,
			p->d.t + pair_between(p, 40 * SIM_MINUTE, 3 * SIM_HOUR),
			PAIR_VERSION, x->a, 0, NULL);
}

static void settles(struct pair *p, const struct pair_item *x)
{
	struct sim_registry *g = &p->cloud.registry[x->a];

	if (g->turn != x->b)
		return;
	sim_settle(&p->cloud, g, p->d.t);
	pair_note(p, "registry %d settled on %d%s", x->a, g->face.in_use,
		  g->face.pinned >= 0 ? ", pinned" : "");
	pair_scene_moment(p, SCENE_SETTLED, NULL, x->a);
}

static void calms(struct pair *p)
{
	pair_note(p, "faults end");
	pair_trouble_end(p);
	for (int i = 0; i < p->cloud.n_keys; i++)
		if (pair_chance(p, 50))
			pair_at(p, p->d.t + 2000, PAIR_LAST_VERSION, i, 0,
				NULL);
}

static void happen(struct pair *p, struct pair_item *x)
{
	switch (x->what) {
	case PAIR_LEAVES:
		pair_leaves(p, x->sent);
		break;
	case PAIR_ARRIVES:
		pair_arrives(p, x->sent);
		break;
	case PAIR_SETTLES:
		settles(p, x);
		break;
	case PAIR_FOLLOWS:
		sim_follow(&p->cloud, &p->cloud.registry[x->a], p->d.t);
		pair_at(p, p->d.t + SIM_HOUR, PAIR_FOLLOWS, x->a, 0, NULL);
		break;
	case PAIR_VERSION:
	case PAIR_LAST_VERSION:
		new_version(p, x);
		break;
	case PAIR_OPENS:
		pair_window_deadline(p, x->a, x->b);
		break;
	case PAIR_STARTS:
		if (!p->daemon[x->a].e)
			pair_start(p, x->a);
		break;
	case PAIR_OVER:
		if (p->daemon[x->a].stopping)
			pair_kill(p, x->a, false);
		break;
	case PAIR_THAWS:
		thaws(p, x->a);
		break;
	case PAIR_CALMS:
		calms(p);
		break;
	case PAIR_JUDGES:
		pair_judge_end(p);
		break;
	default:
		pair_trouble_happen(p, x);
	}
}

static bool writes(const struct pair *p, const struct pair_daemon *x)
{
	for (int i = 0; i < p->cloud.n_registries; i++)
		if (x->seat[i].write)
			return true;
	return false;
}

/* Whoever was told to stop waits for answers to its writes, and then lets go of
 * its leases. */
static void stopped(struct pair *p, int daemon)
{
	struct pair_daemon *x = &p->daemon[daemon];

	if (!x->stopping || p->d.daemon[daemon].awake > p->d.t ||
	    (!x->let_go && writes(p, x)))
		return;
	if (!x->let_go)
		engine_end(x->e, driver_now(&p->d, daemon));
	x->let_go = true;
	driver_drain(&p->d, daemon);
	if (engine_lets_go(x->e))
		return;
	pair_lease_ended(p, daemon);
	pair_kill(p, daemon, false);
}

static void step(struct pair *p)
{
	struct heap_node *n = heap_min(&p->queue);
	struct pair_item *x = (struct pair_item *)(void *)n;

	p->events++;
	p->ticks = p->d.t == p->tick_at ? p->ticks + 1 : 0;
	p->tick_at = p->d.t;
	if (p->ticks > TICKS_MAX)
		pair_broken(p, PAIR_BOUNDED, "time stands still");
	if (!driver_step(&p->d, n->key)) {
		heap_remove(&p->queue, n);
		happen(p, x);
		free(x);
	}
	for (int i = 0; i < p->d.daemons; i++)
		stopped(p, i);
	pair_lease_event(p);
}

/* ---- the run ---- */

void pair_run(struct pair *p, const struct pair_order *o,
	      struct pair_stats *stats)
{
	memset(p, 0, sizeof(*p));
	p->seed = o->seed;
	p->level = o->level;
	p->trace = o->trace;
	p->scene = o->scene;
	p->stats = stats;
	random_init(&p->rng, o->seed * 4 + (uint64_t)o->level);
	driver_init(&p->d, &how, p, pair_chance(p, 25) ? 3 : 2);
	for (int i = 0; i < DRIVER_DAEMONS; i++)
		buf_init(&p->daemon[i].saved, 1 << 24);
	p->end = (int64_t)(o->hours * SIM_HOUR);
	p->quiet = p->end - CALM_MS;
	pair_plan(p);
	if (p->scene)
		pair_scene_plan(p);
	else
		pair_trouble_plan(p);
	for (int i = 0; i < p->d.daemons; i++)
		pair_at(p, pair_between(p, 0, 20 * SIM_SECOND), PAIR_STARTS, i,
			0, NULL);
	pair_at(p, p->quiet, PAIR_CALMS, 0, 0, NULL);
	pair_at(p, p->end, PAIR_JUDGES, 0, 0, NULL);
	while (!p->broken && p->d.t < p->end)
		step(p);
	stats->seeds++;
	stats->events += p->events;
	stats->hours += (double)p->d.t / SIM_HOUR;
	stats->moves += p->cloud.moves;
}

void pair_free(struct pair *p)
{
	struct heap_node *n;

	while ((n = heap_pop(&p->queue))) {
		struct pair_item *x = (struct pair_item *)(void *)n;

		if (x->sent)
			pair_sent_free(x->sent);
		free(x);
	}
	heap_free(&p->queue);
	driver_free(&p->d);
	for (int i = 0; i < DRIVER_DAEMONS; i++)
		buf_free(&p->daemon[i].saved);
}

/* ---- what is printed ---- */

void pair_print_failure(const struct pair *p)
{
	uint64_t n = p->records < PAIR_RECORDS ? p->records : PAIR_RECORDS;

	printf("seed %llu, faults %d, after %llu events, %.3f s: invariant %d "
	       "(%s): %s\n",
	       (unsigned long long)p->seed, p->level,
	       (unsigned long long)p->events, (double)p->d.t / 1000, p->broken,
	       pair_invariant_name(p->broken), p->why);
	for (uint64_t i = p->records - n; i < p->records; i++)
		printf("  %10.3f  %s\n",
		       (double)p->record[i % PAIR_RECORDS].t / 1000,
		       p->record[i % PAIR_RECORDS].text);
}

void pair_print_summary(const struct pair_stats *s, double seconds)
{
	printf("%llu seeds, %.0f hours simulated, %llu events, %llu requests, "
	       "%llu writes (%llu beside another daemon's), %llu moves\n",
	       (unsigned long long)s->seeds, s->hours,
	       (unsigned long long)s->events, (unsigned long long)s->calls,
	       (unsigned long long)s->writes, (unsigned long long)s->at_once,
	       (unsigned long long)s->moves);
	printf("%llu deadlines came, %llu of them when one of the daemons had "
	       "time; %llu crashes, %llu stops, %llu pauses, %llu ways cut\n",
	       (unsigned long long)s->deadlines, (unsigned long long)s->held_to,
	       (unsigned long long)s->crashes, (unsigned long long)s->stops,
	       (unsigned long long)s->freezes, (unsigned long long)s->cuts);
	printf("%llu questions for leases, %llu times somebody came to lead; "
	       "%llu writes of who did not\n",
	       (unsigned long long)s->lease_calls, (unsigned long long)s->turns,
	       (unsigned long long)s->lonely);
	printf("longest: two led who could both ask for %.1f s, nobody though "
	       "one could for %.1f s; a move that was interrupted was over "
	       "after %.1f s\n",
	       (double)s->both / 1000, (double)s->longest / 1000,
	       (double)s->finished / 1000);
	printf("%.1f s of processor time\n", seconds);
}

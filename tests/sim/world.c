/* The driver: what happens next, the daemon's clocks and lives. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/snapshot.h"
#include "invariant.h"

#define BLOCK 256
#define CALM_MS (15 * SIM_MINUTE)
#define RANKS (1 << 20) /* of things that happen at one time */
#define TICKS_MAX 3000	/* at one instant: more is a loop without end */

/* ---- small things ---- */

int64_t world_between(struct world *w, int64_t low, int64_t high)
{
	return low >= high ? low : low + random_below(w->dice, high - low);
}

bool world_chance(struct world *w, unsigned percent)
{
	return (uint64_t)random_below(w->dice, 100) < percent;
}

struct random *world_dice(struct world *w, struct random *dice)
{
	struct random *before = w->dice;

	w->dice = w->cloud.rng = dice;
	return before;
}

struct instant world_now(const struct world *w)
{
	return (struct instant){ .boot = w->t - w->boot_base,
				 .wall = SIM_EPOCH + w->t + w->wall_offset };
}

int64_t world_azure(const struct world *w)
{
	return SIM_EPOCH + w->t;
}

static struct sim_entry *entry_new(struct world *w)
{
	struct sim_entry *e = w->free_entries;

	if (!e) {
		struct sim_entry *block = text_alloc(BLOCK, sizeof(*block));

		/* The first of a block only links it to the others. */
		block->next = w->blocks;
		w->blocks = block;
		for (int i = 1; i < BLOCK; i++) {
			block[i].next = w->free_entries;
			w->free_entries = &block[i];
		}
		e = w->free_entries;
	}
	w->free_entries = e->next;
	return e;
}

void world_at(struct world *w, int64_t t, enum sim_event what, int a, int b,
	      struct sim_pending *p)
{
	struct sim_entry *e = entry_new(w);
	/* Of one moment: first what just happens, then what became of
	 * questions, in an order that is theirs. */
	int64_t rank = p ? 1 + (int64_t)(p->dice.s[0] % (RANKS - 1)) : 0;

	e->what = what;
	e->a = a;
	e->b = b;
	e->p = p;
	heap_set(&w->queue, &e->node, (t > w->t ? t : w->t) * RANKS + rank);
}

static void pending_done(struct world *w, struct sim_pending *p)
{
	reply_free(&p->r);
	p->next = w->free_pending;
	w->free_pending = p;
}

/* ---- the daemon ---- */

static void save(struct world *w)
{
	struct buf b = w->older;
	struct random dice;

	if (w->level == 0 || strange_is(w, STRANGE_ONCE))
		return;
	/* What is large is not written again and again. */
	if (w->has_state && w->cloud.n_registries > 10 * SIM_REGISTRIES &&
	    w->t - w->saved_at < SIM_MINUTE)
		return;
	w->saved_at = w->t;
	/* Now and then the one before is kept: a host that comes back from
	 * an old backup.  How often it is saved changes nothing else. */
	random_init(&dice, w->seed ^ ((uint64_t)w->t << 20));
	if (!w->kept || random_below(&dice, 100) < 3) {
		w->older = w->saved;
		w->saved = b;
		w->kept = true;
	}
	buf_reset(&w->saved);
	if (!snapshot_write(w->e, &w->saved))
		invariant_broken(w, INV_BOUNDED, "the state does not fit");
	w->has_state = true;
}

static void told(struct world *w, const struct note *n)
{
	trace_note(w, n);
	invariant_note(w, n);
}

void world_drain(struct world *w)
{
	struct action a;

	invariant_ruled(w);
	while (engine_action(w->e, &a)) {
		if (a.kind == ACTION_CALL)
			call_send(w, &a.call);
		else if (a.kind == ACTION_SAVE)
			save(w);
		else if (a.kind == ACTION_NOTE)
			told(w, a.note);
	}
}

void world_start(struct world *w)
{
	bool old = false, kept = w->has_state;
	const struct buf *state = &w->saved;
	struct fault f;

	w->down = false;
	w->once = w->t;
	w->in_vain = 0;
	w->life++;
	w->e = engine_new(plan_config(w), random_next(&w->rng),
			  random_next(&w->rng), world_now(w));
	engine_dry_run(w->e, w->dry_run);
	if (kept && w->older.len && world_chance(w, 20)) {
		state = &w->older;
		old = true;
		trouble_count(w, FAULT_SEEN_CRASH_OLD);
	}
	if (kept && !snapshot_read(w->e, buf_str(state), state->len, &f))
		invariant_broken(w, INV_BOUNDED, "its own state: %s", f.text);
	trace_record(w, kept ? "start, state kept" : "start, no state", old,
		     (int)w->life, NULL);
	invariant_born(w, kept, old);
	engine_tick(w->e, world_now(w));
	world_drain(w);
}

void world_stop(struct world *w)
{
	engine_free(w->e);
	w->e = NULL;
	w->down = true;
}

void world_reload(struct world *w)
{
	trace_record(w, "reload", 0, 0, NULL);
	if (w->down)
		return;
	engine_reload(w->e, plan_config(w), world_now(w));
	invariant_reload(w);
	world_drain(w);
}

static const char *const kinds[] = { "token", "key",   "registry",
				     "list",  "patch", "operation" };

static void reply(struct world *w, struct sim_entry *e)
{
	struct sim_pending *p = e->p;
	bool twice;

	if (p->life != w->life || w->down) {
		pending_done(w, p);
		return;
	}
	if (w->asleep) {
		world_at(w, w->t + SIM_SECOND, SIM_REPLY, 0, 0, p);
		return;
	}
	p->r.rtt_ms = w->t - p->sent;
	trace_record(w, kinds[p->q.kind],
		     p->q.kind == CALL_KEY ? p->q.key : p->q.registry,
		     (int)p->r.fault.kind,
		     p->r.fault.kind ? p->r.fault.text : NULL);
	twice = w->chance > 0 && random_below(&p->dice, 300) == 0;
	if (twice)
		trouble_count(w, FAULT_SEEN_TWICE);
	if (look_awaited(w->e, p->q.ticket))
		invariant_reply(w, p);
	engine_reply(w->e, &p->r, world_now(w));
	if (twice) {
		world_drain(w);
		engine_reply(w->e, &p->r, world_now(w));
	}
	pending_done(w, p);
	world_drain(w);
}

/* ---- what happens ---- */

static void new_version(struct world *w, const struct sim_entry *e)
{
	struct sim_key *k = &w->cloud.key[e->a];

	if (k->n < SIM_VERSIONS - 4 && !k->deleted) {
		sim_version_add(&w->cloud, e->a, w->t);
		trace_record(w, "new version", e->a, k->n - 1,
			     k->version[k->n - 1].v.version);
		for (int i = 0; i < w->n_watches; i++)
			if (w->watch[i].key == e->a)
				window_watch(w, i);
	}
	if (e->what == SIM_VERSION)
		world_at(w,
			 w->t + world_between(w, 40 * SIM_MINUTE, 4 * SIM_HOUR),
			 SIM_VERSION, e->a, 0, NULL);
}

static void quiet(struct world *w)
{
	trace_record(w, "faults end", 0, 0, NULL);
	strange_end_all(w);
	trouble_end_all(w);
	for (int i = 0; i < w->cloud.n_keys; i++)
		if (world_chance(w, 40))
			world_at(w, w->t + 2000, SIM_LAST_VERSION, i, 0, NULL);
}

static void settle(struct world *w, const struct sim_entry *e)
{
	struct sim_registry *g = &w->cloud.registry[e->a];

	if (g->turn != e->b)
		return;
	sim_settle(&w->cloud, g, w->t);
	if (!g->outsider && w->t - g->op[g->ops % SIM_OPERATIONS].begun > 20000)
		window_spoil(w, e->a, w->t);
	once_waits(w, w->t);
	trace_record(w, "settled", e->a, g->face.in_use, NULL);
}

static void happen(struct world *w, struct sim_entry *e)
{
	switch (e->what) {
	case SIM_ARRIVE:
		world_dice(w, &e->p->dice);
		call_arrive(w, e->p);
		world_dice(w, &w->rng);
		break;
	case SIM_REPLY:
		reply(w, e);
		break;
	case SIM_SETTLE:
		settle(w, e);
		break;
	case SIM_FOLLOW:
		sim_follow(&w->cloud, &w->cloud.registry[e->a], w->t);
		world_at(w, w->t + SIM_HOUR, SIM_FOLLOW, e->a, 0, NULL);
		break;
	case SIM_VERSION:
	case SIM_LAST_VERSION:
		if (e->what == SIM_LAST_VERSION || w->t < w->quiet)
			new_version(w, e);
		break;
	case SIM_DEADLINE:
		window_deadline(w, e->a, e->b);
		break;
	case SIM_QUIET:
		quiet(w);
		break;
	case SIM_JUDGE:
		invariant_end(w);
		break;
	case SIM_STRANGE:
	case SIM_STRANGE_ENDS:
		strange_happen(w, e);
		break;
	default:
		trouble_happen(w, e);
	}
}

/* A pass of --once is over: what it says is so, and somebody starts another
 * one after a while. */
static void pass(struct world *w)
{
	invariant_once(w);
	if (w->down || !engine_pass_done(w->e))
		return;
	trouble_count(w, FAULT_SEEN_ONCE);
	trace_record(w, "pass is over", engine_all_current(w->e), 0, NULL);
	invariant_passed(w, engine_all_current(w->e));
	world_stop(w);
	window_spoil_all(w, w->t);
	world_at(w, w->t + world_between(w, 1, 20) * SIM_MINUTE, SIM_START, 0,
		 0, NULL);
}

static void tick(struct world *w)
{
	w->ticks = w->t == w->tick_at ? w->ticks + 1 : 0;
	w->tick_at = w->t;
	if (w->ticks > TICKS_MAX)
		invariant_broken(w, INV_BOUNDED,
				 "time stands still: the engine wants to run "
				 "again and again at once");
	engine_tick(w->e, world_now(w));
	world_drain(w);
}

static int64_t wake(const struct world *w)
{
	int64_t boot;

	if (w->down || w->asleep)
		return SIM_NEVER;
	boot = engine_wake(w->e);
	if (boot == INT64_MAX)
		return SIM_NEVER;
	boot += w->boot_base;
	return boot > w->t ? boot : w->t;
}

static void step(struct world *w)
{
	struct heap_node *n = heap_min(&w->queue);
	int64_t next = n->key / RANKS, due = wake(w);

	w->events++;
	if (due <= next) {
		w->t = due;
		tick(w);
	} else {
		struct sim_entry *e = (struct sim_entry *)(void *)n;

		w->t = next;
		heap_pop(&w->queue);
		happen(w, e);
		e->next = w->free_entries;
		w->free_entries = e;
	}
	/* What the engine says is true at the time that it was last told. */
	if (!w->down && !w->asleep && look_now(w->e) == world_now(w).boot) {
		invariant_event(w);
		if (strange_is(w, STRANGE_ONCE))
			pass(w);
	}
}

/* The quiet end of every run: as long as the daemon may need to see what has
 * changed, and a quarter of an hour. */
static int64_t calm(const struct world *w)
{
	int64_t ms = CALM_MS;

	if (w->reread > 5 * SIM_MINUTE)
		ms += w->reread - 5 * SIM_MINUTE;
	if (strange_is(w, STRANGE_ONE_SECOND)) /* ten of them to be sure */
		ms += 20 * SIM_MINUTE;
	if (strange_is(w, STRANGE_FLEET))
		ms += 25 * SIM_MINUTE;
	if (w->poll > SIM_MINUTE)
		ms += 2 * (w->poll - SIM_MINUTE);
	return ms;
}

void world_run(struct world *w, const struct sim_order *o,
	       struct sim_stats *stats)
{
	memset(w, 0, sizeof(*w));
	w->seed = o->seed;
	w->level = o->level;
	w->trace = o->trace;
	w->stats = stats;
	trace_seed(w);
	random_init(&w->rng, o->seed * 4 + (uint64_t)o->level);
	world_dice(w, &w->rng);
	strange_choose(w, o->worlds, o->by_chance);
	buf_init(&w->saved, 1 << 24);
	buf_init(&w->older, 1 << 24);
	w->boot_base = -world_between(w, 1000, 1000000000);
	plan_make(w);
	w->end = (int64_t)(o->hours * SIM_HOUR);
	w->quiet = w->end - calm(w);
	if (w->quiet < SIM_MINUTE)
		w->quiet = SIM_MINUTE;
	trouble_plan(w);
	strange_plan(w);
	world_start(w);
	world_at(w, w->quiet, SIM_QUIET, 0, 0, NULL);
	world_at(w, w->quiet + calm(w), SIM_JUDGE, 0, 0, NULL);
	while (!w->broken && w->t < w->quiet + calm(w))
		step(w);
	stats->seeds++;
	stats->events += w->events;
	stats->hours += (double)w->t / SIM_HOUR;
	stats->watch_hours += (double)w->t / SIM_HOUR * w->n_watches;
	stats->moves += w->cloud.moves;
}

void world_free(struct world *w)
{
	struct heap_node *n;
	struct sim_pending *p;
	struct sim_entry *block;

	while ((n = heap_pop(&w->queue))) {
		struct sim_entry *e = (struct sim_entry *)(void *)n;

		if (e->p)
			pending_done(w, e->p);
	}
	while ((p = w->free_pending)) {
		w->free_pending = p->next;
		free(p);
	}
	while ((block = w->blocks)) {
		w->blocks = block->next;
		free(block);
	}
	heap_free(&w->queue);
	engine_free(w->e);
	free(w->member);
	free(w->cloud.registry);
	buf_free(&w->saved);
	buf_free(&w->older);
}

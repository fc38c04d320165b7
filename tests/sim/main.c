/*
 * run: the engine against the model cloud, seed by seed.
 *
 *	sim-run --seeds A-B --hours H --faults LEVEL|all [--trace|--hash]
 *
 *	sim-run --pair [--seeds A-B]
 *	sim-run --mute KEYS
 *	sim-run --scale REGISTRIES
 *
 * A seed that fails prints the invariant and the last events, and does the
 * same when it is run again.  The last line is "N passed, N failed".
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "invariant.h"
#include "mute.h"
#include "pair.h"
#include "scale.h"

struct options {
	uint64_t from, to;
	double hours;
	int level; /* -1: each seed its own */
	enum trace_how trace;
	bool pair;	 /* several daemons on one cloud */
	unsigned mute;	 /* keys in a vault that never answers; 0: seeds */
	unsigned scale;	 /* registries of a fleet; 0: seeds */
	int until;	 /* end when this invariant has fallen; 0 never */
	unsigned worlds; /* as asked for: bits of enum sim_strange */
	bool plain;	 /* no others by chance */
};

static int usage(void)
{
	fputs("usage: run [--seeds A-B] [--hours H] [--faults 0..3|all] "
	      "[--until I]\n           [--world NAME|none] [--trace|--hash]\n"
	      "--trace prints what happens.  --hash prints a hash of it, over "
	      "seeds 1-200\nunless others are named: hold it against the one "
	      "from before a change.\n"
	      "       run --pair [--seeds A-B] [--hours H] [--faults 0..3|all] "
	      "[--until I] [--trace]\n"
	      "Two or three daemons on the same registries, and what is forced "
	      "upon them.\n"
	      "       run --mute KEYS\n"
	      "A vault of so many keys that never answers, beside one that "
	      "does.\n"
	      "       run --scale REGISTRIES\n"
	      "A fleet of so many whose keys are all rotated in the same "
	      "minute.\n",
	      stderr);
	fputs("Worlds:", stderr);
	for (int i = 0; i < SIM_STRANGES; i++)
		fprintf(stderr, " %s", strange_name(i));
	fputs("\n--world none leaves out those that come by chance.\n", stderr);
	return 64;
}

static bool parse_seeds(struct options *o, const char *s)
{
	char *end;

	o->from = o->to = strtoull(s, &end, 10);
	if (*end == '-')
		o->to = strtoull(end + 1, &end, 10);
	return *end == '\0' && o->from <= o->to;
}

static bool parse_world(struct options *o, const char *s)
{
	if (strcmp(s, "none") == 0)
		return o->plain = true;
	for (int i = 0; i < SIM_STRANGES; i++) {
		if (strcmp(s, strange_name(i)) != 0)
			continue;
		o->worlds |= 1u << i;
		return true;
	}
	return false;
}

static bool parse(struct options *o, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";

		if (strcmp(argv[i], "--trace") == 0 ||
		    strcmp(argv[i], "--hash") == 0) {
			o->trace = argv[i][2] == 't' ? TRACE_PRINT : TRACE_HASH;
			continue;
		}
		if (strcmp(argv[i], "--pair") == 0) {
			o->pair = true;
			continue;
		}
		i++;
		if (strcmp(argv[i - 1], "--seeds") == 0) {
			if (!parse_seeds(o, value))
				return false;
		} else if (strcmp(argv[i - 1], "--world") == 0) {
			if (!parse_world(o, value))
				return false;
		} else if (strcmp(argv[i - 1], "--until") == 0) {
			o->until = (int)strtol(value, NULL, 10);
		} else if (strcmp(argv[i - 1], "--mute") == 0) {
			o->mute = (unsigned)strtoul(value, NULL, 10);
			if (o->mute < 1 || o->mute > MUTE_KEYS_MAX)
				return false;
		} else if (strcmp(argv[i - 1], "--scale") == 0) {
			o->scale = (unsigned)strtoul(value, NULL, 10);
			if (o->scale < 1 || o->scale > SCALE_REGISTRIES_MAX)
				return false;
		} else if (strcmp(argv[i - 1], "--hours") == 0) {
			o->hours = strtod(value, NULL);
		} else if (strcmp(argv[i - 1], "--faults") == 0) {
			o->level = strcmp(value, "all") == 0
					   ? -1
					   : (int)strtol(value, NULL, 10);
		} else {
			return false;
		}
	}
	if (o->to < o->from) /* none were named */
		o->to = o->trace == TRACE_HASH ? 200 : o->pair ? 1000 : 2000;
	if (o->hours <= 0)
		o->hours = o->pair ? 4 : 6;
	return o->hours > 0.5 && o->hours < 10000 && o->level >= -1 &&
	       o->level <= 3;
}

static void print_failure(const struct world *w)
{
	uint64_t n = w->records < SIM_HISTORY ? w->records : SIM_HISTORY;

	printf("seed %llu, faults %d, after %llu events, %.3f s: invariant %d "
	       "(%s): %s\n",
	       (unsigned long long)w->seed, w->level,
	       (unsigned long long)w->events, (double)w->t / 1000, w->broken,
	       invariant_names[w->broken], w->why);
	for (uint64_t i = w->records - n; i < w->records; i++) {
		const struct sim_record *r = &w->history[i % SIM_HISTORY];

		printf("  %10.3f  %s %d %d %s\n", (double)r->t / 1000, r->what,
		       r->a, r->b, r->text);
	}
}

/* Half of the seeds with the usual faults, the rest at the extremes. */
static int level_of(const struct options *o, uint64_t seed)
{
	static const int levels[] = { 2, 3, 1, 2, 0, 3, 2, 1 };

	return o->level >= 0 ? o->level : levels[seed % 8];
}

static void print_summary(const struct sim_stats *s, double seconds)
{
	printf("%llu seeds, %.0f hours simulated (%.0f watch-hours), %llu "
	       "events, %llu requests, %llu writes, %llu moves\n",
	       (unsigned long long)s->seeds, s->hours, s->watch_hours,
	       (unsigned long long)s->events, (unsigned long long)s->calls,
	       (unsigned long long)s->writes, (unsigned long long)s->moves);
	printf("%llu rotations verified, %llu deadlines came, %llu of them "
	       "after ten clear minutes\n",
	       (unsigned long long)s->verified,
	       (unsigned long long)s->deadlines,
	       (unsigned long long)s->held_to);
	printf("worst time from effective to verified with nothing in the way: "
	       "%.1f s (seed %llu)\n",
	       (double)s->worst / 1000, (unsigned long long)s->worst_seed);
	printf("dearest: %.0f %% of the work that is allowed (seed %llu)\n",
	       100 * s->dearest, (unsigned long long)s->dearest_seed);
	printf("let go of by rules: %llu\n", (unsigned long long)s->retired);
	printf("longest pass of --once, after what it had to wait for: %.1f "
	       "s\n",
	       (double)s->longest / 1000);
	printf("%.1f s of processor time: %.0f watch-hours per second\n",
	       seconds, seconds > 0 ? s->watch_hours / seconds : 0);
	puts("worlds, in so many seeds:");
	for (int i = 0; i < SIM_STRANGES; i++)
		printf("  %-32s %llu\n", strange_name(i),
		       (unsigned long long)s->worlds[i]);
	puts("faults:");
	for (int i = 0; i < SIM_FAULTS; i++)
		printf("  %-32s %llu\n", sim_fault_names[i],
		       (unsigned long long)s->faults[i]);
}

/* What is forced, unless one seed is meant, and then as chance has it. */
static int pair_main(const struct options *o)
{
	static struct pair_stats stats;
	static struct pair p;
	unsigned long failed = 0, passed = 0;
	clock_t begin = clock();

	if (o->from < o->to && !o->until)
		pair_scenes(&p, o->trace == TRACE_PRINT, &stats, &passed,
			    &failed);
	for (uint64_t seed = o->from; seed <= o->to; seed++) {
		struct pair_order order = { .seed = seed,
					    .level = level_of(o, seed),
					    .hours = o->hours,
					    .trace = o->trace == TRACE_PRINT };
		int broken;

		pair_run(&p, &order, &stats);
		broken = p.broken;
		if (broken && (failed < 5 || broken == o->until))
			pair_print_failure(&p);
		pair_free(&p);
		passed += !broken;
		failed += broken != 0;
		if (broken && broken == o->until)
			break;
	}
	pair_print_summary(&stats, (double)(clock() - begin) / CLOCKS_PER_SEC);
	printf("%lu passed, %lu failed\n", passed, failed);
	return failed ? 1 : 0;
}

static void print_hash(const struct trace_hash *h)
{
	printf("all of the trace               %016llx\n"
	       "without notes                  %016llx\n"
	       "notes, in any order at a time  %016llx\n",
	       (unsigned long long)h->all, (unsigned long long)h->records,
	       (unsigned long long)h->notes);
}

int main(int argc, char **argv)
{
	struct options o = { .from = 1, .level = -1 };
	static struct sim_stats stats;
	static struct world w;
	unsigned long failed = 0, passed = 0;
	clock_t begin = clock();

	if (!parse(&o, argc, argv))
		return usage();
	if (o.pair)
		return pair_main(&o);
	if (o.mute || o.scale) {
		bool good = o.mute ? mute_run(o.mute) : scale_run(o.scale);

		printf("%d passed, %d failed\n", good, !good);
		return good ? 0 : 1;
	}
	trace_begin(&stats.hash);
	for (uint64_t seed = o.from; seed <= o.to; seed++) {
		struct sim_order order = { .seed = seed,
					   .level = level_of(&o, seed),
					   .hours = o.hours,
					   .worlds = o.worlds,
					   .by_chance = !o.plain && !o.worlds,
					   .trace = o.trace };

		world_run(&w, &order, &stats);
		if (w.broken) {
			failed++;
			if (failed <= 5 || w.broken == o.until)
				print_failure(&w);
		} else {
			passed++;
		}
		world_free(&w);
		if (w.broken && w.broken == o.until)
			break;
	}
	if (o.trace == TRACE_HASH)
		print_hash(&stats.hash);
	else
		print_summary(&stats,
			      (double)(clock() - begin) / CLOCKS_PER_SEC);
	printf("%lu passed, %lu failed\n", passed, failed);
	return failed ? 1 : 0;
}

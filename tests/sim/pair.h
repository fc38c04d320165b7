/*
 * pair: two or three daemons, each with clocks, lives and ways to Azure of its
 * own, on the same registries of one model cloud.
 *
 *	pair_run(&p, &order, &stats)   p.broken tells which invariant fell
 *	pair_scenes(...)               what is forced, and not left to chance
 *
 * pair_plan.c makes the world, pair_trouble.c what befalls it, pair_call.c is a
 * question's way, pair_judge.c, pair_window.c and pair_lease.c judge,
 * pair_scene.c forces, pair.c drives.
 */
#ifndef SIM_PAIR_H
#define SIM_PAIR_H

#include "base/buf.h"
#include "blob.h"
#include "cloud.h"
#include "driver.h"
#include "look.h"

#define PAIR_KEYS 4
#define PAIR_REGISTRIES 12
#define PAIR_LEASES 2
#define PAIR_VIEWS 4
#define PAIR_RECORDS 60
#define PAIR_TEXT 240

/* Beside those of invariant.h. */
enum pair_invariant {
	PAIR_WRITE = 31,
	PAIR_ONE_WRITE,
	PAIR_NEVER_BACK,
	PAIR_DEADLINE,
	PAIR_TRUTH,
	PAIR_QUIET,
	PAIR_WAKES,
	PAIR_FIGHT,
	PAIR_BOUNDED,
	PAIR_LEADERS,
	PAIR_TAKEOVER,
	PAIR_STANDBY,
	PAIR_LETS_GO,
	PAIR_KEEPS,
	PAIR_INVARIANTS,
};
const char *pair_invariant_name(int invariant);

enum pair_event {
	PAIR_LEAVES,  /* a question leaves the daemon ... */
	PAIR_ARRIVES, /* ... and comes to the cloud */
	PAIR_SETTLES,
	PAIR_FOLLOWS,
	PAIR_VERSION,
	PAIR_LAST_VERSION,
	PAIR_OPENS, /* a deadline comes */
	PAIR_CUTS,
	PAIR_MENDS,
	PAIR_LIFE, /* something befalls a daemon */
	PAIR_OVER, /* one that was told to stop is waited for no longer */
	PAIR_STARTS,
	PAIR_THAWS,
	PAIR_CLOUD, /* something befalls a key or a registry */
	PAIR_HEALS,
	PAIR_CALMS,
	PAIR_JUDGES,
};

/* Where a daemon's questions go. */
enum pair_link { LINK_TOKEN, LINK_VAULT, LINK_ARM, LINK_LEASE, LINKS };

enum pair_mood {
	PAIR_FINE,
	PAIR_LOST_BEFORE, /* it took no effect ... */
	PAIR_LOST_AFTER,  /* ... or it did, and nobody is told */
	PAIR_MUTE,
	PAIR_REFUSED,
	PAIR_503,
	PAIR_SLOW,
	PAIR_LATE, /* it takes effect when nobody waits for it any more */
	PAIR_MOODS,
};

struct pair_sent {
	struct sim_question q;
	struct sim_step step; /* of a lease, the one with the number q.key */
	struct driver_answer *answer; /* NULL: it is known what to tell */
	int daemon;
	unsigned life;
	enum pair_mood mood;
	bool takes_effect;
	int64_t up, down, gives_up; /* ms */
	int64_t asked;		    /* t */
};

struct pair_item {
	struct heap_node node; /* first: cast from it */
	enum pair_event what;
	int a, b;
	struct pair_sent *sent;
};

/* What a daemon was shown of a registry, by when (boot). */
struct pair_view {
	int64_t boot;
	bool get, missing;
	struct sim_face face;
};

struct pair_seat { /* a registry, as the business of one daemon */
	struct registry *r;
	struct pair_view view[PAIR_VIEWS];
	unsigned views;
	struct pair_view by; /* the one that it goes by */
	struct look_registry seen;
	bool checked;
	uint64_t write;	 /* ticket of the one on its way; 0 none */
	int64_t wrote;	 /* boot: when the last one left that may have happened;
			   -1 */
	int to;		 /* version that it was for ... */
	unsigned writes; /* ... and how many were */
};

struct pair_told { /* of a key, to one daemon */
	struct key_version v[SIM_VERSIONS];
	bool known[SIM_VERSIONS];
	int last;	/* what the last good poll showed; -1 */
	int64_t polled; /* boot */
	bool refused;
};

struct pair_tenure { /* a lease, as the service has told one daemon */
	enum { TENURE_NONE, TENURE_OURS, TENURE_ANOTHERS } word;
	int64_t until; /* boot: it is ours */
	int64_t heard; /* t: a question came back, whatever of it */
	char id[40];
	bool leads;    /* as it believes */
	int64_t since; /* t: that */
};

struct pair_lease {
	struct sim_blob blob;
	int64_t duration;
	int preferred;	/* daemon; -1: all alike */
	int64_t nobody; /* t since when nobody leads; SIM_NEVER: somebody does
			 */
	int64_t free;	/* t since when nobody holds it; the same */
};

struct pair_daemon {
	struct engine *e; /* the driver's */
	bool stopping;
	enum pair_mood link[LINKS];
	unsigned share[LINKS]; /* percent of questions that it befalls */
	unsigned turn[LINKS];
	struct buf saved;
	bool kept;
	int64_t born;
	int64_t thawed;	       /* t; and nothing was answered since; -1 */
	int64_t frozen, slept; /* t from and until when it stood still */
	int64_t well; /* t since when all is in its reach; SIM_NEVER: it is
			   not */
	int64_t asks; /* t since when the lease service is; the same */
	int64_t hurt; /* t until when something stood in the way of that */
	bool let_go;  /* it is stopping, and its leases are next */
	struct pair_seat seat[PAIR_REGISTRIES];
	struct pair_tenure tenure[PAIR_LEASES];
	struct pair_told told[PAIR_KEYS];
};

struct pair_watch { /* of the key with the same number */
	enum watch_mode mode;
	bool canary;
	unsigned max_parallel;
	int due, turn; /* newest usable version, in truth; -1 */
	int64_t effective, deadline;
	int64_t clear; /* t since when nothing there stands in the way;
			  SIM_NEVER: something does */
	bool must;     /* it has to be in time */
};

struct pair_record {
	int64_t t;
	char text[PAIR_TEXT];
};

struct pair_stats {
	uint64_t seeds, events, calls, writes, moves, deadlines, held_to;
	uint64_t at_once; /* writes while another daemon's was under way */
	uint64_t crashes, stops, freezes, cuts;
	uint64_t lease_calls, turns; /* somebody leads from now on */
	uint64_t lonely;	     /* writes of who does not lead */
	int64_t both, longest; /* ms: two led who could ask, nobody did though
				  somebody could */
	int64_t finished; /* ms: another one has ended what was interrupted */
	double hours;
};

struct pair_scene; /* pair_scene.c's */

struct pair {
	uint64_t seed;
	int level;
	bool trace;
	struct random rng;
	struct sim_cloud cloud;
	struct sim_registry registry[PAIR_REGISTRIES];
	int home[PAIR_REGISTRIES];  /* key */
	int shown[PAIR_REGISTRIES]; /* version, to any of them, ever */
	struct pair_watch watch[PAIR_KEYS];
	struct pair_lease lease[PAIR_LEASES];
	int n_leases;
	int under[PAIR_KEYS]; /* lease of a key; -1: none */
	int64_t stirred;      /* t: somebody came, went, or stood still */
	struct driver d;
	struct pair_daemon daemon[DRIVER_DAEMONS];
	struct heap queue;
	int64_t quiet, end;
	int64_t window, poll, reread;
	unsigned chance; /* of a trouble per question, in 1/1000 */
	int64_t last_write;
	const struct pair_scene *scene;
	int scene_state;
	int64_t struck, done; /* t; 0 not yet */
	struct pair_record record[PAIR_RECORDS];
	uint64_t records;
	uint64_t events;
	int64_t tick_at;
	unsigned ticks;
	struct pair_stats *stats;
	int broken;
	char why[400];
};

struct pair_order {
	uint64_t seed;
	int level; /* 0..3 */
	double hours;
	bool trace;
	const struct pair_scene *scene; /* NULL: as chance has it */
};

void pair_run(struct pair *p, const struct pair_order *o,
	      struct pair_stats *stats);
void pair_free(struct pair *p);
/* Each of what is forced; prints what fails.  Adds to *passed and *failed. */
void pair_scenes(struct pair *p, bool trace, struct pair_stats *stats,
		 unsigned long *passed, unsigned long *failed);
void pair_print_failure(const struct pair *p);
void pair_print_summary(const struct pair_stats *s, double seconds);

/* ---- pair.c, for the others ---- */
void pair_at(struct pair *p, int64_t t, enum pair_event what, int a, int b,
	     struct pair_sent *sent);
int64_t pair_between(struct pair *p, int64_t low, int64_t high);
bool pair_chance(struct pair *p, unsigned percent);
void pair_note(struct pair *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void pair_broken(struct pair *p, enum pair_invariant i, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void pair_kill(struct pair *p, int daemon, bool forgets);
void pair_freeze(struct pair *p, int daemon, int64_t ms);
void pair_start(struct pair *p, int daemon);
/* It came, went, stands still or goes on. */
void pair_stirs(struct pair *p, int daemon);

/* ---- pair_plan.c ---- */
void pair_plan(struct pair *p);
struct config *pair_config(const struct pair *p, int daemon);

/* ---- pair_trouble.c ---- */
void pair_trouble_plan(struct pair *p);
void pair_trouble_happen(struct pair *p, const struct pair_item *x);
void pair_trouble_end(struct pair *p);
void pair_link_set(struct pair *p, int daemon, enum pair_link link,
		   enum pair_mood mood, unsigned share);

/* ---- pair_call.c ---- */
void pair_call(void *world, int daemon, const struct call *call);
void pair_leaves(struct pair *p, struct pair_sent *s);
void pair_arrives(struct pair *p, struct pair_sent *s);
void pair_sent_free(struct pair_sent *s);

/* ---- pair_judge.c ---- */
void pair_judge_born(struct pair *p, int daemon);
/* A write goes out now. */
void pair_judge_write(struct pair *p, const struct pair_sent *s);
void pair_judge_landing(void *world, const struct driver_answer *a);
void pair_judge_drained(void *world, int daemon);
void pair_judge_end(struct pair *p);

/* ---- pair_window.c: in time, when one of them could ---- */
/* The newest version of a key has changed, in truth. */
void pair_window(struct pair *p, int key);
void pair_window_deadline(struct pair *p, int key, int turn);
/* Something has stood in the way until `until`: of one daemon, of a key. */
void pair_window_daemon(struct pair *p, int daemon, int64_t until);
void pair_window_key(struct pair *p, int key, int64_t until);

/* Who could what is about to change: what has been long enough counts. */
void pair_window_close(struct pair *p);

/* ---- pair_lease.c ---- */
void pair_lease_plan(struct pair *p);
void pair_lease_born(struct pair *p, int daemon);
/* Whether the daemon can ask for its leases has changed, or something was in
 * the way until `until`. */
void pair_lease_reach(struct pair *p, int daemon, int64_t until);
void pair_lease_asked(struct pair *p, int daemon, int lease,
		      const struct sim_step *s);
void pair_lease_told(struct pair *p, const struct driver_answer *a);
/* own: the last step of a move that is its own. */
void pair_lease_write(struct pair *p, const struct pair_sent *s, int to,
		      bool own);
void pair_lease_event(struct pair *p);
void pair_lease_ended(struct pair *p, int daemon);
bool pair_leads(const struct pair *p, int daemon, int lease);

/* ---- pair_scene.c ---- */
void pair_scene_plan(struct pair *p);
/* As chance would have it of pair_lease_plan: 0..99. */
int pair_scene_leases(const struct pair *p);
/* A write of this daemon is about to leave, has taken effect, or its
 * operation is over. */
enum pair_moment { SCENE_LEAVES, SCENE_ARRIVED, SCENE_SETTLED };
void pair_scene_moment(struct pair *p, enum pair_moment m,
		       const struct pair_sent *s, int registry);

#endif

/*
 * world: one seeded run of the engine against the model cloud: the queue of
 * things to come, the daemon's clocks and lives, the faults, the history.
 *
 *	world_run(&w, seed, ...)   w.broken tells which invariant fell, if any
 *
 * plan.c makes the world and its configuration, trouble.c the faults,
 * world.c drives, invariant*.c judge.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include <stdio.h>

#include "base/buf.h"
#include "base/heap.h"
#include "cloud.h"
#include "look.h"
#include "trace.h"

#define SIM_HISTORY 40
#define SIM_WATCHES 14
#define SIM_LANES 24
#define SIM_VIEWS 4
#define SIM_POLLS 8
#define SIM_NOTES 4096
#define SIM_FLIGHTS 160
#define SIM_HOSTS (SIM_CREDENTIALS + SIM_VAULTS + 1)

enum sim_event {
	SIM_ARRIVE,
	SIM_REPLY,
	SIM_SETTLE,
	SIM_FOLLOW,
	SIM_VERSION,
	SIM_DEADLINE,
	SIM_KEY_TROUBLE,
	SIM_KEY_HEAL,
	SIM_REGISTRY_TROUBLE,
	SIM_REGISTRY_HEAL,
	SIM_REMOTE_TROUBLE,
	SIM_REMOTE_HEAL,
	SIM_DAEMON,
	SIM_START,
	SIM_AWAKE,
	SIM_UNPAUSE,
	SIM_QUIET,
	SIM_LAST_VERSION,
	SIM_JUDGE,
	SIM_STRANGE,
	SIM_STRANGE_ENDS,
};

/* Worlds in which something is strange that others never meet: switched on by
 * chance, or by name (--world).  What each is stands in strange.c. */
enum sim_strange {
	STRANGE_UNTOLD,
	STRANGE_LIST_DOWN,
	STRANGE_LIST_OLD,
	STRANGE_GET_OLD,
	STRANGE_IN_VAIN,
	STRANGE_REPLICAS,
	STRANGE_OP_GONE,
	STRANGE_REFUSALS,
	STRANGE_BLINKS,
	STRANGE_RELOADS,
	STRANGE_HANGS,
	STRANGE_ONE_SECOND,
	STRANGE_FORTY,
	STRANGE_DATES,
	STRANGE_ONCE,
	STRANGE_FLEET,
	STRANGE_WALLED,
	STRANGE_RULED,
	SIM_STRANGES,
};

/* Faults, as counted in the summary. */
enum sim_fault {
	FAULT_SEEN_503,
	FAULT_SEEN_LOST_REQUEST,
	FAULT_SEEN_LOST_ANSWER,
	FAULT_SEEN_MUTE,
	FAULT_SEEN_REFUSED,
	FAULT_SEEN_429,
	FAULT_SEEN_DENIED,
	FAULT_SEEN_401,
	FAULT_SEEN_SLOW,
	FAULT_SEEN_GARBLED,
	FAULT_SEEN_TWICE,
	FAULT_SEEN_TOO_LATE,
	FAULT_SEEN_OUTAGE,
	FAULT_SEEN_OP_FAILS,
	FAULT_SEEN_OP_LONG,
	FAULT_SEEN_BUSY,
	FAULT_SEEN_IDENTITY,
	FAULT_SEEN_OUTSIDER,
	FAULT_SEEN_FOREIGN,
	FAULT_SEEN_MISSING,
	FAULT_SEEN_PROVISIONING,
	FAULT_SEEN_LIST_LAG,
	FAULT_SEEN_LIST_HOLE,
	FAULT_SEEN_BAD_VERSION,
	FAULT_SEEN_DISABLED,
	FAULT_SEEN_EXPIRED,
	FAULT_SEEN_DELETED,
	FAULT_SEEN_REPLICA,
	FAULT_SEEN_CRASH_KEPT,
	FAULT_SEEN_CRASH_LOST,
	FAULT_SEEN_CRASH_OLD,
	FAULT_SEEN_RELOAD,
	FAULT_SEEN_CLOCK,
	FAULT_SEEN_SUSPEND,
	FAULT_SEEN_PAUSE,
	FAULT_SEEN_UNTOLD,
	FAULT_SEEN_LIST_DOWN,
	FAULT_SEEN_LIST_OLD,
	FAULT_SEEN_GET_OLD,
	FAULT_SEEN_IN_VAIN,
	FAULT_SEEN_ALTERNATES,
	FAULT_SEEN_OP_GONE,
	FAULT_SEEN_POLICY,
	FAULT_SEEN_UNKNOWN_CODE,
	FAULT_SEEN_BLINKS,
	FAULT_SEEN_ONE_OPTION,
	FAULT_SEEN_HANGS,
	FAULT_SEEN_ONE_SECOND,
	FAULT_SEEN_FORTY,
	FAULT_SEEN_DATE_OFF,
	FAULT_SEEN_ONCE,
	FAULT_SEEN_WALLED,
	SIM_FAULTS,
};

enum sim_mood { /* of a remote: what it does to requests */
		MOOD_FINE,
		MOOD_503,
		MOOD_LOST_REQUEST,
		MOOD_LOST_ANSWER,
		MOOD_MUTE,
		MOOD_REFUSED, /* does not reach the server at all */
		MOOD_429,
		MOOD_DENIED,
		MOOD_401,
		MOOD_SLOW,
		MOOD_GARBLED,
		MOODS,
};

enum sim_remote_kind { REMOTE_TOKEN, REMOTE_VAULT, REMOTE_ARM, REMOTES };
#define SIM_REMOTES 3 /* of each kind at most */

struct sim_remote {
	enum sim_mood mood;
	unsigned share; /* percent of requests that it befalls */
	unsigned turn;
	bool multiplexes; /* speaks HTTP/2 */
	int64_t off;	  /* ms by which its dates are wrong */
};

/* A budget as the daemon should keep it, counted by ourselves. */
struct sim_lane {
	double tokens;
	int64_t at;	/* boot */
	int64_t closed; /* boot: told to wait until then; 0 no */
};

struct sim_pending {
	struct sim_question q;
	struct reply r;
	int64_t sent, boot; /* t; the daemon's boot time then */
	unsigned life;	    /* of the daemon that asked */
	int credential, lane, slot;
	bool fails_after;   /* the answer is lost after it arrived */
	bool never;	    /* no reply at all */
	bool harmless;	    /* what befalls it stands in nobody's way */
	struct random dice; /* what befalls it */
	int64_t down, timeout;
	struct sim_pending *next;
};

struct sim_entry {
	struct heap_node node; /* first: cast from it */
	enum sim_event what;
	int a, b;
	struct sim_pending *p;
	struct sim_entry *next;
};

/* What the daemon has been shown of a registry, by when (boot). */
struct sim_view {
	int64_t boot;
	bool get, missing;
	struct sim_face face;
};

struct sim_watch {
	int key, manual; /* version, -1 not a manual key */
	enum watch_mode mode;
	int credential;
	bool takeover, canary, present;
	int named; /* registry, -1 */
	unsigned max_parallel;
	/* The newest usable version, in truth, and its window. */
	int due, turn;
	int64_t effective, deadline;
	struct watch *w; /* the engine's, looked up after each change */
	int aim;
	bool news; /* a registry of it was read since last judged */
	bool good[SIM_VERSIONS]; /* some registry was shown on it */
};

struct sim_member { /* a registry, as the daemon's business */
	struct registry *r;
	/* Of the cheap check: what was true when it was last looked at. */
	struct look_registry seen;
	int64_t good_until;
	bool checked;
	int watch, home; /* -1: not in the file */
	int was;	 /* the watch before a reload */
	struct sim_view view[SIM_VIEWS];
	int views;
	struct sim_view by; /* the one that the engine goes by */
	int got;	    /* version that a GET showed last; -1 */
	int aim;	    /* version that a write was last for; -1 */
	int64_t told_until; /* boot: a 429 of its own */
	/* Between two versions of one second: the lower one, the one that it
	 * was written to last, and how often it went over. */
	int crossing, crossed, crossings;
	bool refused;	     /* a write for the watch's aim was */
	uint64_t refused_as; /* hash of the last refusal's code */
	uint64_t patch;	     /* ticket of the write on its way, 0 none */
	int64_t patch_boot;
	int64_t doubt; /* boot: sent then, and may have happened; -1 */
	unsigned patch_reloads;
	int wrote, writes; /* version, and how often, with nothing to show */
	int accepted;	   /* of them */
	bool wrote_free;   /* the last one to the unversioned identifier */
	int64_t wrote_at, wrote_before; /* boot */
	int late_told; /* version that it was told to be late for ... */
	unsigned late_life;
	bool verified, must, run_ok;
	int on_time, on_time_key; /* version verified in its window; -1 */
	int told, told_key;	  /* ... and counted, in time or late */
	int64_t run_from;
	int64_t paused_until; /* Azure ms */
	int64_t pause_most;   /* the same, never taken back */
};

struct sim_told { /* of a watch's key: what the daemon has been shown */
	struct key_version v[SIM_VERSIONS];
	bool known[SIM_VERSIONS];
	unsigned read_in[SIM_VERSIONS]; /* the life after that one */
	int newest;		  /* highest shown as newest in this life; -1 */
	int ever;		  /* ... or before, as far as is kept; -1 */
	int last;		  /* what the last good poll showed */
	int64_t polls[SIM_POLLS]; /* boot of the last good polls */
	int n_polls;
	bool doubt;	/* the newest that it knows is being looked up ... */
	int shown;	/* ... because of this one */
	int went_by;	/* the one that the daemon took for the newest */
	int64_t lost;	/* boot: it was looked up then, and not found */
	bool refused;	/* disabled, the last good poll said */
	unsigned looks; /* 404 in a row */
	enum fault_kind last_fault;
	bool missing; /* 404, believed, and no good poll since */
	bool absent;  /* ... and that was the very last answer */
	bool left;    /* it is not in the file */
	int64_t wall; /* boot: the vault's network rules refused it, and nobody
			 has given cause to ask it again; -1 */
};

struct sim_note { /* one that was told */
	uint64_t hash;
	unsigned life;
	int64_t boot;
};

struct sim_host { /* as the daemon has met it in this life */
	unsigned life;
	bool answered, dated;
	uint64_t ticket[SIM_FLIGHTS]; /* on their way */
	int n;
};

struct sim_record {
	int64_t t;
	const char *what;
	int a, b;
	char text[64];
};

struct sim_stats {
	uint64_t retired; /* notes of rules that let go */
	uint64_t seeds, events, calls, writes, moves, faults[SIM_FAULTS];
	uint64_t worlds[SIM_STRANGES];
	double hours, watch_hours;
	int64_t longest; /* pass of --once, ms after what it had to wait for */
	uint64_t deadlines, held_to, verified;
	int64_t worst; /* ms from effective to verified, nothing in the way */
	uint64_t worst_seed;
	double dearest; /* looks, as a part of what is allowed */
	uint64_t dearest_seed;
	struct trace_hash hash;
};

struct world {
	uint64_t seed;
	int level;
	struct random rng;
	struct random *dice; /* that, or those of a question */
	unsigned strange;    /* bits of enum sim_strange */
	struct random odds;  /* of what is strange */
	bool list_down[SIM_SUBSCRIPTIONS];
	int64_t dates_right; /* t: those who were wrong are right again */
	struct sim_cloud cloud;
	int64_t t, quiet, end;
	struct heap queue;
	struct sim_entry *free_entries, *blocks;
	struct sim_pending *free_pending;

	struct engine *e;
	unsigned life, reloads;
	bool down, asleep, dry_run;
	int64_t once; /* t: a pass of --once has no more to wait for */
	int in_vain;  /* what has failed in it */
	int64_t boot_base, wall_offset;
	struct buf saved, older;
	bool kept, has_state;
	int64_t saved_at;

	/* Configuration. */
	int64_t window, poll, reread, hold;
	double vault_rate, vault_burst, read_rate, read_burst, write_rate,
		write_burst;
	unsigned max_requests;
	int n_credentials, n_vaults, n_subscriptions;
	struct sim_watch watch[SIM_WATCHES];
	int n_watches;
	int room; /* registries at most */
	struct sim_member *member;
	struct sim_told told[SIM_WATCHES];
	/* t at which the daemon last saw a registry on a version. */
	int64_t shown[SIM_KEYS][SIM_VERSIONS];
	int64_t paused_until;	/* Azure ms, all of them */
	int64_t token_told[16]; /* per slot */

	struct sim_remote remote[REMOTES][SIM_REMOTES];
	unsigned chance; /* of a fault per request, in 1/1000 */
	struct sim_lane lane[SIM_LANES];

	uint64_t events;
	uint64_t looks, allowed; /* of this life */
	struct sim_note notes[SIM_NOTES];
	struct sim_host host[SIM_HOSTS];
	size_t flights; /* when last looked at */
	int64_t tick_at;
	unsigned ticks;
	int64_t last_patch;
	struct sim_record history[SIM_HISTORY];
	uint64_t records;
	enum trace_how trace;
	struct sim_stats *stats;

	int broken; /* invariant, 0 none */
	char why[512];
};

/* What is run: worlds are bits of enum sim_strange. */
struct sim_order {
	uint64_t seed;
	int level;
	double hours;
	unsigned worlds; /* as asked for */
	bool by_chance;	 /* ... and others by chance */
	enum trace_how trace;
};

void world_run(struct world *w, const struct sim_order *o,
	       struct sim_stats *stats);
void world_free(struct world *w);

/* ---- world.c, for the others ---- */
void world_at(struct world *w, int64_t t, enum sim_event what, int a, int b,
	      struct sim_pending *p);
struct instant world_now(const struct world *w);
int64_t world_azure(const struct world *w);
void world_drain(struct world *w);
/* From now on chance is taken from this; returns what it was taken from. */
struct random *world_dice(struct world *w, struct random *dice);
int64_t world_between(struct world *w, int64_t low, int64_t high);
bool world_chance(struct world *w, unsigned percent);
void world_start(struct world *w);
void world_stop(struct world *w);
void world_reload(struct world *w);

/* ---- plan.c ---- */
void plan_make(struct world *w);
/* Other intervals, budgets and limits, from the next reload on. */
void plan_intervals(struct world *w);
/* One of them, and what it is. */
const char *plan_one(struct world *w);
struct config *plan_config(const struct world *w);
/* The subscription that a vault lies in. */
/* A rule stands in the place of this watch. */
bool plan_ruled(const struct world *w, int watch);
int plan_vault_home(const struct world *w, int vault);

/* ---- call.c: a request's way to the cloud and back ---- */
void call_send(struct world *w, const struct call *call);
/* The watch for whose sake a key is asked; -1: none that is in the file. */
int call_asker(const struct world *w, uint64_t ticket);
/* Whoever needs what this asks has had a disturbance until `until`. */
void call_spoil(struct world *w, const struct sim_pending *p, int64_t until);
void call_arrive(struct world *w, struct sim_pending *p);

/* ---- trouble.c ---- */
void trouble_plan(struct world *w);
void trouble_happen(struct world *w, const struct sim_entry *e);
void trouble_end_all(struct world *w);
void trouble_count(struct world *w, enum sim_fault f);
extern const char *const sim_fault_names[SIM_FAULTS];
/* What a remote does from now on, to a share of the requests, in percent. */
void trouble_remote(struct world *w, enum sim_remote_kind kind, int i,
		    enum sim_mood mood, unsigned share);
/* What has changed of a registry is seen with the next routine read, or so many
 * ms later; what has changed of a key, with the next poll. */
void trouble_seen_late(struct world *w, int registry, int64_t ms);
void trouble_key_changed(struct world *w, int key);

/* ---- strange.c ---- */
/* What a world is called. */
const char *strange_name(int world);
/* Which worlds this one is. */
void strange_choose(struct world *w, unsigned asked, bool by_chance);
void strange_plan(struct world *w);
void strange_happen(struct world *w, const struct sim_entry *e);
void strange_end_all(struct world *w);
static inline bool strange_is(const struct world *w, enum sim_strange s)
{
	return w->strange >> s & 1;
}

#endif

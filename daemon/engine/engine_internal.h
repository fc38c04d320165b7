/*
 * engine_internal: the engine's state, shared by the files of engine/ that make
 * up the engine (engine, schedule, key, watch, health, retirement, snapshot,
 * report).  Nobody else includes this.
 *
 * Who changes what: schedule.c the jobs, lanes and tokens; key.c a watch's
 * versions; watch.c a registry's phase; health.c states, flags and counters.
 */
#ifndef KEYROTD_ENGINE_ENGINE_INTERNAL_H
#define KEYROTD_ENGINE_ENGINE_INTERNAL_H

#include <sys/queue.h>

#include "base/backoff.h"
#include "base/heap.h"
#include "base/random.h"
#include "engine/decide.h"
#include "engine/engine.h"
#include "traffic/bucket.h"

#define ENGINE_VERSIONS_MAX 32	     /* remembered per key */
#define ENGINE_FLIGHTS_MAX 1000	     /* config's max-requests at most */
#define ENGINE_TOKENS_MAX 1024	     /* credentials times audiences */
#define ENGINE_NOTES_MAX 20000	     /* waiting to be fetched; then dropped */
#define ENGINE_REPLY_GUARD_MS 180000 /* a reply later than this is lost */
#define ENGINE_STALL_MS 30000	     /* this late: the machine slept, spread */
#define ENGINE_LIST_FROM 3	     /* registries that make a LIST cheaper */
#define ENGINE_PAUSE_MAX_MS 86400000

/* ---- schedule: things that wait, ask and are answered ---- */

enum timer_kind { TIMER_JOB, TIMER_TRUTH, TIMER_LANE, TIMER_WATCH };

struct timer {
	struct heap_node node; /* first: cast from it */
	enum timer_kind kind;
	void *owner;
};

enum job_kind { JOB_TOKEN, JOB_KEY, JOB_REGISTRY, JOB_LIST };
enum job_where { AT_REST, AT_TOKEN, AT_LANE, AT_READY, IN_FLIGHT };

struct job {
	enum job_kind kind;
	enum job_where where;
	void *owner;	       /* struct token, watch, registry or scope */
	struct timer timer;    /* next time to run, while AT_REST */
	struct heap_node wait; /* in a lane's or the engine's queue */
	int64_t urgency;       /* nearest deadline first: Azure ms */
	enum call_kind ask;    /* what is asked, or waits to be asked; the call
				itself is made when it can go out */
	struct lane *lane;
	struct token *token; /* NULL for JOB_TOKEN */
	uint16_t flight;
	bool renewed;		/* 401 was answered by a new token once */
	bool asleep;		/* in its lane's list of sleepers */
	bool spread;		/* put off once after a stall */
	unsigned failures;	/* in a row */
	int64_t not_before;	/* boot ms: told so by the server */
	TAILQ_ENTRY(job) link;	/* a token's list of waiters */
	TAILQ_ENTRY(job) sleep; /* a lane's list of sleepers */
};
TAILQ_HEAD(job_list, job);

/* A budget towards one remote: a vault, or one subscription's reads or
 * writes with one credential. */
struct lane {
	struct bucket bucket;
	struct heap queue;	  /* jobs waiting for the bucket */
	struct timer timer;	  /* when the bucket is ready again */
	struct job_list sleepers; /* jobs in back-off for transient faults */
	unsigned n_sleepers;
	unsigned fail_streak;
	unsigned throttles; /* 429 in a row */
};

struct vault { /* one host with one credential */
	char host[KEYID_HOST_MAX];
	const struct credential *credential; /* the engine's copy */
	char audience[CALL_AUDIENCE_MAX];
	struct token *token;
	size_t watches;
	struct lane lane;
	TAILQ_ENTRY(vault) link;
};

struct token {
	uint32_t slot;
	const struct credential *credential;
	char audience[CALL_AUDIENCE_MAX];
	bool ready;
	int64_t expires, refresh; /* boot ms */
	unsigned generation;	  /* of the secret in the runner's hands */
	struct job job;
	struct job_list waiters;
	struct fault fault;
};

struct flight {
	struct job *job; /* NULL: nobody waits for it any more */
	uint64_t ticket;
	int64_t sent;
	unsigned token_generation;
	TAILQ_ENTRY(flight) link; /* oldest first, for the guard */
};
TAILQ_HEAD(flight_list, flight);

/* ---- what is watched ---- */

struct seen_version { /* a version of a watch's key */
	struct key_version v;
	int64_t read_at;   /* boot ms of the last successful read; -1 never */
	int64_t tried_at;  /* boot ms of the last attempt; -1 never */
	bool missing;	   /* 404 when last asked */
	bool disabled;	   /* 403 KeyDisabled when last asked */
	bool begun;	   /* its nbf has passed, by a safe margin */
	bool ended;	   /* its exp has passed */
	unsigned in_use;   /* registries of this watch that showed it last */
	int64_t off_since; /* Azure ms: nothing shows it since; -1 */
};

enum canary_state {
	CANARY_NONE,
	CANARY_RUNNING,
	CANARY_PASSED,
	CANARY_REFUSED
};

TAILQ_HEAD(registry_list, registry);

struct watch {
	struct keyid key;      /* version "" unless manual */
	char *base;	       /* identifier without version */
	struct watch *sibling; /* ring of the watches of this key */
	enum watch_mode mode;
	bool takeover, canary_first;
	char identity[CALL_IDENTITY_MAX]; /* expected; "" any */
	unsigned max_parallel;
	bool kept;    /* mark of a reload */
	bool retired; /* gone from the file, a write is in flight */
	struct vault *vault;
	struct job job;
	struct timer timer; /* pressure point of the canary rule, or the
				   poll goes stale */
	enum { KEY_NEWEST, KEY_VERSION } asking;
	char asking_version[KEYID_VERSION_MAX]; /* for KEY_VERSION */

	struct seen_version *seen;
	size_t n_seen;
	char newest[KEYID_VERSION_MAX]; /* "" until first read */
	int64_t polled_at;	   /* boot ms of the last good read; -1 never */
	int64_t polled_azure;	   /* the same on Azure's clock; -1 */
	int64_t first_seen;	   /* Azure ms, of the newest version */
	bool newest_disabled;	   /* 403 KeyDisabled: id not told */
	bool gone;		   /* 404, and nothing else was told since */
	struct fault *error;	   /* last poll's, NULL when it was good */
	bool bad;		   /* counted in engine.n_bad_keys */
	bool went_back;		   /* an older newest was shown and ignored */
	enum decide_reason judged; /* key_fault when last judged by */
	bool stale_known;	   /* health was told that the poll is stale */

	struct registry_list registries;
	size_t n_registries;
	struct registry *canary; /* goes, or went, first */
	struct registry *named;	 /* the file names it; NULL */
	bool named_out;		 /* it cannot go for this version */
	enum canary_state canary_state;
	unsigned active; /* rotations under way (max-parallel) */
	struct registry_list waiters;
	TAILQ_ENTRY(watch) link;
};
TAILQ_HEAD(watch_list, watch);

struct scope { /* registries of one subscription under one credential */
	char subscription[37];
	const struct credential *credential; /* the engine's copy */
	struct lane read, write;
	struct registry_list registries;
	size_t n_registries;
	struct token *token;
	struct job job; /* LIST */
	char *next_url;
	unsigned pass;
	unsigned pages;
	int64_t pass_started; /* boot ms; what was read since is newer */
	struct fault *error;
	TAILQ_ENTRY(scope) link;
};
TAILQ_HEAD(scope_list, scope);
TAILQ_HEAD(vault_list, vault);

/* What a registry is doing.  One function assigns it: watch_phase. */
enum watch_phase {
	PHASE_IDLE,    /* waits for its next read */
	PHASE_READ,    /* GET asked */
	PHASE_WRITE,   /* PATCH asked */
	PHASE_POLL,    /* operation: next poll is timed */
	PHASE_POLLING, /* operation status asked */
	PHASE_VERIFY,  /* operation over, read-back is timed or asked */
	PHASE_WAIT,    /* waits for its turn (canary, max-parallel) */
};

struct registry {
	char *id;
	struct watch *watch;
	struct scope *scope;
	struct job job;
	struct timer truth; /* next moment its state changes by itself */
	enum watch_phase phase;
	bool retiring;		 /* gone from the file, a write is in flight */
	bool kept;		 /* mark of a reload */
	bool slot;		 /* counted in watch.active */
	bool proof;		 /* facts are from a GET of this very moment */
	bool maybe;		 /* the last write's answer was lost */
	unsigned write_failures; /* in a row, for the back-off */

	/* As last read. */
	struct registry_facts facts;
	int64_t read_at;     /* boot ms; -1 never */
	int64_t read_azure;  /* -1 never (also from the saved state) */
	int64_t verified_at; /* Azure ms; -1 never */
	char proven[KEYID_VERSION_MAX]; /* last version a GET has shown */
	char tried[KEYID_VERSION_MAX];	/* unversioned re-write ignored for */
	char wrote[KEYID_VERSION_MAX];	/* version last written, or aimed at */
	enum decide_action writing;	/* the write under way or last done */
	int64_t op_started;		/* boot ms */
	char *op_url;
	unsigned op_polls;
	unsigned pass;	      /* of its scope's LIST */
	struct fault *error;  /* last attempt's, NULL when it was good */
	bool refused;	      /* error is a refusal of our write ... */
	bool denied;	      /* ... or of the daemon's own rights */
	int64_t paused_until; /* Azure ms; 0 not paused */
	char late_told[KEYID_VERSION_MAX]; /* OVERDUE was said for it */

	/* health.c's. */
	enum decide_state state;
	enum decide_reason reason;
	unsigned warnings; /* bits of enum decide_warning */
	bool fresh, shown, missed, settled, counted;
	bool stranger; /* in engine.strangers */
	TAILQ_ENTRY(registry) stranger_link;
	TAILQ_ENTRY(registry) watch_link, scope_link, wait_link;
	bool waiting; /* in watch.waiters */
};

struct engine {
	struct config *config;
	struct random rng;
	uint64_t phase;
	struct instant now;
	int64_t started; /* wall ms */
	struct skew skew;
	int64_t offset_used; /* azure - boot when timers were set */
	bool clock_told;
	bool dry_run;
	int64_t paused_until; /* Azure ms, all registries; 0 no */

	struct heap timers;
	struct heap ready; /* jobs waiting for a flight */
	struct flight *flights;
	struct flight_list flying, landed;
	size_t in_flight;
	uint64_t tickets;

	struct token **tokens; /* by slot; at most ENGINE_TOKENS_MAX */
	size_t n_tokens;
	struct vault_list vaults;
	struct scope_list scopes;
	struct watch_list watches;
	size_t n_watches;
	struct registry **by_id;	 /* sorted, for look-ups */
	size_t n_registries;		 /* in by_id */
	struct credential **credentials; /* our copies, by content */
	size_t n_credentials;

	struct action *actions;
	size_t n_actions, next_action, size_actions;
	struct note *fetched; /* note handed out last */
	bool save_asked;

	/* Counters behind the overall state. */
	size_t n_state[DECIDE_STATES];
	struct registry_list strangers; /* read on another key */
	size_t n_counted, n_fresh;
	size_t n_missed, n_serious, n_locked, n_warned, n_unsettled, n_bad_keys;
	size_t n_writes; /* registries with a write under way */
	enum engine_state told;
	bool state_told;
	uint64_t dropped_notes;
};

/* engine.c */
int64_t engine_azure(const struct engine *e);
/* Boot ms at which Azure's clock shows azure_ms. */
int64_t engine_boot_of(const struct engine *e, int64_t azure_ms);
void engine_note(struct engine *e, enum note_kind kind, const struct watch *w,
		 const struct registry *r, const char *version,
		 const char *previous, const char *fmt, ...)
	__attribute__((format(printf, 7, 8)));
void engine_save(struct engine *e);
struct action *engine_push(struct engine *e, enum action_kind kind);
void engine_fault_keep(struct fault **place, const struct fault *f);

/* adopt.c */
void adopt_config(struct engine *e, struct config *config, bool first);
void adopt_gone(struct engine *e, struct registry *r); /* free a retired one */
void adopt_free(struct engine *e);
struct registry *adopt_find(const struct engine *e, const char *id);

/* remote.c: found, or made */
const struct credential *remote_credential(struct engine *e,
					   const struct credential *c);
struct vault *remote_vault(struct engine *e, const char *host,
			   const struct credential *c);
struct scope *remote_scope(struct engine *e, const char *subscription,
			   const struct credential *c);
void remote_limits(struct engine *e); /* the configuration's budgets */
void remote_retry(struct engine *e);  /* failed tokens: again at once */
void remote_cloud(struct engine *e);  /* the cloud changed: new tokens */
void remote_free(struct engine *e);

/* schedule.c */
void schedule_timer(struct engine *e, struct timer *t, int64_t boot);
void schedule_job_init(struct job *j, enum job_kind kind, void *owner);
/* Run the job at boot ms (now or in the past: with the next tick). */
void schedule_at(struct engine *e, struct job *j, int64_t boot);
/* Put the job's question as soon as token, budget and a flight are to be
 * had.  token NULL: the question is about a token itself. */
void schedule_ask(struct engine *e, struct job *j, enum call_kind ask,
		  struct lane *lane, struct token *token);
/* Another token is to be used, wherever the job waits just now. */
void schedule_retoken(struct engine *e, struct job *j, struct token *t);
/* Take the job out of every queue; an answer on its way is dropped. */
void schedule_cancel(struct engine *e, struct job *j);
/* Sleep after a transient fault: woken early when the lane works again. */
void schedule_sleep(struct engine *e, struct job *j, int64_t delay);
void schedule_lane_init(struct engine *e, struct lane *l, double rate,
			double burst);
void schedule_lane_free(struct engine *e, struct lane *l);
struct token *schedule_token(struct engine *e, const struct credential *c,
			     const char *audience);
/* The delay the rules prescribe for this fault of this job. */
int64_t schedule_delay(struct engine *e, struct job *j, const struct fault *f,
		       int64_t deadline);
void schedule_run(struct engine *e); /* everything due */
void schedule_reply(struct engine *e, const struct reply *r);
void schedule_pump(struct engine *e); /* start what may start */

/* key.c */
void key_due(struct engine *e, struct watch *w);
void key_fill(const struct watch *w, struct call *c);
void key_reply(struct engine *e, struct watch *w, const struct reply *r);
void key_next_poll(struct engine *e, struct watch *w);
struct seen_version *key_seen(const struct watch *w, const char *version);
struct seen_version *key_seen_add(struct watch *w, const char *version);
/* The version registries of this watch should be on; NULL when unknown. */
struct seen_version *key_target(const struct watch *w);
int64_t key_effective(const struct watch *w, const struct seen_version *s);
int64_t key_deadline(const struct engine *e, const struct watch *w);
/* Why nothing may be moved to the newest version; REASON_NONE: it may. */
enum decide_reason key_fault(const struct engine *e, const struct watch *w);
void key_look(struct engine *e, struct watch *w); /* read versions in use */
void key_poll(struct engine *e, struct watch *w); /* now, if not under way */
bool key_fresh(const struct engine *e, const struct watch *w);
/* Boot ms at which the newest version becomes valid or expires; INT64_MAX. */
int64_t key_turns(const struct engine *e, const struct watch *w);
/* The watch's timer: time alone may have changed what may be moved to. */
void key_time(struct engine *e, struct watch *w);

/* watch.c */
void watch_due(struct engine *e, struct registry *r);
void watch_fill(const struct registry *r, struct call *c);
void watch_reply(struct engine *e, struct registry *r, const struct reply *m);
void watch_listed(struct engine *e, struct registry *r,
		  const struct registry_view *v);
void watch_kick(struct engine *e, struct registry *r); /* look again now */
void watch_target_changed(struct engine *e, struct watch *w);
void watch_read(struct engine *e, struct registry *r); /* ask for it now */
void watch_stop(struct engine *e, struct registry *r); /* leave queues */
bool watch_writing(const struct registry *r); /* a write is under way */
struct decision watch_decision(const struct engine *e,
			       const struct registry *r);
bool watch_on_target(const struct registry *r);
/* A queued write is about to go out: is all that led to it still true?  If
 * not, it is read again instead and false is returned. */
bool watch_may_send(struct engine *e, struct registry *r);
void watch_unreachable(struct engine *e, struct registry *r,
		       const struct fault *f);

/* canary.c */
void canary_pump(struct engine *e, struct watch *w); /* who may go, goes */
bool canary_may_go(const struct engine *e, struct registry *r);
bool canary_lets(const struct engine *e, const struct registry *r);
void canary_slot_take(struct registry *r);
void canary_slot_free(struct engine *e, struct registry *r);
void canary_leave(struct registry *r); /* the queue of waiters */
void canary_yield(struct engine *e, struct registry *r);
void canary_passed(struct engine *e, struct registry *r);
void canary_refused(struct engine *e, struct registry *r);

/* facts.c */
void facts_take(struct engine *e, struct registry *r,
		const struct registry_view *v);
void facts_missing(struct engine *e, struct registry *r); /* 404 */

/* list.c */
void list_due(struct engine *e, struct scope *s);
void list_fill(const struct scope *s, struct call *c);
void list_reply(struct engine *e, struct scope *s, const struct reply *r);
bool list_covers(const struct registry *r);

/* health.c */
void health_refresh(struct engine *e, struct registry *r);
void health_refresh_watch(struct engine *e, struct watch *w);
void health_refresh_all(struct engine *e);
void health_leave(struct engine *e, struct registry *r);
void health_key(struct engine *e, struct watch *w);
void health_tell(struct engine *e);
bool health_paused(const struct engine *e, const struct registry *r);

/* retirement.c */
void retirement_update(struct engine *e, struct watch *w);
/* It was read; it may be on a key that is not its watch's, or not any more. */
void retirement_stranger(struct engine *e, struct registry *r, bool moved);
void retirement_move(struct engine *e, struct registry *r, const char *from,
		     const char *to);

#endif

/*
 * traffic: who may ask what, when.
 *
 * This wing knows questions (azure/call.h), credentials, hosts and budgets.
 * It knows no key, no registry, no health and no configuration: limits come
 * as values, and what a question is about is its owner's affair.
 *
 *	skew	what time it is at Azure
 *	bucket	a budget
 *	timer	one heap of moments
 *	host	room at one origin
 *	end	a host with a credential: audience, token, lanes
 *	job	on top: something that is timed, asked and answered, in files of
 *		one thing each (see job.h)
 *
 * An event goes in at job_tick or job_landed; job_next then hands out one
 * value after the other until there is none, and job_errand what is to be
 * carried out.  Nothing here calls its owner, but for the two const questions
 * of struct job_kind.  struct traffic owns all below it; a job belongs to
 * whoever embeds it and is taken out by job_cancel before it goes.
 *
 * The structures of the whole wing stand here; each file's functions in its
 * own header.
 */
#ifndef KEYROTD_TRAFFIC_TRAFFIC_H
#define KEYROTD_TRAFFIC_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "azure/call.h"
#include "base/heap.h"
#include "traffic/bucket.h"
#include "traffic/skew.h"
#include "traffic/timer.h"

#define TRAFFIC_FLIGHTS_MAX 1000 /* max_requests at most */
#define TRAFFIC_TOKENS_MAX 1024	 /* at once: credentials times audiences */
#define TRAFFIC_GUARD_MS 75000	 /* a reply later than this is lost */
#define TRAFFIC_STALL_MS 30000	 /* this late: the machine slept, spread */
#define TRAFFIC_STREAMS 32	 /* at one host under HTTP/2 */
#define TRAFFIC_CONNECTIONS 8	 /* at one host otherwise */
#define TRAFFIC_TRUST_MS 20000	 /* what is known of a host holds so long */
#define TRAFFIC_MUTE 3 /* lost in a row: no answer is to be hoped for */
#define TRAFFIC_HOST_BUCKETS 256 /* of the table of hosts */
#define TRAFFIC_END_BUCKETS 1024 /* of the table of ends */
#define TRAFFIC_ORIGIN_MAX 288	 /* "https://" and a name and port */
#define TRAFFIC_MOVES 8		 /* to another tenant that are followed */
#define TRAFFIC_ODD 3		 /* so many odd dates are told in any case */
#define TRAFFIC_CALM 20		 /* so many sound dates: its clock was set */
#define TRAFFIC_CODES 16 /* of answers that are counted one by one at a host */

struct job;
TAILQ_HEAD(job_list, job);

/* Budgets and bounds, as values. */
struct traffic_limits {
	double vault_rate, vault_burst; /* per vault, calls/s */
	double read_rate, read_burst;	/* per subscription and credential */
	double write_rate, write_burst;
	unsigned max_requests; /* in flight at once, 1..TRAFFIC_FLIGHTS_MAX */
};

/* ---- host ---- */

/* Answers of one kind, since the daemon has started. */
struct host_count {
	int code; /* HTTP status; 0: none came; -1: any other */
	uint64_t n;
};

struct host {
	char *origin;		/* "https://name:port" */
	struct heap queue;	/* jobs that wait for room, by their place */
	struct heap_node ready; /* in hosts.ready(_silent): room and work */
	unsigned running, limit;
	bool single;	      /* it bears one question at a time, ever */
	bool silent;	      /* it left its last question without any answer */
	unsigned unanswered;  /* questions in a row left so, each sent after
				 the one before it was lost ... */
	int64_t lost_at;      /* ... boot ms of the last loss; -1 none */
	int64_t answered_at;  /* boot ms of the last sound answer; -1 never */
	int64_t used_at;      /* boot ms: a transfer began or ended */
	struct fault *fault;  /* why it could not be reached; NULL never */
	struct bucket budget; /* a vault's, for all credentials */
	bool budgeted;
	unsigned odd;	  /* of its dates that were not believed ... */
	unsigned sound;	  /* ... and those that were, since, in a row */
	int64_t odd_date; /* the last of them, ms since 1970 */
	bool odd_told;	  /* it is in hosts.odd */
	struct host_count *counts; /* n_counts, at most TRAFFIC_CODES + 1 */
	unsigned n_counts;
	uint64_t throttled; /* answers that asked to slow down */
	uint64_t retried;   /* questions that were put again after a failure */
	LIST_ENTRY(host) odd_link;
	LIST_ENTRY(host) bucket;
};

struct hosts {
	LIST_HEAD(, host) buckets[TRAFFIC_HOST_BUCKETS];
	struct heap ready;	  /* by their most urgent job ... */
	struct heap ready_silent; /* ... and those that are silent */
	unsigned share;	       /* of all flights that one host may have ... */
	unsigned silent_share; /* ... and the silent ones together */
	unsigned n_silent;     /* flights of theirs */
	size_t n_mute;	       /* hosts that host_mute is true of */
	LIST_HEAD(, host) odd; /* of whose dates it was told that ... */
	size_t n_odd;	       /* ... they are not believed */
	size_t n;
};

/* ---- end ---- */

enum end_lane { END_READ, END_WRITE };

/* A budget towards one end: one subscription's reads or writes, or a vault,
 * which counts the calls of all credentials. */
struct lane {
	struct bucket *bucket; /* its own, or that of its vault */
	struct bucket own;
	struct heap queue;	  /* jobs waiting for the bucket */
	struct timer timer;	  /* when the bucket is ready again */
	struct job_list sleepers; /* jobs in back-off for transient faults */
	unsigned n_sleepers;
	int64_t woken_at; /* boot ms: when they were last woken */
	unsigned cleared; /* may be paid for, and wait for room */
	/* Whose turn it was, and whose owner makes sure first that its question
	 * is still the right one; NULL nobody's.  Until then (boot ms) one call
	 * is kept for it, and its place. */
	const struct job *turn;
	int64_t turn_until, turn_place;
	unsigned fail_streak;
	unsigned throttles; /* 429 in a row */
};

/* One host with one credential (and, at Resource Manager, one subscription).
 * It lives as long as the traffic. */
struct end {
	struct host *host;
	const struct credential *credential; /* the traffic's copy */
	/* As whom its tokens are asked for: the same, or with the tenant that
	 * an answer has named. */
	const struct credential *as;
	unsigned moves;		   /* times that another tenant was named */
	char name[KEYID_HOST_MAX]; /* host of a vault or of Storage, or
				      subscription */
	bool vault;		   /* neither: Resource Manager's */
	bool storage;		   /* a storage account's blobs or queues */
	char audience[CALL_AUDIENCE_MAX];
	struct token *token; /* NULL: nobody needs one, or there is no room */
	struct lane lanes[2];
	void *owner;	/* the owner's: what it has there; NULL: nothing */
	unsigned users; /* the owner's: keys, leases and queues there */
	TAILQ_ENTRY(end) link;
	LIST_ENTRY(end) bucket;
};
TAILQ_HEAD(end_list, end);
LIST_HEAD(end_bucket, end);

struct token {
	uint32_t slot;
	const struct credential *credential; /* NULL: a place for another */
	char audience[CALL_AUDIENCE_MAX];
	struct host *host; /* where it is asked for */
	char *claims;	   /* to be asked for with; NULL: none */
	char *asked;	   /* with which it was asked for last; NULL: none */
	unsigned demands;  /* claims that threw one away, since a quiet time */
	bool ready;
	int64_t expires, refresh; /* boot ms */
	unsigned generation;	  /* of the secret in the runner's hands ... */
	bool held;		  /* ... which it has, usable or not */
	struct claims who;	  /* whose it says that it is */
	int64_t refused_at;	  /* boot ms: a 401 has thrown one away; -1 */
	struct job *job;	  /* made with the first question */
	struct job_list waiters;
	int64_t heals_at;    /* boot ms: its host's trouble is over by then, by
			     its first word of it; -1: it told of none */
	unsigned spared;     /* failures until then, that count for nobody */
	struct fault fault;  /* the last one, FAULT_NONE when it was good */
	bool hurried, named; /* the owner's, for one command */
	bool wanted;	     /* the owner's, while it looks who needs it */
};

/* ---- job ---- */

enum job_where {
	JOB_REST,   /* idle, or timed */
	JOB_TOKEN,  /* waits for its end's token */
	JOB_HOST,   /* waits for room at its host and for a flight */
	JOB_LANE,   /* waits for its budget */
	JOB_FLIGHT, /* asked */
};

/* What job_next is still to say of a job. */
enum job_told {
	TOLD_ALL,
	TOLD_NO_TOKEN, /* it goes on waiting */
	TOLD_NO_ROOM,  /* for one more token; it rests and is timed */
	TOLD_SHARED,   /* its host could not be reached; it rests */
	TOLD_UNTRUE,   /* its question is not true any more; it rests */
};

struct job_kind {
	/* Complete *c: kind, ticket, token, credential and audience are set.
	 * What it points to is borrowed until the next event. */
	void (*fill)(const void *world, const struct job *j, struct call *c);
	/* Just before it goes out: is all that led to the question still so?
	 * NULL: always. */
	bool (*still_true)(const void *world, const struct job *j,
			   struct instant now);
};

struct job {
	const struct job_kind *kind;
	void *owner;
	enum job_where where : 8;
	enum call_kind ask : 8; /* what is asked, or waits to be */
	enum job_told told : 8;
	bool renewed : 1;   /* its question's 401 led to a new token */
	bool fresh : 1;	    /* it waits for a token newer than `stale` */
	bool asleep : 1;    /* among its lane's sleepers */
	bool roused : 1;    /* woken from among them, and not answered since */
	bool routine : 1;   /* may be put off after a stall ... */
	bool spread : 1;    /* ... and was, once */
	bool cleared : 1;   /* counted in lane.cleared */
	unsigned failures;  /* in a row */
	struct timer timer; /* next time to run, at rest */
	struct heap_node wait; /* in a host's or a lane's queue */
	int64_t urgency;       /* its deadline, Azure ms, or INT64_MAX for none:
				  set by the owner */
	int64_t place;	       /* in queues, by that and when it was asked */
	struct end *end;       /* NULL: a token's own job, or a host's */
	struct host *host;     /* asked without a token; NULL: its end's */
	struct lane *lane;     /* of its end */
	struct token *token;   /* its own, or whose waiter it is */
	uint64_t id;	       /* of its stream of random numbers ... */
	uint32_t draws;	       /* ... and how many were drawn */
	uint16_t flight;
	unsigned stale;	       /* the generation of a token that was no good */
	int64_t not_before;    /* boot ms: told so by the server */
	TAILQ_ENTRY(job) link; /* a token's waiters, or a lane's sleepers */
	TAILQ_ENTRY(job) tell; /* the traffic's list of jobs to tell of */
};

struct flight {
	struct job *job; /* NULL: nobody waits for it any more */
	struct host *host;
	struct lane *lane;	   /* NULL: a token's */
	uint64_t ticket;	   /* 0: landed */
	int64_t sent;		   /* boot ms */
	unsigned limit;		   /* its host's, when it was sent */
	const struct token *token; /* that it went out with ... */
	unsigned token_generation; /* ... when it was so old ... */
	bool bare;		   /* ... or without any */
	TAILQ_ENTRY(flight) link;  /* oldest first, for the guard */
};
TAILQ_HEAD(flight_list, flight);

enum value_kind {
	VALUE_TIMER,	/* a timer of the owner's */
	VALUE_DUE,	/* a job's time has come */
	VALUE_ANSWER,	/* reply: of its question */
	VALUE_NO_TOKEN, /* fault: it goes on waiting, or is timed */
	VALUE_UNTRUE,	/* it did not go out */
	/* fault: a token cannot be had, or, when it is a FAULT_CONFLICT, a
	 * host's date is not believed (job is NULL) */
	VALUE_NEWS,
};

/* One thing that happened.  Pointers are borrowed until the next job_next. */
struct value {
	enum value_kind kind;
	struct timer *timer;
	struct job *job;
	const struct reply *reply;
	int64_t sent; /* VALUE_ANSWER: boot ms, when its question went out */
	const struct fault *fault;
	uint32_t slot; /* VALUE_NEWS: of the token */
};

enum errand_kind { ERRAND_CALL, ERRAND_CANCEL, ERRAND_FORGET };

/* Something to carry out. */
struct errand {
	enum errand_kind kind;
	struct call call; /* ERRAND_CANCEL: only its ticket counts */
	uint32_t token;	  /* ERRAND_FORGET: the slot to wipe */
};

struct traffic {
	const void *world; /* handed to job_kind's questions */
	uint64_t seed;
	struct instant now;
	struct skew skew;
	struct traffic_limits limits;
	const struct cloud *cloud; /* borrowed: see end_cloud */

	struct heap timers;
	struct hosts hosts;
	struct end_list ends; /* in the order of their making ... */
	struct end_bucket end_buckets[TRAFFIC_END_BUCKETS]; /* ... by name */
	uint64_t looks; /* at an end that was sought, ever: what that costs */
	struct credential **credentials; /* our copies, by content */
	size_t n_credentials;
	struct token **tokens; /* by slot */
	size_t n_tokens;

	struct flight *flights;
	struct flight_list flying, landed;
	size_t in_flight;
	uint64_t tickets;

	struct job_list tell;	   /* jobs of which something is to be told */
	struct fault no_room;	   /* the text of TOLD_NO_ROOM */
	struct fault news;	   /* a token's fault, for VALUE_NEWS ... */
	uint32_t news_slot;	   /* ... of this slot ... */
	bool has_news;		   /* ... not handed out yet */
	bool has_odd;		   /* a host's date is to be told of ... */
	struct fault odd;	   /* ... in these words */
	const struct reply *reply; /* just landed, for answered */
	struct job *answered;
	int64_t answered_sent;
	struct reply made; /* of our own making */
	size_t most;	   /* timers that may still ring in this event */

	struct errand *errands;
	size_t n_errands, next_errand, size_errands;
};

#endif

/*
 * traffic_help: a rig to drive traffic by hand, in virtual time.
 *
 * It holds a traffic, a clock, a cloud and a credential, and questions whose
 * jobs are of a kind of its own: that kind knows a name and whether it is
 * still true, and nothing else.  What was asked waits to be answered by the
 * test; what was handed out is kept, in order.
 */
#ifndef KEYROTD_TESTS_UNIT_TRAFFIC_HELP_H
#define KEYROTD_TESTS_UNIT_TRAFFIC_HELP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "azure/call.h"
#include "traffic/end.h"
#include "traffic/job.h"

#define JIG_BOOT 5000000
#define JIG_WALL INT64_C(1772366400000) /* 2026-03-01T12:00:00Z */
#define SECOND INT64_C(1000)
#define MINUTE INT64_C(60000)
#define HOUR INT64_C(3600000)

#define JIG_WAITING_MAX 1100
#define JIG_HEARD_MAX 4000

struct jig;
struct question;

/* What the owner does with a value; NULL: nothing. */
typedef void jig_owner(struct jig *g, struct question *q,
		       const struct value *v);

struct question {
	struct job job;
	char name[16];
	bool untrue;		    /* what still_true says */
	unsigned heard[VALUE_NEWS]; /* values, by kind */
	struct fault fault;	    /* of the last one that had one */
	bool reached, maybe_done;   /* of the last answer */
	jig_owner *owner;
	struct end *end;     /* for an owner that asks again */
	unsigned asks, gets; /* for the test's own use */
};

/* A call that waits for its answer. */
struct waiting {
	uint64_t ticket;
	enum call_kind kind;
	uint32_t token;
	char name[16];			  /* of its question */
	char audience[CALL_AUDIENCE_MAX]; /* of a token's */
	const struct credential *credential;
	bool bare;
	char claims[64];
	int64_t sent;
};

struct heard {
	enum value_kind kind;
	struct question *q; /* NULL: a timer's, or news */
	struct timer *timer;
	struct fault fault;
	int64_t boot;
};

struct jig {
	struct traffic t;
	struct instant now;
	struct cloud cloud;
	struct credential plain;	     /* a managed identity */
	const struct credential *credential; /* the traffic's copy of it */
	struct traffic_limits limits;

	struct waiting waiting[JIG_WAITING_MAX];
	size_t n_waiting;
	struct heard heard[JIG_HEARD_MAX];
	size_t n_heard;
	unsigned sent[CALL_RIGHTS + 1], forgets, cancels, news;
	uint64_t cancelled; /* the last ticket */
	/* First letters of the names, in the order of going out. */
	char order[300];
	bool quiet; /* keep no values */
};

/* Limits so wide that only hosts and tokens hold anything up. */
void jig_start(struct jig *g, uint64_t seed);
void jig_stop(struct jig *g);

void jig_question(struct question *q, const char *name, uint64_t id);
/* A vault of this name with the jig's credential. */
struct end *jig_vault(struct jig *g, const char *name);
struct end *jig_subscription(struct jig *g);
/* Ask for a key; urgency: seconds from the start to its deadline.  Nothing
 * goes out before the next event. */
void jig_ask(struct jig *g, struct question *q, struct end *end,
	     int64_t urgency);
/* The same question once more. */
void jig_again(struct jig *g, struct question *q);

void jig_errands(struct jig *g);
void jig_drain(struct jig *g);		  /* values and errands */
void jig_tick(struct jig *g);		  /* an event without time */
void jig_step(struct jig *g, int64_t ms); /* one tick so much later */
void jig_pass(struct jig *g, int64_t ms); /* time passes, wake by wake */

/* A call that waits, of this question or token audience; NULL. */
struct waiting *jig_find(struct jig *g, const char *name);
unsigned jig_out(const struct jig *g); /* waiting calls, tokens left aside */

/* A reply to the call: a good one over HTTP/2, which may be changed. */
struct reply jig_reply(const struct jig *g, const struct waiting *w);
void jig_fault(struct reply *r, enum fault_kind kind, int code);
void jig_put(struct jig *g, struct waiting *w, const struct reply *r);
/* The same by name (a NULL call fails the test). */
void jig_good(struct jig *g, const char *name);
void jig_fail(struct jig *g, const char *name, enum fault_kind kind, int code);
void jig_unreached(struct jig *g, const char *name); /* no connection */
void jig_silent(struct jig *g, const char *name);    /* sent, no answer */
/* Tokens that are asked for come, and live so long. */
void jig_tokens(struct jig *g, int64_t life);
/* Its vault is proven and its token there, by a question that was answered;
 * then nothing is under way. */
void jig_prove(struct jig *g, struct end *end);

/* How often a value of this kind was heard; q: NULL of any. */
unsigned jig_heard(const struct jig *g, enum value_kind kind,
		   const struct question *q);

#endif

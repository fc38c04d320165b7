/*
 * job: something that is timed, asked and answered; the top of traffic/.
 *
 * The way of a question: a token, room at the host and a flight, still true?,
 * the budget, out.  An event goes in at job_tick or job_landed.  Then:
 *
 *	while (job_next(t, &value))
 *		hand it to its owner
 *	while (job_errand(t, &errand))
 *		carry it out
 *
 * A job is at rest (timed or not) or on its way.  Each job has a stream of
 * random numbers of its own, so that the order of calls changes nothing
 * elsewhere.
 *
 * This is all that those above traffic/ call.  job.c is one job, job_ask.c how
 * its question gets on its way, job_token.c the token it may wait for,
 * job_way.c what lets it out, job_answer.c and job_token_answer.c what comes
 * of it, job_when.c when that will be, and job_value.c, on top, takes events
 * and hands out values.
 */
#ifndef KEYROTD_TRAFFIC_JOB_H
#define KEYROTD_TRAFFIC_JOB_H

#include "traffic/traffic.h"

/* ---- the whole (job_value.c) ---- */

/* An empty traffic: world is handed to the questions of struct job_kind,
 * seed is of all random numbers.  end_cloud and job_limits come next. */
void job_traffic_init(struct traffic *t, const void *world, uint64_t seed,
		      struct instant now);
/* No job may be left but at rest and not timed. */
void job_traffic_free(struct traffic *t);

/* ---- one job (job.c) ---- */

/* id: what the job's random numbers hang on. */
void job_init(struct job *j, const struct job_kind *kind, void *owner,
	      uint64_t id);
/* Run it at boot ms (in the past: with the next value; INT64_MAX: never),
 * and take it out of wherever it waits.  routine: after a stall it may be put
 * off a little, so that not everything runs at once. */
void job_at(struct traffic *t, struct job *j, int64_t boot, bool routine);
/* The same after a transient fault, in `delay` ms: woken early when its end
 * works again. */
void job_sleep(struct traffic *t, struct job *j, int64_t delay);
/* Take it out of everything; an answer on its way is dropped, and its transfer
 * ended unless it writes. */
void job_cancel(struct traffic *t, struct job *j);
/* Milliseconds that the rules prescribe after this fault of this job, which
 * counts as one more failure in a row.  deadline: Azure ms, or
 * BACKOFF_NO_DEADLINE. */
int64_t job_delay(struct traffic *t, struct job *j, const struct fault *f,
		  int64_t deadline);
/* A number of 0 .. below-1 from the job's own stream. */
int64_t job_random(struct traffic *t, struct job *j, int64_t below);
/* Azure's time now, ms since 1970. */
int64_t job_azure(const struct traffic *t);

/* ---- asking (job_ask.c) ---- */

/* Put the question as soon as may be.  j->urgency counts, as far as it is
 * within an hour from now: who waits is never passed by for longer. */
void job_ask(struct traffic *t, struct job *j, enum call_kind ask,
	     struct end *end, enum end_lane lane);
/* The same, at once after its last answer and because of it: it goes before
 * what was asked after its last question, or it would wait twice for one turn.
 */
void job_ask_on(struct traffic *t, struct job *j, enum call_kind ask,
		struct end *end, enum end_lane lane);
/* The same as job_ask, but not with a token that is at hand: one is asked for,
 * and who else uses the old one goes on with it.  When none can be had, that is
 * told as VALUE_NO_TOKEN also while the old one serves. */
void job_ask_fresh(struct traffic *t, struct job *j, enum call_kind ask,
		   struct end *end, enum end_lane lane);
/* Put a question that takes no token, and no budget, to a host alone. */
void job_ask_host(struct traffic *t, struct job *j, enum call_kind ask,
		  struct host *host);
/* Its questions go to this end from now on.  What waits for the old one, or is
 * under way and only reads, is put anew (reload), and what the old one told or
 * refused is nothing to the new one.  False: it rests, timed or not; then what
 * is told of its next question goes by the new end's token and budget. */
bool job_rebind(struct traffic *t, struct job *j, struct end *end);
/* The cloud has changed (end_cloud): whatever waits starts anew, and tokens
 * that are still asked for at the old one are taken back. */
void job_reroute(struct traffic *t);

/* ---- tokens (job_token.c) ---- */

/* Nothing of former failures stands in the way: failed tokens are asked for
 * again at once, and what nobody waits for is taken back (reload). */
void job_retry_tokens(struct traffic *t);
/* The same for one token (NULL is fine), because a person says so, but not
 * before the time that a server told; true when its back-off ends by that. */
bool job_hurry_token(struct traffic *t, struct token *k);

/* ---- the way out (job_way.c) ---- */

/* New limits count at once (reload), also for what waits for its budget. */
void job_limits(struct traffic *t, const struct traffic_limits *l);
/* The last gate: may the question with this ticket still go out? */
bool job_still(const struct traffic *t, uint64_t ticket, struct instant now);

/* ---- when it goes out (job_when.c) ---- */

/* Boot ms until which the job waits because a server said so, with a
 * Retry-After to its own question, to its token's, or to its end's; -1: for
 * no such reason. */
int64_t job_told_until(const struct traffic *t, const struct job *j);
/* Boot ms at which a question that is put at boot ms `at` goes out, by what a
 * server has told, by its end's budget and by its token. */
int64_t job_asked_at(const struct traffic *t, const struct job *j, int64_t at);
/* Boot ms, now or later, at which its next question goes out, as far as its
 * timer, its token and its budget tell; INT64_MAX: it has none to come.  One
 * that waits for its token goes when that is asked for. */
int64_t job_next_at(const struct traffic *t, const struct job *j);

/* ---- events and values (job_value.c) ---- */

/* Time has come, or may have. */
void job_tick(struct traffic *t, struct instant now);
/* An answer; one with an unknown ticket is dropped.  *r is borrowed until
 * job_next was asked for its first value. */
void job_landed(struct traffic *t, const struct reply *r, struct instant now);
/* The next value; false: there is none, and what could go out is on its way. */
bool job_next(struct traffic *t, struct value *v);
/* The next thing to carry out; false: none. */
bool job_errand(struct traffic *t, struct errand *x);
/* Boot ms of the next job_tick that matters; INT64_MAX: none. */
int64_t job_wake(const struct traffic *t);

#endif

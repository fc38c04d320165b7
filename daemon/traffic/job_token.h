/*
 * job_token: a token's life from wanted to thrown away, and who waits for it.
 *
 * A token is asked for by a job of its own, when somebody needs it.  All that
 * go to an end pass here first, and wait in token.waiters while there is none.
 */
#ifndef KEYROTD_TRAFFIC_JOB_TOKEN_H
#define KEYROTD_TRAFFIC_JOB_TOKEN_H

#include "traffic/traffic.h"

/* It is a token's own job. */
bool job_is_token(const struct job *j);
/* It is there, and not over. */
bool job_token_usable(const struct traffic *t, const struct token *k);
/* Put its question, or time it when a server has told until when to wait.
 * Its job has been made. */
void job_token_ask(struct traffic *t, struct token *k);
/* True when the job has to wait for its token; it does so from here on, or
 * rests and is timed when there is no room for one. */
bool job_token_wait(struct traffic *t, struct job *j);
/* A job at rest on its way, or on it again: to its token, or past it to the
 * queue of its host. */
void job_queue_up(struct traffic *t, struct job *j);
/* It has come: who waits for it goes on. */
void job_token_wake(struct traffic *t, struct token *k);
/* The end has another token than k: who of it waits for k waits for that. */
void job_token_wait_anew(struct traffic *t, struct end *end, struct token *k);
/* A 401 has refused it.  claims: to be asked for with; NULL: none.  False:
 * another one was asked for a moment ago, and it stays. */
bool job_token_throw_away(struct traffic *t, struct token *k,
			  const char *claims);
/* Another cloud: nothing that the old one said of it counts. */
void job_token_anew(struct traffic *t, struct token *k);

#endif

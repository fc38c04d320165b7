/*
 * job_token_answer: what came of asking for a token, and what follows for
 * those who wait for it.
 */
#ifndef KEYROTD_TRAFFIC_JOB_TOKEN_ANSWER_H
#define KEYROTD_TRAFFIC_JOB_TOKEN_ANSWER_H

#include "traffic/traffic.h"

/* It has come with this answer.  sent: boot ms at which it was asked for. */
void job_token_good(struct traffic *t, struct token *k, const struct reply *r,
		    int64_t sent);
/* It has not: asked again after a back-off, and told where that is news. */
void job_token_bad(struct traffic *t, struct token *k,
		   const struct fault *told);
/* A token for this audience was refused the end for good, a moment ago. */
bool job_token_in_vain(struct traffic *t, const struct end *end,
		       const char *audience);

#endif

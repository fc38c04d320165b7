/*
 * end: the far ends.  A host with a credential: which audience its tokens are
 * for, which token serves it, and its budgets.
 *
 * Ends, places of tokens and copies of credentials live as long as the traffic,
 * so that questions under way outlive a reload.  The place of a token that
 * nobody needs any more is given to another.
 */
#ifndef KEYROTD_TRAFFIC_END_H
#define KEYROTD_TRAFFIC_END_H

#include "traffic/traffic.h"

/* Our own copy of this credential, found or made. */
const struct credential *end_credential(struct traffic *t,
					const struct credential *c);
/* Found or made.  c: from end_credential; host: of a vault, a port may
 * follow; subscription: its id. */
struct end *end_vault(struct traffic *t, const char *host,
		      const struct credential *c);
struct end *end_subscription(struct traffic *t, const char *subscription,
			     const struct credential *c);
/* host: a storage account's, of its blobs or of its queues; a port may follow.
 * Its budgets are its own, and wide: it bears hundreds of calls a second. */
struct end *end_storage(struct traffic *t, const char *host,
			const struct credential *c);
/* The token for this credential and audience; NULL: the table is full. */
struct token *end_token(struct traffic *t, const struct credential *c,
			const char *audience);
/* This end's, found or made when it has none; NULL: the table is full. */
struct token *end_has_token(struct traffic *t, struct end *end);
/* Nobody waits for this token, its job is at rest, and no call goes by it: its
 * place is another one's with the next end_token.  end_leave_vacant then says
 * so to the ends of all that were vacated. */
void end_vacate(struct token *k);
void end_leave_vacant(struct traffic *t);
/* Put new limits in force; see job_limits. */
void end_limits(struct traffic *t, const struct traffic_limits *l);
/* The cloud is `cloud` from now on (borrowed, until the next call).  other: it
 * is not the same as before, so that no token of before is good. */
void end_cloud(struct traffic *t, const struct cloud *cloud, bool other);
/* A vault has named the audience that it takes tokens for. */
void end_audience(struct traffic *t, struct end *end, const char *audience);
/* It has named the tenant that its tokens have to be of.  False: it is of that
 * tenant already, or has named too many. */
bool end_tenant(struct traffic *t, struct end *end, const char *tenant);
/* Nothing has named a tenant so far, and the credential has none: only a
 * question without a token tells. */
bool end_is_blind(const struct end *end);
/* What a vault has named serves nothing: back to what is configured for it.
 * False: that is what it has. */
bool end_fall_back(struct traffic *t, struct end *end);
/* Learn from an answer to a question of this lane; true: the end works again
 * after an outage, and who sleeps for it may wake. */
bool end_learn(struct traffic *t, struct lane *l, const struct reply *r);
/* Wipe the secret of this token's slot. */
void end_forget(struct traffic *t, struct token *k);
void end_free(struct traffic *t);

/* Append something to carry out. */
struct errand *end_errand(struct traffic *t, enum errand_kind kind);

#endif

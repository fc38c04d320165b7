/*
 * reach: is there a way to a host at all?  A question without any token, to
 * which every answer in HTTP will do: a vault and Resource Manager answer it
 * with 401, as they answer everybody's first question (Microsoft,
 * "Authentication, requests and responses").  The two parts of CALL_REACH's
 * row in call.c.
 */
#ifndef KEYROTD_AZURE_REACH_H
#define KEYROTD_AZURE_REACH_H

#include "azure/call.h"
#include "base/json.h"

/* GET call->key of a vault, the registries of call->subscription, or what
 * call->url names: the cloud's authority, or a service of this host that hands
 * out tokens. */
bool reach_build(const struct cloud *cloud, const struct call *call,
		 const char *secret, int64_t wall_ms, struct exchange *x,
		 struct fault *f);

/* Fill r->reach from an answer of any status. */
void reach_read(const struct cloud *cloud, const struct call *call,
		const struct answer *a, const struct json *root, int64_t now_ms,
		struct reply *r);

#endif

/*
 * token_local: what the services of this host that hand out a managed
 * identity's tokens have in common.  No state.
 */
#ifndef KEYROTD_AZURE_TOKEN_LOCAL_H
#define KEYROTD_AZURE_TOKEN_LOCAL_H

#include "azure/call.h"
#include "azure/problem.h"

/*
 * Make *x the GET of a token: endpoint (a URL without a query), path after
 * it ("" for none), api-version, the audience as its resource, and the one id
 * that the credential names, a resource id under the name resource_word.
 * False, with *f, when the endpoint is no URL or all is too long; what it is
 * called there is in `service`.
 */
bool token_local_build(const struct call *call, const char *endpoint,
		       const char *path, const char *version,
		       const char *resource_word, const char *service,
		       struct exchange *x, struct fault *f);

/* Send the secret behind the words of a header; false, with *f, when it
 * cannot stand in a header line. */
bool token_local_prove(const struct call *call, const char *header,
		       const char *secret, struct exchange *x, struct fault *f);

/*
 * Hint at what an identity lacks that the service does not know: the one that
 * was named, or any when nobody was.  host: "this machine".
 */
void token_local_unknown(const struct call *call, const char *host,
			 struct problem *p);

/* A refusal that no waiting mends: about the identity or the
 * configuration. */
bool token_local_is_final(const struct problem *p);

#endif

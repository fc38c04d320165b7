/*
 * token_form: what the sources that ask Entra ID's token endpoint have in
 * common: its address, the form that is posted there, what a refusal means.
 */
#ifndef KEYROTD_AZURE_TOKEN_FORM_H
#define KEYROTD_AZURE_TOKEN_FORM_H

#include "azure/call.h"
#include "azure/problem.h"
#include "base/buf.h"

/* Append the token endpoint of the credential's tenant; false when the
 * authority is no https URL or the tenant is malformed. */
bool token_form_url(const struct cloud *cloud, const struct credential *c,
		    struct buf *out);

/*
 * Fill *x with the form of the client credentials flow.  With assertion the
 * proof is a signed token, else a client secret; false with *f FAULT_INVALID
 * when there is none, or it does not go into a form.
 * Sources: Microsoft, "Microsoft identity platform and the OAuth 2.0 client
 * credentials flow"; RFC 7523 section 2.2.
 */
bool token_form_build(const struct cloud *cloud, const struct call *call,
		      const char *proof, bool assertion, struct exchange *x,
		      struct fault *f);

/* The same with an assertion, whoever has signed it, as token.h's build. */
bool token_form_build_assertion(const struct cloud *cloud,
				const struct call *call, const char *secret,
				int64_t wall_ms, struct exchange *x,
				struct fault *f);

/* The kind of a refusal. */
void token_form_refine(const struct call *call, struct problem *p);

/* Say in p->words what to do, and where the credential's proof has to be put:
 * "<says> <its file>", or how else it comes to the daemon. */
void token_form_hint(const struct call *call, struct problem *p,
		     const char *says);

#endif

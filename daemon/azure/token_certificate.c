/*
 * Entra ID's token endpoint with an assertion that is signed by the key of a
 * certificate.
 * Source: Microsoft, "Microsoft identity platform application authentication
 * certificate credentials".
 */
#include <string.h>

#include "azure/assertion.h"
#include "azure/token.h"
#include "azure/token_form.h"
#include "azure/url.h"

static bool prove(const struct cloud *cloud, const struct credential *c,
		  const struct token_proof *proof, struct buf *out,
		  int64_t *ends_ms, struct fault *f)
{
	struct assertion_claims claims = { .client_id = c->client_id,
					   .id = proof->id,
					   .now_ms = proof->now_ms,
					   .algorithm = c->algorithm,
					   .send_chain = c->send_chain };
	struct assertion_validity v;
	struct buf audience;
	bool ok;

	buf_init(&audience, URL_MAX);
	ok = token_form_url(cloud, c, &audience) ||
	     fault_set(f, FAULT_INVALID, 0,
		       "its tenant or the authority is malformed");
	claims.audience = buf_str(&audience);
	ok = ok && assertion_sign(proof->text, proof->passphrase, &claims, out,
				  &v, f);
	if (ok)
		*ends_ms = v.not_after;
	buf_free(&audience);
	return ok;
}

/* With the refusal came the time at Azure, by which the next one is made. */
static void refine(const struct call *call, struct problem *p)
{
	token_form_refine(call, p);
	if (p->number == 700027 && strcasestr(p->message, "key was not found"))
		token_form_hint(call, p,
				"the certificate is not registered with the "
				"application: register it there, or put one "
				"that is into");
	else if (p->number == 700027 &&
		 strcasestr(p->message, "key used is expired"))
		token_form_hint(call, p,
				"the certificate has expired: register a new "
				"one with the application and put it, with its "
				"key, into");
	if (p->number != 700024)
		return;
	p->kind = FAULT_TRANSIENT;
	p->hint = "this host's clock is wrong, and the next assertion goes by "
		  "Azure's";
}

const struct token_source token_certificate_source = {
	.kind = CREDENTIAL_CLIENT_CERTIFICATE,
	.proof = "certificate",
	.prove = prove,
	.build = token_form_build_assertion,
	.refine = refine,
};

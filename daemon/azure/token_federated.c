/*
 * Entra ID's token endpoint with a token of another issuer that it trusts: a
 * workload of Kubernetes, of a pipeline, of another cloud.
 * Source: Microsoft, "Workload identity federation"; "Microsoft identity
 * platform and the OAuth 2.0 client credentials flow", third case.
 */
#include <string.h>

#include "azure/token.h"
#include "azure/token_form.h"

#define BASE64URL                                              \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" \
	"0123456789-_"

/* Three parts of base64url between two dots, RFC 7515 section 3.1. */
static bool is_jwt(const char *s, size_t len)
{
	size_t parts = 1, n = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '.' && n) {
			parts++;
			n = 0;
		} else if (strchr(BASE64URL, s[i])) {
			n++;
		} else {
			return false;
		}
	}
	return parts == 3 && n;
}

/* As Microsoft's own clients do it: what stands around it is no part of it. */
static bool prove(const struct cloud *cloud, const struct credential *c,
		  const struct token_proof *proof, struct buf *out,
		  int64_t *ends_ms, struct fault *f)
{
	static const char blank[] = " \t\r\n";
	const char *s = proof->text + strspn(proof->text, blank);
	size_t len = strcspn(s, blank);

	(void)cloud;
	(void)c;
	(void)ends_ms;
	if (s[len + strspn(s + len, blank)] || !is_jwt(s, len))
		return fault_set(f, FAULT_INVALID, 0,
				 "what stands there is no JSON web token");
	return buf_add(out, s, len) ||
	       fault_set(f, FAULT_INVALID, 0, "it is too long");
}

/* The token is not ours: what is wrong with it is mended where it is made. */
static void refine(const struct call *call, struct problem *p)
{
	token_form_refine(call, p);
	if (p->number == 700024)
		p->hint = "the federated token has expired or is not valid "
			  "yet: is its file still renewed, and is this host's "
			  "clock right?";
	else if (p->number == 70021 || p->number == 700211 ||
		 p->number == 700212 || p->number == 700213)
		p->hint = "no federated identity credential of the application "
			  "has the issuer, the subject and the audience of the "
			  "federated token: compare them";
	else if (p->number == 50012 || p->number == 700027 ||
		 p->number == 5001266)
		p->hint = "the signature of the federated token is not its "
			  "issuer's";
}

const struct token_source token_federated_source = {
	.kind = CREDENTIAL_WORKLOAD_IDENTITY,
	.proof = "federated token",
	.prove = prove,
	.build = token_form_build_assertion,
	.refine = refine,
};

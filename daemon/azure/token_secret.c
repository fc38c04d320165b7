/*
 * Entra ID's token endpoint with a client secret.
 * Source: Microsoft, "Microsoft identity platform and the OAuth 2.0 client
 * credentials flow".
 */
#include "azure/token.h"
#include "azure/token_form.h"

static bool build(const struct cloud *cloud, const struct call *call,
		  const char *secret, int64_t wall_ms, struct exchange *x,
		  struct fault *f)
{
	(void)wall_ms;
	return token_form_build(cloud, call, secret, false, x, f);
}

/* Its value and its id look much alike in the portal. */
static void refine(const struct call *call, struct problem *p)
{
	token_form_refine(call, p);
	if (p->number == 7000215)
		token_form_hint(call, p,
				"the client secret is wrong (its value is "
				"wanted, not its id): put the right one into");
	else if (p->number == 7000222)
		token_form_hint(call, p,
				"the client secret has expired: make a new one "
				"and put it into");
}

const struct token_source token_secret_source = {
	.kind = CREDENTIAL_CLIENT_SECRET,
	.build = build,
	.refine = refine,
};

/*
 * The instance metadata service of an Azure VM.
 * Source: Microsoft, "Use managed identities on a virtual machine to acquire
 * access token".
 */
#include <string.h>

#include "azure/token.h"
#include "azure/token_local.h"
#include "base/text.h"

#define PATH "/metadata/identity/oauth2/token"
#define UPDATE_MS 70000 /* an update of the service takes no longer */
#define PAUSE_MS 1000	/* it asks for as much after a 5xx */

static bool build(const struct cloud *cloud, const struct call *call,
		  const char *secret, int64_t wall_ms, struct exchange *x,
		  struct fault *f)
{
	const char *own = call->credential->endpoint;

	(void)secret;
	(void)wall_ms;
	x->metadata = true;
	return token_local_build(call, own ? own : cloud->imds_endpoint, PATH,
				 "2018-02-01", "msi_res_id",
				 "the metadata service", x, f);
}

#define ABSENT                                                           \
	"no metadata service is there, so this host is no Azure VM, or " \
	"something keeps the daemon from it: a host that is none needs " \
	"another type of credential"

/* One code for several mistakes: only its words tell which. */
static void hint_identity(const struct call *call, struct problem *p)
{
	if (!text_same(p->code, "invalid_request"))
		return;
	if (strcasestr(p->message, "multiple user assigned identities"))
		p->hint = "name one with client-id in the credential block";
	else if (strcasestr(p->message, "identity not found"))
		token_local_unknown(call, "this machine", p);
}

/* 404 and 410 say that the service is being updated; other 4xx are about
 * the identity or the configuration. */
static void refine(const struct call *call, struct problem *p)
{
	if (p->status == 404 || p->status == 410) {
		p->kind = FAULT_TRANSIENT;
		p->heals_ms = UPDATE_MS;
		/* Who is no Azure VM may have a service there that knows no
		 * such path. */
		p->hint = p->status == 410
				  ? "the metadata service is being updated"
				  : "the metadata service is being updated, "
				    "or this machine is no Azure VM";
		if (p->retry_after_ms > UPDATE_MS)
			p->retry_after_ms = UPDATE_MS;
	} else if (token_local_is_final(p)) {
		p->kind = FAULT_DENIED;
		hint_identity(call, p);
		/* What Docker Desktop says in its place. */
		if (p->status == 403 && strcasestr(p->message, "unreachable"))
			p->hint = ABSENT;
	} else if (p->status >= 500 && p->retry_after_ms < PAUSE_MS) {
		p->retry_after_ms = PAUSE_MS;
	}
}

const struct token_source token_imds_source = {
	.kind = CREDENTIAL_MANAGED_IDENTITY,
	.source = IDENTITY_IMDS,
	.prefers_expires_on = true,
	.build = build,
	.refine = refine,
	.absent = ABSENT,
};

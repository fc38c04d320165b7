/*
 * The endpoint that App Service, Functions and Container Apps give an app for
 * its managed identities.
 * Source: Microsoft, "How to use managed identities for App Service and Azure
 * Functions", section "REST endpoint reference".
 */
#include <string.h>

#include "azure/call_text.h"
#include "azure/token.h"
#include "azure/token_local.h"
#include "base/text.h"

static bool build(const struct cloud *cloud, const struct call *call,
		  const char *secret, int64_t wall_ms, struct exchange *x,
		  struct fault *f)
{
	const char *endpoint = call->credential->endpoint;

	(void)cloud;
	(void)wall_ms;
	if (!endpoint || !secret || !*secret) {
		call_fault(call, f, FAULT_INVALID, 0,
			   "IDENTITY_ENDPOINT and IDENTITY_HEADER are not in "
			   "the daemon's environment: either this is no app of "
			   "App Service, or its identity is switched off");
		return false;
	}
	return token_local_build(call, endpoint, "", "2019-08-01", "mi_res_id",
				 "App Service's identity endpoint", x, f) &&
	       token_local_prove(call, "X-IDENTITY-HEADER: ", secret, x, f);
}

static void refine(const struct call *call, struct problem *p)
{
	if (!token_local_is_final(p))
		return;
	p->kind = FAULT_DENIED;
	if (p->status == 401 || p->status == 403)
		p->hint = "App Service does not accept IDENTITY_HEADER, which "
			  "changes when the app is restarted: restart the "
			  "daemon too";
	else if (strcasestr(p->message, "managed identity"))
		token_local_unknown(call, "this app", p);
}

const struct token_source token_app_service_source = {
	.kind = CREDENTIAL_MANAGED_IDENTITY,
	.source = IDENTITY_APP_SERVICE,
	.prefers_expires_on = true,
	.build = build,
	.refine = refine,
	.absent = "IDENTITY_ENDPOINT leads nowhere: if the app has been "
		  "restarted, restart the daemon too",
};

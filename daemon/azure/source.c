/*
 * Finds the service that serves a managed identity's tokens by the signs that
 * each kind of host leaves in the environment.
 */
#include "azure/source.h"

#include <stdio.h>
#include <stdlib.h>

#include "azure/url.h"
#include "base/text.h"

#define ARC_ENDPOINT "http://127.0.0.1:40342/metadata/identity/oauth2/token"

static bool is_set(const char *s)
{
	return s && *s;
}

static void detect(struct credential *c, const struct source_signs *s)
{
	bool endpoint = is_set(s->identity_endpoint);

	if (endpoint && is_set(s->identity_header)) {
		bool fabric = is_set(s->identity_thumbprint);

		c->source = fabric ? IDENTITY_FABRIC : IDENTITY_APP_SERVICE;
		c->source_why = "IDENTITY_ENDPOINT and IDENTITY_HEADER are set";
	} else if (endpoint && is_set(s->imds_endpoint)) {
		c->source = IDENTITY_ARC;
		c->source_why = "IDENTITY_ENDPOINT and IMDS_ENDPOINT are set";
	} else if (s->arc_agent) {
		c->source = IDENTITY_ARC;
		c->source_why = SOURCE_ARC_AGENT " is there";
	} else {
		c->source = IDENTITY_IMDS;
		c->source_why = "nothing points to App Service or Azure Arc";
	}
}

/* Where the source that was taken answers; NULL: not known, or for the
 * metadata service the cloud's. */
static const char *endpoint_of(const struct credential *c,
			       const struct cloud *cloud,
			       const struct source_signs *s)
{
	switch (c->source) {
	case IDENTITY_APP_SERVICE:
		return is_set(s->identity_header) ? s->identity_endpoint : NULL;
	case IDENTITY_ARC:
		/* With a header it would be App Service's. */
		return is_set(s->identity_endpoint) &&
				       !is_set(s->identity_header)
			       ? s->identity_endpoint
			       : ARC_ENDPOINT;
	case IDENTITY_IMDS:
		/* What the file says goes before the environment. */
		return is_set(s->pod_authority) &&
				       text_same(cloud->imds_endpoint,
						 CLOUD_IMDS)
			       ? s->pod_authority
			       : NULL;
	default:
		return NULL;
	}
}

void source_settle(struct credential *c, const struct cloud *cloud,
		   const struct source_signs *signs)
{
	if (c->kind != CREDENTIAL_MANAGED_IDENTITY)
		return;
	if (c->source == IDENTITY_AUTO)
		detect(c, signs);
	free(c->endpoint);
	c->endpoint = text_dup(endpoint_of(c, cloud, signs));
}

bool source_check(const struct credential *c, struct fault *why)
{
	if (!c->endpoint || url_is_base(c->endpoint))
		return true;
	return fault_set(
		why, FAULT_INVALID, 0,
		"credential \"%s\" gets its tokens at the address in %s "
		"of the environment, and that is none: it must be an "
		"http:// or https:// URL without \"?\" and \"#\".",
		c->name,
		c->source == IDENTITY_IMDS ? "AZURE_POD_IDENTITY_AUTHORITY_HOST"
					   : "IDENTITY_ENDPOINT");
}

void source_describe(const struct credential *c, const struct cloud *cloud,
		     char *dst, size_t size)
{
	static const char *const names[] = {
		[IDENTITY_AUTO] = "the instance metadata service",
		[IDENTITY_IMDS] = "the instance metadata service",
		[IDENTITY_APP_SERVICE] = "App Service",
		[IDENTITY_ARC] = "the Azure Arc agent",
		[IDENTITY_FABRIC] = "Service Fabric",
	};
	const char *at = c->endpoint;

	if (!at && c->source <= IDENTITY_IMDS)
		at = cloud->imds_endpoint;
	snprintf(dst, size,
		 "Credential \"%s\" gets its tokens from %s at %s (%s).",
		 c->name, names[c->source], at ? at : "an unknown address",
		 c->source_why ? c->source_why : "the option source says so");
}

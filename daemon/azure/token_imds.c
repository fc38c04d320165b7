/*
 * The instance metadata service of an Azure VM.
 * Source: Microsoft, "Use managed identities on a virtual machine to acquire
 * access token".
 */
#include <stdlib.h>
#include <string.h>

#include "azure/call_text.h"
#include "azure/token.h"
#include "azure/url.h"
#include "base/text.h"

#define PATH "/metadata/identity/oauth2/token?api-version=2018-02-01&resource="
#define UPDATE_MS 70000 /* an update of the service takes no longer */

static bool add_identity(struct buf *b, const struct credential *c)
{
	const struct {
		const char *name, *value;
	} ids[] = {
		{ "&client_id=", c->client_id },
		{ "&object_id=", c->object_id },
		{ "&msi_res_id=", c->resource_id },
	};

	/* Exactly one may be given. */
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (ids[i].value && ids[i].value[0])
			return buf_puts(b, ids[i].name) &&
			       url_add_encoded(b, ids[i].value,
					       strlen(ids[i].value));
	}
	return true;
}

static bool build(const struct cloud *cloud, const struct call *call,
		  const char *secret, int64_t wall_ms, struct exchange *x,
		  struct fault *f)
{
	struct url_parts u;
	struct buf url;

	(void)secret;
	(void)wall_ms;
	buf_init(&url, URL_MAX);
	x->method = "GET";
	x->metadata = true;
	if (url_split(&u, cloud->imds_endpoint) &&
	    url_add_base(&url, cloud->imds_endpoint) && buf_puts(&url, PATH) &&
	    url_add_encoded(&url, call->audience, strlen(call->audience)) &&
	    add_identity(&url, call->credential)) {
		x->url = url_take(&url);
		return true;
	}
	buf_free(&url);
	call_fault(call, f, FAULT_INVALID, 0,
		   "the metadata service's address "
		   "is no URL, or the identity is too long");
	return false;
}

/* One code for several mistakes: only its words tell which. */
static const char *identity_hint(const struct problem *p)
{
	if (!text_same(p->code, "invalid_request"))
		return NULL;
	if (strcasestr(p->message, "multiple user assigned identities"))
		return "name one with client-id in the credential block";
	if (strcasestr(p->message, "identity not found"))
		return "is the identity assigned to this machine?";
	return NULL;
}

/* 404 and 410 say that the service is being updated; other 4xx are about
 * the identity or the configuration. */
static void refine(struct problem *p)
{
	if (p->status == 404 || p->status == 410) {
		p->kind = FAULT_TRANSIENT;
		/* Who is no Azure VM may have a service there that knows no
		 * such path. */
		p->hint = p->status == 410
				  ? "the metadata service is being updated"
				  : "the metadata service is being updated, "
				    "or this machine is no Azure VM";
		if (p->retry_after_ms > UPDATE_MS)
			p->retry_after_ms = UPDATE_MS;
	} else if (p->status >= 400 && p->status < 500 && p->status != 408 &&
		   p->status != 429) {
		p->kind = FAULT_DENIED;
		p->hint = identity_hint(p);
	}
}

const struct token_source token_imds_source = {
	.kind = CREDENTIAL_MANAGED_IDENTITY,
	.prefers_expires_on = true,
	.build = build,
	.refine = refine,
};

/*
 * Entra ID's token endpoint with a client secret.
 * Source: Microsoft, "Microsoft identity platform and the OAuth 2.0 client
 * credentials flow"; "Microsoft Entra authentication and authorization error
 * codes".
 */
#include <stdlib.h>
#include <string.h>

#include "azure/call_text.h"
#include "azure/token.h"
#include "azure/url.h"
#include "base/text.h"

#define BODY_MAX 16384

static bool add_field(struct buf *b, const char *name, const char *value)
{
	return buf_puts(b, b->len ? "&" : "") && buf_puts(b, name) &&
	       buf_puts(b, "=") && url_add_encoded(b, value, strlen(value));
}

/* The audience goes in as it is: one that ends in a slash makes a double
 * slash, and Entra wants it so. */
static bool add_body(const struct call *call, const char *secret, struct buf *b)
{
	return add_field(b, "client_id", call->credential->client_id) &&
	       add_field(b, "scope", call->audience) &&
	       url_add_encoded(b, "/.default", 9) &&
	       add_field(b, "grant_type", "client_credentials") &&
	       (!call->claims || add_field(b, "claims", call->claims)) &&
	       add_field(b, "client_secret", secret);
}

/* A GUID or a domain name; anything else would change the URL's path. */
static bool tenant_ok(const char *s)
{
	return s && *s &&
	       strspn(s, "0123456789abcdefghijklmnopqrstuvwxyz"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ.-") == strlen(s) &&
	       !strstr(s, "..");
}

static bool add_url(const struct cloud *cloud, const char *tenant,
		    struct buf *b)
{
	struct url_parts u;

	return url_split(&u, cloud->authority) && u.https &&
	       url_add_base(b, cloud->authority) && buf_puts(b, "/") &&
	       buf_puts(b, tenant) && buf_puts(b, "/oauth2/v2.0/token");
}

static bool wrong(const struct call *call, struct fault *f, const char *what)
{
	call_fault(call, f, FAULT_INVALID, 0, "%s", what);
	return false;
}

static bool build(const struct cloud *cloud, const struct call *call,
		  const char *secret, int64_t wall_ms, struct exchange *x,
		  struct fault *f)
{
	struct buf url, body;

	(void)wall_ms;
	if (!secret || !*secret)
		return wrong(call, f, "the client secret is empty");
	if (!call->credential->client_id ||
	    !tenant_ok(call->credential->tenant))
		return wrong(call, f,
			     "its client id or its tenant is missing "
			     "or malformed");
	buf_init(&url, URL_MAX);
	buf_init(&body, BODY_MAX);
	x->method = "POST";
	x->content_type = "application/x-www-form-urlencoded";
	if (add_url(cloud, call->credential->tenant, &url) &&
	    add_body(call, secret, &body)) {
		x->url = url_take(&url);
		x->body = url_take(&body);
		return true;
	}
	buf_free(&url);
	buf_wipe(&body);
	return wrong(call, f,
		     "the authority is no https URL, or the secret "
		     "is too long");
}

static bool is_passing(const struct problem *p)
{
	return text_same(p->code, "temporarily_unavailable") ||
	       p->number == 90006 || p->number == 90012 || p->number == 90024;
}

/* No token was asked for with a token: a 401 here is about the secret, and
 * only a person can mend it. */
static void refine(struct problem *p)
{
	if (p->status < 400 || p->status >= 500 || p->status == 408 ||
	    p->status == 429)
		return;
	p->kind = is_passing(p) ? FAULT_TRANSIENT : FAULT_DENIED;
}

const struct token_source token_secret_source = {
	.kind = CREDENTIAL_CLIENT_SECRET,
	.build = build,
	.refine = refine,
};

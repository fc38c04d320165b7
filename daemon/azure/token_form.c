/*
 * The form of the client credentials flow, with whichever proof, and what
 * Entra ID means when it refuses it.
 * Source: Microsoft, "Microsoft identity platform and the OAuth 2.0 client
 * credentials flow"; "Microsoft Entra authentication and authorization error
 * codes".
 */
#include "azure/token_form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azure/assertion.h"
#include "azure/call_text.h"
#include "azure/capability.h"
#include "azure/url.h"
#include "base/text.h"

#define BODY_MAX 16384 /* bytes, besides an assertion */

static bool add_field(struct buf *b, const char *name, const char *value)
{
	return buf_puts(b, b->len ? "&" : "") && buf_puts(b, name) &&
	       buf_puts(b, "=") && url_add_encoded(b, value, strlen(value));
}

static bool add_proof(struct buf *b, const char *proof, bool assertion)
{
	if (!assertion)
		return add_field(b, "client_secret", proof);
	return add_field(b, "client_assertion_type",
			 "urn:ietf:params:oauth:client-assertion-type:"
			 "jwt-bearer") &&
	       add_field(b, "client_assertion", proof);
}

static bool add_claims(struct buf *b, const char *challenge)
{
	char *claims = capability_claims(challenge);
	bool ok = add_field(b, "claims", claims);

	free(claims);
	return ok;
}

/* The audience goes in as it is: one that ends in a slash makes a double
 * slash, and Entra wants it so. */
static bool add_body(const struct call *call, const char *proof, bool assertion,
		     struct buf *b)
{
	return add_field(b, "client_id", call->credential->client_id) &&
	       add_field(b, "scope", call->audience) &&
	       url_add_encoded(b, "/.default", 9) &&
	       add_field(b, "grant_type", "client_credentials") &&
	       add_claims(b, call->claims) && add_proof(b, proof, assertion);
}

/* A GUID or a domain name; anything else would change the URL's path. */
static bool tenant_ok(const char *s)
{
	return s && *s &&
	       strspn(s, "0123456789abcdefghijklmnopqrstuvwxyz"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ.-") == strlen(s) &&
	       !strstr(s, "..");
}

bool token_form_url(const struct cloud *cloud, const struct credential *c,
		    struct buf *out)
{
	struct url_parts u;

	return tenant_ok(c->tenant) && url_split(&u, cloud->authority) &&
	       u.https && url_add_base(out, cloud->authority) &&
	       buf_puts(out, "/") && buf_puts(out, c->tenant) &&
	       buf_puts(out, "/oauth2/v2.0/token");
}

static bool wrong(const struct call *call, struct fault *f, const char *what)
{
	call_fault(call, f, FAULT_INVALID, 0, "%s", what);
	return false;
}

bool token_form_build(const struct cloud *cloud, const struct call *call,
		      const char *proof, bool assertion, struct exchange *x,
		      struct fault *f)
{
	const struct credential *c = call->credential;
	struct buf url, body;

	if (!proof || !*proof)
		return wrong(call, f,
			     assertion ? "there is no client assertion"
				       : "the client secret is empty");
	if (!c->client_id || !tenant_ok(c->tenant))
		return wrong(call, f,
			     "its client id or its tenant is missing "
			     "or malformed");
	buf_init(&url, URL_MAX);
	buf_init(&body, BODY_MAX + (assertion ? ASSERTION_MAX : 0));
	x->method = "POST";
	x->content_type = "application/x-www-form-urlencoded";
	if (token_form_url(cloud, c, &url) &&
	    add_body(call, proof, assertion, &body)) {
		x->url = url_take(&url);
		x->body = url_take(&body);
		return true;
	}
	buf_free(&url);
	buf_wipe(&body);
	return wrong(call, f,
		     assertion ? "the authority is no https URL, or the "
				 "assertion is too long"
			       : "the authority is no https URL, or the secret "
				 "is too long");
}

bool token_form_build_assertion(const struct cloud *cloud,
				const struct call *call, const char *secret,
				int64_t wall_ms, struct exchange *x,
				struct fault *f)
{
	(void)wall_ms;
	return token_form_build(cloud, call, secret, true, x, f);
}

static bool is_passing(const struct problem *p)
{
	return text_same(p->code, "temporarily_unavailable") ||
	       p->number == 90006 || p->number == 90012 || p->number == 90024;
}

/* No token was asked for with a token: a 401 here is about the proof, and
 * only a person can mend it. */
void token_form_refine(const struct call *call, struct problem *p)
{
	(void)call;
	if (p->status < 400 || p->status >= 500 || p->status == 408 ||
	    p->status == 429)
		return;
	p->kind = is_passing(p) ? FAULT_TRANSIENT : FAULT_DENIED;
}

void token_form_hint(const struct call *call, struct problem *p,
		     const char *says)
{
	static const struct {
		const char *prefix, *before, *after;
	} places[] = {
		/* systemd.exec(5): these are copies, made at the start. */
		{ "credential:", "the service's credential ",
		  ", and restart the daemon" },
		{ "environment:", "the variable ", ", and restart the daemon" },
		{ "", "", "" },
	};
	const char *place = call->credential->secret_file;
	size_t i = 0;

	if (!place)
		return;
	while (strncmp(place, places[i].prefix, strlen(places[i].prefix)))
		i++;
	snprintf(p->words, sizeof(p->words), "%s %s%.100s%s", says,
		 places[i].before, place + strlen(places[i].prefix),
		 places[i].after);
	p->hint = p->words;
}

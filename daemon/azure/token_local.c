/*
 * Asking a service of this host for a managed identity's token: the same
 * question to all of them, but for small words.
 */
#include "azure/token_local.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azure/call_text.h"
#include "azure/url.h"
#include "base/text.h"

#define PROOF_MAX 8192 /* bytes */

static bool add_identity(struct buf *b, const struct credential *c,
			 const char *resource_word)
{
	const struct {
		const char *name, *value;
	} ids[] = {
		{ "client_id", c->client_id },
		{ "object_id", c->object_id },
		{ resource_word, c->resource_id },
	};

	/* Exactly one may be given. */
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (ids[i].value && ids[i].value[0])
			return buf_puts(b, "&") && buf_puts(b, ids[i].name) &&
			       buf_puts(b, "=") &&
			       url_add_encoded(b, ids[i].value,
					       strlen(ids[i].value));
	}
	return true;
}

bool token_local_build(const struct call *call, const char *endpoint,
		       const char *path, const char *version,
		       const char *resource_word, const char *service,
		       struct exchange *x, struct fault *f)
{
	struct buf url;

	buf_init(&url, URL_MAX);
	x->method = "GET";
	x->local = true;
	/* Nothing may stand behind its path: the query is ours. */
	if (url_is_base(endpoint) && url_add_base(&url, endpoint) &&
	    buf_puts(&url, path) && buf_puts(&url, "?api-version=") &&
	    buf_puts(&url, version) && buf_puts(&url, "&resource=") &&
	    url_add_encoded(&url, call->audience, strlen(call->audience)) &&
	    add_identity(&url, call->credential, resource_word)) {
		x->url = url_take(&url);
		return true;
	}
	buf_free(&url);
	call_fault(call, f, FAULT_INVALID, 0,
		   "the address of %s is no URL, or the identity is too long",
		   service);
	return false;
}

bool token_local_prove(const struct call *call, const char *header,
		       const char *secret, struct exchange *x, struct fault *f)
{
	size_t len = 0;

	while (secret[len] > ' ' && secret[len] < 0x7f && len <= PROOF_MAX)
		len++;
	if (!len || len > PROOF_MAX || secret[len]) {
		call_fault(call, f, FAULT_INVALID, 0,
			   "what it has to prove itself with is empty, too "
			   "long or no plain text");
		return false;
	}
	x->proof_name = header;
	x->proof = text_dup(secret);
	return true;
}

/* The option that names the identity; NULL: none does. */
static const char *naming(const struct credential *c)
{
	if (c->client_id && c->client_id[0])
		return c->environment ? "AZURE_CLIENT_ID" : "client-id";
	if (c->object_id && c->object_id[0])
		return "object-id";
	return c->resource_id && c->resource_id[0] ? "resource-id" : NULL;
}

void token_local_unknown(const struct call *call, const char *host,
			 struct problem *p)
{
	const char *option = naming(call->credential);

	if (option)
		snprintf(p->words, sizeof(p->words),
			 "the identity that %s names is not assigned to %s: "
			 "assign it, or correct %s",
			 option, host, option);
	else
		snprintf(p->words, sizeof(p->words),
			 "%s has no identity of its own: switch its "
			 "system-assigned identity on, or name a user-assigned "
			 "one with client-id",
			 host);
	p->hint = p->words;
}

bool token_local_is_final(const struct problem *p)
{
	return p->status >= 400 && p->status < 500 && p->status != 408 &&
	       p->status != 429;
}

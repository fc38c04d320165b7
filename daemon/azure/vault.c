/*
 * Reads one version of a key and judges what Key Vault says about it;
 * follows a vault's wish for another audience only within its own domain.
 */
#include "azure/vault.h"

#include <stdlib.h>
#include <string.h>

#include "azure/base64url.h"
#include "azure/call_text.h"
#include "azure/challenge.h"
#include "azure/key_answer.h"
#include "azure/unauthorized.h"
#include "azure/url.h"
#include "base/text.h"

#define ANSWER_MAX (128 * 1024)
#define MODULUS_MAX 4096 /* bytes: RSA of 32,768 bits */

bool vault_is_ours(const struct cloud *cloud, const struct call *call,
		   struct fault *f)
{
	if (cloud_has_vault(cloud, call->key.host))
		return true;
	call_fault(call, f, FAULT_INVALID, 0,
		   "%s is no vault of the "
		   "configured cloud",
		   call->key.host);
	return false;
}

bool vault_build(const struct cloud *cloud, const struct call *call,
		 const char *secret, int64_t wall_ms, struct exchange *x,
		 struct fault *f)
{
	char key[KEYID_TEXT_MAX];

	(void)secret;
	(void)wall_ms;
	if (!vault_is_ours(cloud, call, f))
		return false;
	keyid_print(&call->key, key, sizeof(key));
	exchange_get(
		x,
		text_printf("%s?api-version=%s", key, cloud->vault_api_version),
		ANSWER_MAX);
	return true;
}

/*
 * The bits of an RSA modulus (RFC 7518 section 6.3.1.1: base64url, big
 * endian, without leading zero bytes, which some producers add all the
 * same); 0 when it is none.
 */
static int modulus_bits(const char *s)
{
	size_t len = s ? strcspn(s, "=") : 0, bytes = len * 6 / 8;
	size_t zeros = 0, most;

	if (len % 4 == 1 || bytes > MODULUS_MAX ||
	    base64url_length(s, len) < len)
		return 0;
	/* Its bits are 0 up to the first letter that is not "A". */
	while (zeros < len && s[zeros] == 'A')
		zeros++;
	most = zeros * 6;
	for (int six = zeros < len ? base64url_digit(s[zeros]) : 0x20;
	     !(six & 0x20); six <<= 1)
		most++;
	zeros = most / 8 < bytes ? most / 8 : bytes;
	return (int)(bytes - zeros) * 8;
}

void vault_read(const struct cloud *cloud, const struct call *call,
		const struct answer *a, const struct json *root, int64_t now_ms,
		struct reply *r)
{
	const struct json *key = json_get(root, "key");
	const char *wrong;

	(void)cloud;
	(void)now_ms;
	wrong = key_answer_about(call, json_get_str(key, "kid"), &r->key);
	if (!wrong)
		wrong = key_answer_attributes(json_get(root, "attributes"),
					      &r->key);
	if (wrong) {
		call_fault(call, &r->fault, FAULT_INVALID, a->status, "%s",
			   wrong);
		return;
	}
	key_answer_uses(json_get_str(key, "kty"), json_get(key, "key_ops"),
			&r->key);
	if (r->key.rsa)
		r->key.bits = modulus_bits(json_get_str(key, "n"));
}

/* What the challenge wants a token for: "resource", or "scope" (the first,
 * if there are several) without its "/.default". */
static bool wanted_audience(const struct challenge *c, char *dst, size_t size)
{
	static const char suffix[] = "/.default";
	const char *from = c->resource[0] ? c->resource : c->scope;
	char text[CHALLENGE_VALUE_MAX], *host;

	text_copy(text, sizeof(text), from);
	if (!c->resource[0]) {
		text[strcspn(text, " ")] = '\0';
		if (text_suffix(text, suffix))
			text[strlen(text) - strlen(suffix)] = '\0';
	}
	if (!url_is_clean(text))
		return false;
	/* Scheme and host are what it is about. */
	host = strstr(text, "://");
	if (host)
		host[3 + strcspn(host + 3, "/?#")] = '\0';
	return text_copy(dst, size, text);
}

static void read_challenge(const struct call *call, const struct answer *a,
			   struct problem *p, struct reply *r)
{
	const char *header = a->headers[ANSWER_WWW_AUTHENTICATE];
	char audience[CALL_AUDIENCE_MAX];
	struct challenge c;

	if (!header || !challenge_parse(&c, header))
		return;
	unauthorized_read(call, &c, p, r);
	if (!c.resource[0] && !c.scope[0])
		return;
	if (wanted_audience(&c, audience, sizeof(audience)) &&
	    cloud_resource_fits(audience, call->key.host)) {
		text_copy(r->challenge_audience, sizeof(r->challenge_audience),
			  audience);
		return;
	}
	r->challenge_tenant[0] = '\0';
	/* Whoever answers there wants a token that is good elsewhere. */
	p->kind = FAULT_DENIED;
	p->hint = "the vault asks for a token for another service than its "
		  "own host; none was sent (see "
		  "https://aka.ms/azsdk/blog/vault-uri)";
}

void vault_refuse(const struct cloud *cloud, const struct call *call,
		  const struct answer *a, struct problem *p, struct reply *r)
{
	(void)cloud;
	if (p->status == 401)
		read_challenge(call, a, p, r);
	if (p->status == 429)
		r->throttles_all = true; /* limits are the vault's */
	if (p->status == 403 && (text_same(p->inner, "KeyDisabled") ||
				 text_same(p->code, "KeyDisabled"))) {
		/* No missing permission: the newest version is switched off. */
		p->kind = FAULT_REFUSED;
		text_copy(p->inner, sizeof(p->inner), "KeyDisabled");
	}
}

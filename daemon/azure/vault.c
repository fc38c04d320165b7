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
#include "azure/unauthorized.h"
#include "azure/url.h"
#include "base/text.h"

#define ANSWER_MAX (128 * 1024)
#define SECONDS_MAX INT64_C(253402300799) /* the end of the year 9999 */
#define MODULUS_MAX 4096		  /* bytes: RSA of 32,768 bits */

bool vault_build(const struct cloud *cloud, const struct call *call,
		 const char *secret, int64_t wall_ms, struct exchange *x,
		 struct fault *f)
{
	char key[KEYID_TEXT_MAX];

	(void)secret;
	(void)wall_ms;
	if (!cloud_has_vault(cloud, call->key.host)) {
		call_fault(call, f, FAULT_INVALID, 0,
			   "%s is no vault of the "
			   "configured cloud",
			   call->key.host);
		return false;
	}
	keyid_print(&call->key, key, sizeof(key));
	x->method = "GET";
	x->url =
		text_printf("%s?api-version=%s", key, cloud->vault_api_version);
	x->bearer = true;
	x->max_body = ANSWER_MAX;
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
	size_t zeros = 0, done = 0;
	unsigned acc = 0, bits = 0;

	if (len % 4 == 1 || bytes > MODULUS_MAX)
		return 0;
	for (size_t i = 0; i < len; i++) {
		int digit = base64url_digit(s[i]);

		if (digit < 0)
			return 0;
		acc = (acc << 6 | (unsigned)digit) & 0xffff;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		if (zeros == done && !(acc >> bits & 0xff))
			zeros++;
		done++;
	}
	return (int)(bytes - zeros) * 8;
}

static bool has_op(const struct json *ops, const char *name)
{
	const struct json *op;

	for (op = json_first(ops); op; op = json_next(op)) {
		if (json_str(op) && text_same(json_str(op), name))
			return true;
	}
	return false;
}

/*
 * Seconds since 1970 in ms; -1 when absent or null.  False for anything that
 * is there and not a number.  Out of range is moved to the range's end: far
 * in the future stays in the future.
 */
static bool read_time(const struct json *n, int64_t *ms)
{
	int64_t v;

	*ms = -1;
	if (json_type(n) == JSON_NULL)
		return true;
	if (!json_int_loose(n, &v))
		return false;
	if (v < 0)
		v = 0;
	*ms = (v > SECONDS_MAX ? SECONDS_MAX : v) * 1000;
	return true;
}

/* "CustomizedRecoverable" protects, "Recoverable+Purgeable" does not. */
static bool purge_protected(const char *level)
{
	return level && *level && !strcasestr(level, "Purgeable");
}

static const char *read_attributes(const struct json *at, struct key_version *k)
{
	const char *level = json_get_str(at, "recoveryLevel");

	if (!json_bool(json_get(at, "enabled"), &k->enabled))
		return "the answer does not say whether the key is enabled";
	if (!read_time(json_get(at, "nbf"), &k->not_before) ||
	    !read_time(json_get(at, "exp"), &k->expires) ||
	    !read_time(json_get(at, "created"), &k->created) ||
	    !read_time(json_get(at, "updated"), &k->updated))
		return "the answer holds a time that is not a number";
	k->purge_protected = purge_protected(level);
	k->recoverable = level && strcasestr(level, "Recoverable");
	return NULL;
}

static void read_material(const struct json *key, struct key_version *k)
{
	const char *kty = json_get_str(key, "kty");
	const struct json *ops = json_get(key, "key_ops");

	k->rsa = text_same(kty, "RSA") || text_same(kty, "RSA-HSM");
	k->wraps = has_op(ops, "wrapKey") && has_op(ops, "unwrapKey");
	k->bits = k->rsa ? modulus_bits(json_get_str(key, "n")) : 0;
}

/* An answer about any other key than the one asked for is not one. */
static const char *read_kid(const struct call *call, const char *kid,
			    struct key_version *k)
{
	struct keyid id;
	struct fault f;

	if (!kid || !keyid_parse(&id, kid, &f) || !id.version[0])
		return "the answer names no key version";
	if (!keyid_same_key(&id, &call->key) ||
	    (call->key.version[0] && !keyid_same(&id, &call->key)))
		return "the answer is about another key";
	text_copy(k->version, sizeof(k->version), id.version);
	return NULL;
}

void vault_read(const struct cloud *cloud, const struct call *call,
		const struct answer *a, const struct json *root, int64_t now_ms,
		struct reply *r)
{
	const struct json *key = json_get(root, "key");
	const char *wrong;

	(void)cloud;
	(void)now_ms;
	wrong = read_kid(call, json_get_str(key, "kid"), &r->key);
	if (!wrong)
		wrong = read_attributes(json_get(root, "attributes"), &r->key);
	if (wrong)
		call_fault(call, &r->fault, FAULT_INVALID, a->status, "%s",
			   wrong);
	else
		read_material(key, &r->key);
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

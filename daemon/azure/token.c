/*
 * What all kinds of credential have in common when a token is asked for:
 * the answer, how long it lives, and whether it is fit for a header line.
 */
#include "azure/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azure/call_text.h"
#include "base/text.h"

#define MS_MAX INT64_C(253402300799999) /* the end of the year 9999 */

static const struct token_source *const sources[] = {
	&token_imds_source,	   &token_app_service_source,
	&token_arc_source,	   &token_secret_source,
	&token_certificate_source, &token_federated_source,
};

static const struct token_source *source_for(const struct credential *c)
{
	enum identity_source source = IDENTITY_AUTO;

	if (c && c->kind == CREDENTIAL_MANAGED_IDENTITY)
		source = c->source == IDENTITY_AUTO ? IDENTITY_IMDS : c->source;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (c && sources[i]->kind == c->kind &&
		    sources[i]->source == source)
			return sources[i];
	}
	return NULL;
}

static const struct token_source *source_of(const struct call *call)
{
	return source_for(call->credential);
}

const char *token_proof_name(enum credential_kind kind)
{
	const struct credential c = { .kind = kind };
	const struct token_source *source = source_for(&c);

	return source && source->proof ? source->proof : "secret";
}

bool token_prove(const struct cloud *cloud, const struct credential *c,
		 const struct token_proof *proof, struct buf *out,
		 int64_t *ends_ms, struct fault *f)
{
	const struct token_source *source = source_for(c);

	*ends_ms = -1;
	if (source && source->prove)
		return source->prove(cloud, c, proof, out, ends_ms, f);
	return buf_puts(out, proof->text) ||
	       fault_set(f, FAULT_INVALID, 0, "it is too long");
}

bool token_build(const struct cloud *cloud, const struct call *call,
		 const char *secret, int64_t wall_ms, struct exchange *x,
		 struct fault *f)
{
	const struct token_source *source = source_of(call);

	if (!source && call->credential &&
	    call->credential->source == IDENTITY_FABRIC) {
		call_fault(call, f, FAULT_INVALID, 0,
			   "this is a host of Service Fabric, whose identities "
			   "keyrotd does not know; name another source in the "
			   "credential block");
		return false;
	}
	if (!source || !call->audience || !call->audience[0]) {
		call_fault(call, f, FAULT_INVALID, 0,
			   "the credential's type or the audience is not "
			   "known");
		return false;
	}
	x->secret_answer = true;
	x->entra = source->kind != CREDENTIAL_MANAGED_IDENTITY;
	return source->build(cloud, call, secret, wall_ms, x, f);
}

/* "MM/dd/yyyy HH:mm:ss +00:00", put into RFC 3339's order. */
static int64_t parse_american(const char *s)
{
	char date[32];

	if (strlen(s) != 26 || s[2] != '/' || s[5] != '/' || s[10] != ' ' ||
	    s[19] != ' ')
		return -1;
	snprintf(date, sizeof(date), "%.4s-%.2s-%.2sT%.8s%s", s + 6, s, s + 3,
		 s + 11, s + 20);
	return text_parse_rfc3339(date);
}

int64_t token_expiry_ms(const struct json *n)
{
	const char *s = json_str(n);
	char date[32];
	int64_t v;

	if (json_int_loose(n, &v))
		return v < 0 || v > MS_MAX / 1000 ? -1 : v * 1000;
	if (!s)
		return -1;
	v = text_parse_rfc3339(s);
	if (v < 0)
		v = parse_american(s);
	if (v < 0 && strlen(s) == 19) {
		snprintf(date, sizeof(date), "%sZ", s);
		v = text_parse_rfc3339(date);
	}
	return v;
}

/* A number of seconds of the answer in ms, -1 when absent or not positive. */
static int64_t span_ms(const struct json *root, const char *name)
{
	int64_t v;

	if (!json_int_loose(json_get(root, name), &v) || v <= 0)
		return -1;
	if (v > TOKEN_LIFETIME_MAX_MS / 1000)
		v = TOKEN_LIFETIME_MAX_MS / 1000;
	return v * 1000;
}

/* How long the token lives from now, ms; not positive when it does not. */
static int64_t lifetime(const struct token_source *source,
			const struct json *root, int64_t now_ms)
{
	int64_t on = token_expiry_ms(json_get(root, "expires_on"));
	int64_t in = span_ms(root, "expires_in");

	if (on < 0 || (in >= 0 && !source->prefers_expires_on))
		return in;
	on -= now_ms;
	return on > TOKEN_LIFETIME_MAX_MS ? TOKEN_LIFETIME_MAX_MS : on;
}

/* It goes into a header line: visible ASCII only, so that no answer can
 * smuggle a second line into our requests.  A word of a few letters is none,
 * and must not be struck out of what people are told. */
static bool token_ok(const char *s)
{
	size_t len = 0;

	if (!s)
		return false;
	while (s[len] > ' ' && s[len] < 0x7f && len <= TOKEN_MAX)
		len++;
	return len >= TOKEN_MIN && len <= TOKEN_MAX && !s[len];
}

static bool is_bearer(const struct json *root)
{
	const struct json *type = json_get(root, "token_type");

	return !type || text_same(json_str(type), "Bearer");
}

/* The same but for case and one slash at the end, which the services add. */
static bool same_resource(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);

	na -= na > 0 && a[na - 1] == '/';
	nb -= nb > 0 && b[nb - 1] == '/';
	return na == nb && strncasecmp(a, b, na) == 0;
}

/* "another resource (https://…)"; what repeats the token is not repeated. */
static void refuse_foreign(const struct call *call, const struct json *root,
			   const char *what, const char *value, int status,
			   struct reply *r)
{
	bool quoted = !strstr(value, json_get_str(root, "access_token"));

	call_fault(call, &r->fault, FAULT_INVALID, status,
		   "the answer holds a token for another %s%s%.160s%s; it is "
		   "not used",
		   what, quoted ? " (" : "", quoted ? value : "",
		   quoted ? ")" : "");
}

/*
 * Where an answer tells for what and for whom its token is (a metadata
 * service does, Entra does not), that must be what was asked for: a token for
 * something else would be given away to whoever is asked with it.
 */
static bool is_ours(const struct call *call, const struct json *root,
		    bool must_echo, int status, struct reply *r)
{
	const struct credential *c = call->credential;
	const struct {
		const char *wanted, *name, *other;
	} ids[] = {
		{ c->client_id, "client_id", "client_id" },
		{ c->object_id, "object_id", "principal_id" },
		{ c->resource_id, "msi_res_id", "mi_res_id" },
	};
	const char *resource = json_get_str(root, "resource");
	bool named = false, echoed = false;

	if (resource && *resource && !same_resource(resource, call->audience))
		refuse_foreign(call, root, "resource", resource, status, r);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		const char *who = json_get_str(root, ids[i].name);

		if (!who)
			who = json_get_str(root, ids[i].other);
		if (r->fault.kind != FAULT_NONE || !ids[i].wanted ||
		    !ids[i].wanted[0])
			continue;
		named = true;
		echoed |= who && *who;
		if (who && *who && !text_same(who, ids[i].wanted))
			refuse_foreign(call, root, "identity", who, status, r);
	}
	if (r->fault.kind == FAULT_NONE && must_echo && named && !echoed)
		call_fault(call, &r->fault, FAULT_INVALID, status,
			   "the answer does not tell whose token it holds, as "
			   "agents do that know only the machine's own "
			   "identity; it is not used: update the agent");
	return r->fault.kind == FAULT_NONE;
}

/* Who hands out tokens keeps them, and may keep one for too long. */
static void refuse_ended(const struct call *call, const struct json *root,
			 int status, struct reply *r)
{
	int64_t on = token_expiry_ms(json_get(root, "expires_on"));
	char when[40];

	text_time(when, sizeof(when), on);
	if (on < 0)
		call_fault(call, &r->fault, FAULT_INVALID, status,
			   "the answer gives the token no time to live");
	else
		call_fault(call, &r->fault, FAULT_INVALID, status,
			   "the token in the answer has expired, at %s: check "
			   "this host's clock; if it is right, restart the "
			   "service that answered",
			   when);
}

void token_read(const struct cloud *cloud, const struct call *call,
		const struct answer *a, const struct json *root, int64_t now_ms,
		struct reply *r)
{
	const struct token_source *source = source_of(call);
	const char *secret = json_get_str(root, "access_token");
	int64_t ms;

	(void)cloud;
	if (!source || !token_ok(secret) || !is_bearer(root)) {
		call_fault(call, &r->fault, FAULT_INVALID, a->status,
			   "the answer holds no bearer token");
		return;
	}
	if (!is_ours(call, root, source->must_echo, a->status, r))
		return;
	ms = lifetime(source, root, now_ms);
	if (ms <= 0) {
		refuse_ended(call, root, a->status, r);
		return;
	}
	r->token.secret = text_dup(secret);
	r->token.lifetime_ms = ms;
	r->token.refresh_in_ms = span_ms(root, "refresh_in");
	claims_read(secret, &r->token.who);
}

void token_absent(const struct call *call, char *dst, size_t size)
{
	const struct token_source *source = source_of(call);
	bool settled = source && source->absent;

	snprintf(dst, size, "%s%s", settled ? source->absent : "",
		 settled && call->credential->environment
			 ? "; and the environment names no application"
			 : "");
}

void token_refuse(const struct cloud *cloud, const struct call *call,
		  const struct answer *a, struct problem *p, struct reply *r)
{
	const struct token_source *source = source_of(call);

	if (!source)
		return;
	if (source->demand)
		source->demand(cloud, call, a, p, r);
	source->refine(call, p);
}

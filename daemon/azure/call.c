/*
 * The one table of everything that can be asked of Azure.  Common to all
 * answers is here: headers, size, refusals, and whether a write may have
 * been done; what is special to a service is in its row's functions.
 */
#include "azure/call.h"

#include <stdlib.h>
#include <string.h>

#include "azure/call_text.h"
#include "azure/hint.h"
#include "azure/lease.h"
#include "azure/operation.h"
#include "azure/page.h"
#include "azure/problem.h"
#include "azure/queue.h"
#include "azure/reach.h"
#include "azure/refusal.h"
#include "azure/registry.h"
#include "azure/reply_header.h"
#include "azure/rights.h"
#include "azure/token.h"
#include "azure/vault.h"
#include "azure/vault_arm.h"
#include "azure/vault_policy.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"

/* Bytes of memory that the kept members of an answer may take. */
#define TREE_MAX (4 * 1024 * 1024)
#define TREE_LIST_MAX (64 * 1024 * 1024)
#define ANSWER_MAX (64 * 1024)

typedef bool build_fn(const struct cloud *cloud, const struct call *call,
		      const char *secret, int64_t wall_ms, struct exchange *x,
		      struct fault *f);
typedef void read_fn(const struct cloud *cloud, const struct call *call,
		     const struct answer *a, const struct json *root,
		     int64_t now_ms, struct reply *r);
typedef void refuse_fn(const struct cloud *cloud, const struct call *call,
		       const struct answer *a, struct problem *p,
		       struct reply *r);

/* What the body of an answer is. */
enum body {
	BODY_JSON,
	BODY_JSON_OR_NONE, /* an empty one may be an answer */
	BODY_XML,	   /* or none: the row's functions read it */
	BODY_ANY,	   /* whatever it is, and the status */
};

static const struct row {
	build_fn *build;
	read_fn *read;	   /* a 2xx */
	refuse_fn *refuse; /* any other status: what this service means */
	size_t max_tree;
	enum body body;
} rows[] = {
	[CALL_TOKEN] = { token_build, token_read, token_refuse, TREE_MAX,
			 BODY_JSON },
	[CALL_KEY] = { vault_build, vault_read, vault_refuse, TREE_MAX,
		       BODY_JSON },
	[CALL_REGISTRY] = { registry_build, registry_read, registry_refuse,
			    TREE_MAX, BODY_JSON },
	[CALL_LIST] = { registry_build_list, registry_read_list,
			registry_refuse, TREE_LIST_MAX, BODY_JSON },
	[CALL_PATCH] = { operation_build_patch, operation_read_patch,
			 registry_refuse, TREE_MAX, BODY_JSON_OR_NONE },
	[CALL_OPERATION] = { operation_build, operation_read, registry_refuse,
			     TREE_MAX, BODY_JSON_OR_NONE },
	[CALL_REACH] = { reach_build, reach_read, NULL, TREE_MAX, BODY_ANY },
	[CALL_RIGHTS] = { rights_build, rights_read, registry_refuse, TREE_MAX,
			  BODY_JSON },
	[CALL_POLICY] = { vault_policy_build, vault_policy_read, vault_refuse,
			  TREE_MAX, BODY_JSON },
	[CALL_LEASE] = { lease_build, lease_read, lease_refuse, 0, BODY_XML },
	[CALL_HINTS] = { queue_build, queue_read, queue_refuse, 0, BODY_XML },
	[CALL_HINT_DROP] = { queue_build_drop, queue_read_drop,
			     queue_refuse_drop, 0, BODY_XML },
};

static const struct row key_through_arm = { vault_arm_build, vault_arm_read,
					    vault_arm_refuse, TREE_MAX,
					    BODY_JSON };

static const struct row *row_of(const struct call *call)
{
	return call->kind == CALL_KEY && call->vault_resource
		       ? &key_through_arm
		       : &rows[call->kind];
}

/*
 * All that any reader of these folders looks for.  A registry may have
 * hundreds of endpoints, address rules and tags: whoever reads a member puts
 * its name here, and what nobody reads takes no memory.  The first one is for
 * who wants it only.
 */
static const char *const members[] = {
	"tags*",
	/* tokens */
	"access_token", "token_type", "expires_in", "expires_on", "refresh_in",
	"resource", "client_id", "object_id", "principal_id", "msi_res_id",
	"mi_res_id",
	/* keys */
	"key", "kid", "kty", "n", "key_ops", "attributes", "enabled", "nbf",
	"exp", "created", "updated", "recoveryLevel", "keyUriWithVersion",
	"keyOps", "keySize", "lifetimeActions", "trigger", "timeAfterCreate",
	"timeBeforeExpiry", "action", "expiryTime",
	/* registries and operations */
	"value", "nextLink", "id", "name", "type", "sku", "identity",
	"principalId", "userAssignedIdentities*", "clientId", "properties",
	"provisioningState", "encryption", "status", "keyVaultProperties",
	"keyIdentifier", "versionedKeyIdentifier", "keyRotationEnabled",
	"lastKeyRotationTimestamp", "policies", "trustPolicy",
	/* rights */
	"actions", "notActions",
	/* errors */
	"error", "code", "message", "innererror", "details", "additionalInfo",
	"info", "policyDefinitionName", "policyDefinitionDisplayName",
	"policyAssignmentName", "policyAssignmentDisplayName",
	"error_description", "error_codes", "trace_id", NULL
};

/* Keys are asked about far more often than all else: what is read of them, and
 * of errors. */
static const char *const members_of_keys[] = { "key",
					       "kid",
					       "kty",
					       "n",
					       "key_ops",
					       "attributes",
					       "enabled",
					       "nbf",
					       "exp",
					       "created",
					       "updated",
					       "recoveryLevel",
					       "error",
					       "code",
					       "message",
					       "innererror",
					       "details",
					       "additionalInfo",
					       "type",
					       "info",
					       "policyDefinitionName",
					       "policyDefinitionDisplayName",
					       "policyAssignmentName",
					       "policyAssignmentDisplayName",
					       "error_description",
					       "error_codes",
					       "trace_id",
					       NULL };

static const char *const *members_of(const struct call *call)
{
	if (row_of(call) == &rows[CALL_KEY])
		return members_of_keys;
	return members + !call->tags;
}

bool call_build(const struct cloud *cloud, const struct call *call,
		const char *secret, int64_t wall_ms, struct exchange *x,
		struct fault *f)
{
	*x = (struct exchange){ .max_body = ANSWER_MAX };
	fault_clear(f);
	if (row_of(call)->build(cloud, call, secret, wall_ms, x, f)) {
		x->bearer &= !call->bare;
		return true;
	}
	exchange_free(x);
	return false;
}

void call_show(const struct cloud *cloud, const struct call *call,
	       int64_t wall_ms, struct buf *out)
{
	struct exchange x = { 0 };
	struct fault f = fault_none();

	if (call_build(cloud, call, NULL, wall_ms, &x, &f))
		buf_printf(out, "%s %s\nContent-Type: %s\n\n%s\n\n", x.method,
			   x.url, x.content_type ? x.content_type : "", x.body);
	else
		buf_printf(out, "%s%s\n", f.text, text_stop(f.text));
	exchange_free(&x);
}

struct strike {
	const struct secrets *sent;
	const char *link;  /* of a list's next page; NULL: none */
	const char *token; /* that was asked for; NULL: none */
	size_t least;	   /* so long a text is that holds what was sent */
	bool tokens;	   /* what has a token's form may be among them */
};

static void strike(char *text, void *arg)
{
	const struct strike *s = arg;

	if (text == s->token || (!s->tokens && strlen(text) < s->least))
		return;
	if (text == s->link)
		secret_strike_known(s->sent, text);
	else
		secret_strike(s->sent, text);
}

/* A challenge may carry claims, and a link what Azure needs to find its place
 * again: base64 of JSON, which has a token's form. */
static bool has_tokens_of_its_own(int header)
{
	return header == ANSWER_WWW_AUTHENTICATE ||
	       header == ANSWER_ASYNC_OPERATION || header == ANSWER_LOCATION;
}

/* Of messages that are in base64 of JSON each has a token's form. */
static void strike_xml(const struct call *call, const struct secrets *sent,
		       bool good, struct buf *body)
{
	if (!body->len)
		return;
	if (good && call->kind == CALL_HINTS)
		secret_strike_known(sent, body->data);
	else
		secret_strike(sent, body->data);
	body->len = strlen(body->data);
}

/*
 * What came from outside may hold what we sent: no secret of ours is kept,
 * told or stored because somebody echoed it.  A token that was asked for is
 * the exception.  Decisions hang upon these values, so only what was sent with
 * this very question is struck out: who hands out tokens could otherwise
 * choose one that stands in the answers to others.
 */
static void strike_out(const struct call *call, const struct secrets *sent,
		       struct answer *a, struct json *root)
{
	bool good = a->status >= 200 && a->status <= 299;
	struct strike s = {
		.sent = sent,
		.least = secret_least(sent),
		.tokens = secret_may_hold_token(a->body.data, a->body.len),
	};

	for (int i = 0; i < ANSWER_HEADERS; i++)
		if (a->headers[i] && has_tokens_of_its_own(i))
			secret_strike_known(sent, a->headers[i]);
		else if (a->headers[i])
			secret_strike(sent, a->headers[i]);
	secret_strike(sent, a->fault.text);
	if (call->kind == CALL_LIST && good)
		s.link = json_str(json_get_nocase(root, "nextLink"));
	if (call->kind == CALL_TOKEN && good)
		s.token = json_get_str(root, "access_token");
	/* Nearly no answer has any: that is seen without its texts. */
	if (s.tokens || a->body.len >= s.least)
		json_each_text(root, strike, &s);
	if (row_of(call)->body == BODY_XML)
		strike_xml(call, sent, good, &a->body);
}

/* XML can write a text in pieces, which only its reader puts together. */
static void strike_pieces(const struct secrets *sent, struct reply *r)
{
	secret_strike(sent, r->fault.azure_code);
	if (r->fault.kind != FAULT_NONE || r->kind != CALL_HINTS)
		return;
	for (size_t i = 0; i < r->hints.n; i++) {
		secret_strike_known(sent, r->hints.hints[i].message);
		secret_strike_known(sent, r->hints.hints[i].receipt);
	}
}

static void strike_holder(const struct secrets *known, struct lease_holder *h)
{
	secret_strike(known, h->host);
	secret_strike(known, h->version);
	secret_strike(known, h->since);
	secret_strike(known, h->id);
	secret_strike(known, h->wanted_host);
	secret_strike(known, h->wanted_id);
}

/* On what is for people nothing hangs: there all that is known goes. */
static void strike_told(const struct secrets *known, struct reply *r)
{
	secret_strike(known, r->request_id);
	secret_strike(known, r->correlation_id);
	secret_strike(known, r->fault.text);
	secret_strike(known, r->fault.request_id);
	if (r->fault.kind != FAULT_NONE)
		return;
	if (r->kind == CALL_LEASE)
		strike_holder(known, &r->lease.holder);
	if (r->kind != CALL_OPERATION)
		return;
	secret_strike(known, r->operation.error.text);
	secret_strike(known, r->operation.error.request_id);
}

/* A vault behind a private link has a name and an address that are no use
 * elsewhere. */
static const char around[] =
	"; if only the network keeps this host from the vault, read-key-via = "
	"\"resource-manager\" reads the key another way";

static bool is_out_of_reach(const struct call *call, const struct answer *a)
{
	return call->kind == CALL_KEY && !call->vault_resource &&
	       a->fault.kind == FAULT_TRANSIENT && !a->maybe_sent;
}

/* No answer: the transport's own words, under our title. */
static void read_nothing(const struct call *call, const struct answer *a,
			 struct reply *r)
{
	const char *text = a->fault.text;
	char hint[256] = "";

	if (call->kind == CALL_TOKEN && !a->maybe_sent && !a->vetoed)
		token_absent(call, hint, sizeof(hint));
	call_fault(call, &r->fault, a->fault.kind, a->fault.code, "%s%s%s%s",
		   *text ? text : "no answer came", *hint ? "; " : "", hint,
		   is_out_of_reach(call, a) ? around : "");
	r->fault.retry_after_ms = a->fault.retry_after_ms;
	/* What was sent and not answered may have been done. */
	r->maybe_done = call->kind == CALL_PATCH && a->maybe_sent;
}

/* Who answers in the service's place may have let a write through before. */
static void read_page(const struct call *call, const struct answer *a,
		      struct reply *r)
{
	page_fault(call, a, &r->fault);
	/* Nor is it Azure's clock, or Azure's count. */
	r->date_ms = r->remaining = -1;
	r->maybe_done = call->kind == CALL_PATCH;
}

static void read_refusal(const struct cloud *cloud, const struct call *call,
			 const struct answer *a, const struct json *root,
			 int64_t now_ms, struct reply *r)
{
	struct problem p;

	problem_read(&p, a->status, root);
	p.retry_after_ms = reply_header_retry_after(a, now_ms);
	row_of(call)->refuse(cloud, call, a, &p, r);
	if (p.kind == FAULT_NONE)
		return; /* it answers the question all the same */
	refusal_explain(&p, call, root);
	if (!p.hint)
		problem_hint(&p);
	problem_fault(&p, call, a, &r->fault);
	/* A gateway's timeout says nothing about what lies behind it. */
	r->maybe_done = call->kind == CALL_PATCH &&
			(a->status >= 500 || a->status == 408);
}

/* The token would carry it to whoever is asked with it. */
static bool is_what_was_sent(const struct secrets *sent,
			     const struct json *root)
{
	const char *token = json_get_str(root, "access_token");

	return sent && token && secret_within(sent, token);
}

static void read_success(const struct cloud *cloud, const struct call *call,
			 const struct secrets *sent, const struct answer *a,
			 const struct json *root, const struct fault *why,
			 int64_t now_ms, struct reply *r)
{
	const struct row *row = row_of(call);

	if (call->kind == CALL_TOKEN && is_what_was_sent(sent, root))
		call_fault(call, &r->fault, FAULT_INVALID, a->status,
			   "the answer's token holds the secret that was sent "
			   "to get it; it is not used");
	else if (root || row->body == BODY_XML ||
		 (row->body == BODY_JSON_OR_NONE && !a->body.len))
		row->read(cloud, call, a, root, now_ms, r);
	else
		call_fault(call, &r->fault, FAULT_INVALID, a->status,
			   "HTTP %d, but the answer cannot be understood: %s",
			   a->status, why->text);
	if (r->fault.kind == FAULT_NONE)
		return;
	r->maybe_done = call->kind == CALL_PATCH;
	if (a->headers[ANSWER_REQUEST_ID])
		text_copy(r->fault.request_id, sizeof(r->fault.request_id),
			  a->headers[ANSWER_REQUEST_ID]);
	text_line(r->fault.request_id);
}

static void read_id(const struct answer *a, enum answer_header header,
		    char dst[FAULT_CODE_MAX])
{
	if (!a->headers[header])
		return;
	text_copy(dst, FAULT_CODE_MAX, a->headers[header]);
	text_line(dst);
}

void call_read(const struct cloud *cloud, const struct call *call,
	       const struct secrets *sent, const struct secrets *known,
	       struct answer *a, int64_t wall_ms, struct reply *r)
{
	struct json *root = NULL;
	struct fault why;
	int64_t now_ms;

	memset(r, 0, sizeof(*r));
	r->kind = call->kind;
	r->ticket = call->ticket;
	r->fault = fault_none();
	r->status = a->status > 0 ? a->status : 0;
	r->answered = a->status > 0;
	r->reached = a->maybe_sent || r->answered;
	r->multiplexed = a->http2;
	r->vetoed = a->vetoed;
	r->step = a->step;
	r->date_ms = reply_header_date(a);
	r->rtt_ms = a->rtt_ms;
	r->remaining = reply_header_remaining(a, call->kind == CALL_PATCH);
	if (a->fault.kind == FAULT_NONE && row_of(call)->body != BODY_XML)
		root = json_parse_only(a->body.data, a->body.len,
				       members_of(call), row_of(call)->max_tree,
				       &why);
	strike_out(call, sent, a, root);
	r->request = trace_read(a->headers[ANSWER_REQUEST_ID]);
	read_id(a, ANSWER_REQUEST_ID, r->request_id);
	read_id(a, ANSWER_CORRELATION_ID, r->correlation_id);
	now_ms = r->date_ms >= 0 ? r->date_ms : wall_ms;
	if (a->fault.kind != FAULT_NONE)
		read_nothing(call, a, r);
	else if (rows[call->kind].body == BODY_ANY)
		rows[call->kind].read(cloud, call, a, root, now_ms, r);
	else if (page_stands_in(call, a))
		read_page(call, a, r);
	else if (a->status >= 200 && a->status < 300)
		read_success(cloud, call, sent, a, root, &why, now_ms, r);
	else
		read_refusal(cloud, call, a, root, now_ms, r);
	if (row_of(call)->body == BODY_XML)
		strike_pieces(sent, r);
	strike_told(known, r);
	json_free(root);
}

void reply_free(struct reply *r)
{
	free(r->claims);
	r->claims = NULL;
	/* Without a union that is filled there is nothing to free. */
	if (r->fault.kind != FAULT_NONE)
		return;
	switch (r->kind) {
	case CALL_TOKEN:
		text_wipe_free(r->token.secret);
		r->token.secret = NULL;
		break;
	case CALL_LIST:
		for (size_t i = 0; i < r->list.n; i++) {
			free(r->list.items[i].id);
			free(r->list.items[i].tags);
		}
		free(r->list.items);
		free(r->list.next_url);
		r->list.items = NULL;
		r->list.next_url = NULL;
		r->list.n = 0;
		break;
	case CALL_PATCH:
		free(r->patch.operation_url);
		r->patch.operation_url = NULL;
		break;
	case CALL_OPERATION:
		free(r->operation.operation_url);
		r->operation.operation_url = NULL;
		break;
	case CALL_HINTS:
		for (size_t i = 0; i < r->hints.n; i++)
			hint_clear(&r->hints.hints[i]);
		free(r->hints.hints);
		r->hints.hints = NULL;
		r->hints.n = 0;
		break;
	case CALL_KEY:
	case CALL_REGISTRY:
	case CALL_POLICY:
	case CALL_REACH:
	case CALL_RIGHTS:
	case CALL_LEASE:
	case CALL_HINT_DROP:
		break;
	}
}

/*
 * A write is a PATCH that Azure accepts first and carries out later.  Both
 * halves are here: sending the new key, and asking how it went until it is
 * settled.
 */
#include "azure/operation.h"

#include <stdlib.h>
#include <string.h>

#include "azure/call_text.h"
#include "azure/problem.h"
#include "azure/refusal.h"
#include "azure/registry.h"
#include "azure/reply_header.h"
#include "azure/resid.h"
#include "azure/url.h"
#include "base/text.h"

#define ANSWER_MAX (4 * 1024 * 1024)
#define BODY_MAX 1024

/*
 * Nothing but the encryption block: sending more of the registry changes
 * more of it, and its identity block calls for an extra permission.
 */
static bool add_body(const struct call *call, struct buf *out)
{
	struct json_writer *w = json_writer_new(out, false);
	char key[KEYID_TEXT_MAX];

	keyid_print(&call->key, key, sizeof(key));
	json_open(w);
	json_key(w, "properties");
	json_open(w);
	json_key(w, "encryption");
	json_open(w);
	json_add_str(w, "status", "enabled");
	json_key(w, "keyVaultProperties");
	json_open(w);
	json_add_str(w, "keyIdentifier", key);
	json_add_str(w, "identity", call->identity);
	for (int i = 0; i < 4; i++)
		json_close(w);
	return json_finish(w);
}

bool operation_build_patch(const struct cloud *cloud, const struct call *call,
			   const char *secret, int64_t wall_ms,
			   struct exchange *x, struct fault *f)
{
	struct buf url, body;

	(void)secret;
	(void)wall_ms;
	buf_init(&url, URL_MAX);
	buf_init(&body, BODY_MAX);
	if (!cloud_has_vault(cloud, call->key.host) || !call->identity[0])
		call_fault(call, f, FAULT_INVALID, 0,
			   "the key is in no vault "
			   "of the configured cloud, or no identity is given");
	else if (registry_add_url(cloud, call, &url, f) &&
		 !add_body(call, &body))
		call_fault(call, f, FAULT_INVALID, 0,
			   "the identity is not text");
	if (f->kind != FAULT_NONE) {
		buf_free(&url);
		buf_free(&body);
		return false;
	}
	x->method = "PATCH";
	x->content_type = "application/json";
	x->url = url_take(&url);
	x->body = url_take(&body);
	x->bearer = true;
	x->max_body = ANSWER_MAX;
	return true;
}

bool operation_build(const struct cloud *cloud, const struct call *call,
		     const char *secret, int64_t wall_ms, struct exchange *x,
		     struct fault *f)
{
	(void)secret;
	(void)wall_ms;
	return registry_follow(cloud, call, x, f);
}

/* Where to ask next.  Location counts with 202 only: with 201 it names the
 * thing that was made (RFC 9110 section 10.2.2). */
static char *next_url(const struct cloud *cloud, const struct answer *a)
{
	const char *url = reply_header_url(a, ANSWER_ASYNC_OPERATION, cloud);

	if (!url && a->status == 202)
		url = reply_header_url(a, ANSWER_LOCATION, cloud);
	return text_dup(url);
}

static bool is_settled(enum registry_provisioning state)
{
	return state == PROVISIONING_SUCCEEDED ||
	       state == PROVISIONING_FAILED || state == PROVISIONING_CANCELED;
}

void operation_read_patch(const struct cloud *cloud, const struct call *call,
			  const struct answer *a, const struct json *root,
			  int64_t now_ms, struct reply *r)
{
	const char *id = json_str(json_get_nocase(root, "id"));

	if (root && json_type(root) != JSON_OBJECT) {
		call_fault(call, &r->fault, FAULT_INVALID, a->status,
			   "the answer is not a registry");
		return;
	}
	if (id && !resid_same(id, call->registry)) {
		call_fault(call, &r->fault, FAULT_INVALID, a->status,
			   "the answer is about another registry");
		return;
	}
	r->patch.finished = a->status == 200 &&
			    is_settled(registry_provisioning(root));
	r->patch.retry_after_ms = reply_header_retry_after(a, now_ms);
	if (!r->patch.finished)
		r->patch.operation_url = next_url(cloud, a);
}

static enum operation_status status_of(const char *word)
{
	if (strcasestr(word, "succeeded"))
		return OPERATION_SUCCEEDED;
	if (strcasestr(word, "fail"))
		return OPERATION_FAILED;
	if (strcasestr(word, "canceled") || strcasestr(word, "cancelled"))
		return OPERATION_CANCELED;
	return OPERATION_RUNNING;
}

/* No status: the final answer of a Location poll, which may be the registry
 * itself. */
static enum operation_status status_of_registry(const struct json *root)
{
	switch (registry_provisioning(root)) {
	case PROVISIONING_SUCCEEDED:
		return OPERATION_SUCCEEDED;
	case PROVISIONING_FAILED:
		return OPERATION_FAILED;
	case PROVISIONING_CANCELED:
		return OPERATION_CANCELED;
	default:
		return OPERATION_RUNNING;
	}
}

/* Codes that blame the service, not the change. */
static bool is_passing(const char *code)
{
	static const char *const codes[] = {
		"InternalServerError", "InternalError",
		"ServerError",	       "ServiceUnavailable",
		"ServerBusy",	       "GatewayTimeout",
		"BadGateway",	       "Timeout",
		"OperationTimedOut",   "RequestTimeout",
		"TooManyRequests",     "ServerTimeout",
		"RetryableError",      "RetryableErrorDueToAnotherOperation",
		"OperationPreempted",
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (text_same(code, codes[i]))
			return true;
	}
	return false;
}

/* A change that was canceled was not judged: it may be tried again. */
static void read_error(const struct call *call, const struct answer *a,
		       const struct json *root, struct reply *r)
{
	struct call change = *call;
	struct problem p;

	problem_read(&p, 0, json_get_nocase(root, "error"));
	if (r->operation.status == OPERATION_CANCELED || is_passing(p.code))
		p.kind = FAULT_TRANSIENT;
	else
		p.kind = problem_is_own(p.code) ? FAULT_DENIED : FAULT_REFUSED;
	change.kind = CALL_PATCH;
	refusal_explain(&p, &change, json_get_nocase(root, "error"));
	if (!p.hint)
		problem_hint(&p);
	if (r->operation.status == OPERATION_CANCELED && !p.hint)
		p.hint = "the change was canceled";
	problem_fault(&p, &change, a, &r->operation.error);
}

void operation_read(const struct cloud *cloud, const struct call *call,
		    const struct answer *a, const struct json *root,
		    int64_t now_ms, struct reply *r)
{
	const struct json *status = json_get_nocase(root, "status");
	const char *word = json_str(status);

	if ((root && json_type(root) != JSON_OBJECT) ||
	    (json_type(status) != JSON_NULL && !word)) {
		call_fault(call, &r->fault, FAULT_INVALID, a->status,
			   "the answer tells no status");
		return;
	}
	if (a->status == 202)
		r->operation.status = OPERATION_RUNNING;
	else
		r->operation.status = word ? status_of(word)
					   : status_of_registry(root);
	r->operation.error = fault_none();
	if (r->operation.status == OPERATION_FAILED ||
	    r->operation.status == OPERATION_CANCELED)
		read_error(call, a, root, r);
	r->operation.retry_after_ms = reply_header_retry_after(a, now_ms);
	r->operation.operation_url = next_url(cloud, a);
}

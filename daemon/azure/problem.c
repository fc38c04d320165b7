/*
 * Azure's services report errors in several shapes.  They are read into
 * one, from which the fault is made.
 */
#include "azure/problem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azure/call_text.h"
#include "base/text.h"

enum fault_kind problem_kind(int status)
{
	switch (status) {
	case 401:
		return FAULT_AUTH;
	case 403:
		return FAULT_DENIED;
	case 404:
		return FAULT_MISSING;
	case 408:
		return FAULT_TRANSIENT;
	case 409:
	case 412:
		return FAULT_CONFLICT;
	case 429:
		return FAULT_THROTTLED;
	default:
		return status >= 500 ? FAULT_TRANSIENT : FAULT_INVALID;
	}
}

void problem_message(struct problem *p, const char *message)
{
	char *line;

	if (!message)
		return;
	line = text_ndup(message, strcspn(message, "\r\n"));
	text_copy(p->message, sizeof(p->message), line);
	text_line(p->message);
	free(line);
}

static void keep_code(char *dst, const char *s)
{
	text_copy(dst, FAULT_CODE_MAX, s);
	text_line(dst);
}

void problem_code(struct problem *p, const char *code)
{
	keep_code(p->code, code);
}

static void set_code(char *dst, const struct json *n)
{
	const char *s = json_str(n);

	if (s)
		keep_code(dst, s);
}

/* innererror may hold another one: the outermost that has a code counts. */
static void set_inner(struct problem *p, const struct json *error)
{
	const struct json *inner = json_get_nocase(error, "innererror");

	while (inner && !json_str(json_get_nocase(inner, "code")))
		inner = json_get_nocase(inner, "innererror");
	set_code(p->inner, json_get_nocase(inner, "code"));
}

static void read_object(struct problem *p, const struct json *error)
{
	const struct json *code = json_get_nocase(error, "code");
	const char *message = json_str(json_get_nocase(error, "message"));
	const struct json *details = json_get_nocase(error, "details");

	set_code(p->code, code);
	set_inner(p, error);
	if (!message || !*message)
		message = json_str(
			json_get_nocase(json_first(details), "message"));
	problem_message(p, message);
}

/* RFC 6749 section 5.2, with Entra's numbers beside it. */
static void read_oauth(struct problem *p, const struct json *root)
{
	const char *text = json_get_str(root, "error_description");

	set_code(p->code, json_get(root, "error"));
	set_code(p->trace, json_get(root, "trace_id"));
	problem_message(p, text);
	json_int_loose(json_first(json_get(root, "error_codes")), &p->number);
	if (!p->number && text &&
	    sscanf(text, "AADSTS%9" SCNd64, &p->number) != 1)
		p->number = 0;
}

/*
 * What somebody has decided about this registry, or about all of its group or
 * subscription: waiting does not cure it, and it says nothing of the key.
 * Sources: Microsoft, "Resolve errors for resource not found", "... request
 * disallowed by policy", "... locked resources", "... disabled subscription",
 * "Common Azure deployment errors".
 */
bool problem_is_own(const char *code)
{
	static const char *const codes[] = {
		"AuthorizationFailed",
		"LinkedAuthorizationFailed",
		"DenyAssignmentAuthorizationFailed",
		"DenyPolicyViolation",
		"RequestDisallowedByPolicy",
		"RequestDisallowedByAzure",
		"InvalidPolicyModifyOperation",
		"PolicyViolation",
		"ScopeLocked",
		"ReadOnlyDisabledSubscription",
		"SubscriptionDisabled",
		"SubscriptionNotFound",
		"SubscriptionNotRegistered",
		"MissingSubscriptionRegistration",
		"DisallowedOperation",
		"DisallowedProvider",
		"QuotaExceeded",
		"ResourceQuotaExceeded",
		"OperationNotAllowed",
		"ResourceGroupBeingDeleted",
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (text_same(code, codes[i]))
			return true;
	return false;
}

bool problem_is_network(const struct fault *f)
{
	return f->kind == FAULT_DENIED &&
	       (text_same(f->inner_code, "ForbiddenByFirewall") ||
		text_same(f->inner_code, "ForbiddenByConnection"));
}

const struct json *problem_error(const struct json *root)
{
	const struct json *error = json_get_nocase(root, "error");

	return json_type(error) == JSON_OBJECT ? error : root;
}

void problem_read(struct problem *p, int status, const struct json *root)
{
	const struct json *error = json_get_nocase(root, "error");

	*p = (struct problem){ .status = status, .retry_after_ms = -1 };
	p->kind = problem_kind(status);
	if (json_str(error))
		read_oauth(p, root);
	else
		read_object(p, problem_error(root));
	if ((p->kind == FAULT_CONFLICT || p->kind == FAULT_INVALID) &&
	    problem_is_own(p->code))
		p->kind = FAULT_DENIED;
}

/* "HTTP 403 Forbidden/ForbiddenByRbac", as far as it is known. */
static void cause(const struct problem *p, char *dst, size_t size)
{
	char status[16] = "";

	if (p->status)
		snprintf(status, sizeof(status), "HTTP %d", p->status);
	snprintf(dst, size, "%s%s%s%s%s", status,
		 status[0] && p->code[0] ? " " : "", p->code,
		 p->inner[0] ? "/" : "", p->inner);
	if (!dst[0])
		text_copy(dst, size, "no reason was given");
}

/* To room bytes at most: whole words, and dots for what is left out. */
static void shorten(char *text, size_t room)
{
	static const char dots[] = " ...";
	size_t most = room < sizeof(dots) ? 0 : room - sizeof(dots) + 1, n;

	if (strlen(text) <= room)
		return;
	for (n = most; n && text[n] != ' '; n--)
		continue;
	/* One word it is that is too long: whole characters then. */
	if (!n)
		for (n = most; n && (text[n] & 0xc0) == 0x80; n--)
			continue;
	text[n] = '\0';
	if (n)
		memcpy(text + n, dots, sizeof(dots));
}

/* The hint first, because the service's own words may have to be cut. */
static void explanation(const struct problem *p, char *dst, size_t size)
{
	size_t len;

	snprintf(dst, size, "%s%s%s", p->hint ? p->hint : "",
		 p->hint && p->message[0] ? "; " : "", p->message);
	len = strlen(dst);
	while (len && (dst[len - 1] == '.' || dst[len - 1] == ' '))
		dst[--len] = '\0';
}

void problem_fault(const struct problem *p, const struct call *call,
		   const struct answer *a, struct fault *f)
{
	const char *header = a->headers[ANSWER_REQUEST_ID];
	const char *id = header && *header ? header : p->trace;
	char head[FAULT_TEXT_MAX], why[160], tail[96] = ".";
	char text[2 * PROBLEM_MESSAGE_MAX];
	size_t used;
	int room;

	call_title(call, head, CALL_TITLE_MAX);
	cause(p, why, sizeof(why));
	used = strlen(head);
	snprintf(head + used, sizeof(head) - used, " failed: %s", why);
	/* Entra's logs know it by that name. */
	if (*id)
		snprintf(tail, sizeof(tail), " (%s id %.64s).",
			 p->trace[0] ? "trace" : "request", id);
	explanation(p, text, sizeof(text));
	/* The request id is what support asks for: the words give way. */
	room = FAULT_TEXT_MAX - 3 - (int)(strlen(head) + strlen(tail));
	shorten(text, room > 0 ? (size_t)room : 0);
	fault_set(f, p->kind, p->status, "%s%s%s%s", head, text[0] ? ": " : "",
		  text, tail);
	f->retry_after_ms = p->retry_after_ms;
	f->heals_ms = p->heals_ms;
	text_copy(f->azure_code, sizeof(f->azure_code), p->code);
	text_copy(f->inner_code, sizeof(f->inner_code), p->inner);
	/* One code of Entra's stands for much; its number tells. */
	if (!p->inner[0] && p->number)
		snprintf(f->inner_code, sizeof(f->inner_code), "AADSTS%" PRId64,
			 p->number);
	text_copy(f->request_id, sizeof(f->request_id), id);
	text_line(f->request_id);
}

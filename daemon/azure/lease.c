/* Puts each step with a lease as a request, and tells whose it is by the
 * answer. */
#include "azure/lease.h"

#include <stdio.h>
#include <string.h>

#include "azure/call_text.h"
#include "azure/resid.h"
#include "azure/storage.h"
#include "base/text.h"

#define ANSWER_MAX (64 * 1024) /* of a refusal: the blob itself is not read */
#define SECONDS_MIN 15
#define SECONDS_MAX 60

static const struct step {
	const char *method, *below;
	const char *action;  /* x-ms-lease-action, or NULL */
	const char *id_name; /* the header that the lease's id goes in */
} steps[] = {
	[LEASE_MAKE] = { "PUT", "", NULL, NULL },
	[LEASE_ACQUIRE] = { "PUT", "?comp=lease", "acquire",
			    "x-ms-proposed-lease-id: " },
	[LEASE_RENEW] = { "PUT", "?comp=lease", "renew", "x-ms-lease-id: " },
	[LEASE_RELEASE] = { "PUT", "?comp=lease", "release",
			    "x-ms-lease-id: " },
	[LEASE_TELL] = { "PUT", "?comp=metadata", NULL, "x-ms-lease-id: " },
	[LEASE_LOOK] = { "HEAD", "", NULL, NULL },
};

static bool add_metadata(struct exchange *x, const struct lease_holder *h)
{
	const struct {
		const char *name, *value;
	} all[] = {
		{ "x-ms-meta-id: ", h->id },
		{ "x-ms-meta-host: ", h->host },
		{ "x-ms-meta-version: ", h->version },
		{ "x-ms-meta-since: ", h->since },
		/* Names are as C#'s identifiers: no hyphen. */
		{ "x-ms-meta-wantedid: ", h->wanted_id },
		{ "x-ms-meta-wantedhost: ", h->wanted_host },
	};

	/* A value of nothing is refused. */
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].value[0] &&
		    !exchange_add_field(x, all[i].name, all[i].value))
			return false;
	return true;
}

static bool add_fields(const struct call *call, struct exchange *x)
{
	const struct step *s = &steps[call->lease_step];
	char seconds[16];

	if (s->action &&
	    !exchange_add_field(x, "x-ms-lease-action: ", s->action))
		return false;
	if (s->id_name && !exchange_add_field(x, s->id_name, call->lease_id))
		return false;
	snprintf(seconds, sizeof(seconds), "%d", call->lease_s);
	switch (call->lease_step) {
	case LEASE_MAKE:
		return exchange_add_field(x, "x-ms-blob-type: ", "BlockBlob") &&
		       exchange_add_field(x, "If-None-Match: ", "*");
	case LEASE_ACQUIRE:
		return exchange_add_field(x, "x-ms-lease-duration: ", seconds);
	case LEASE_TELL:
		return add_metadata(x, call->holder);
	case LEASE_RENEW:
	case LEASE_RELEASE:
	case LEASE_LOOK:
		break;
	}
	return true;
}

/* What is missing to the question; NULL: nothing. */
static const char *incomplete(const struct call *call)
{
	if (steps[call->lease_step].id_name &&
	    (!call->lease_id || !resid_is_guid(call->lease_id)))
		return "the lease has no id";
	if (call->lease_step == LEASE_ACQUIRE &&
	    (call->lease_s < SECONDS_MIN || call->lease_s > SECONDS_MAX))
		return "a lease lasts 15 to 60 seconds";
	if (call->lease_step == LEASE_TELL && !call->holder)
		return "there is nothing to tell";
	return NULL;
}

bool lease_build(const struct cloud *cloud, const struct call *call,
		 const char *secret, int64_t wall_ms, struct exchange *x,
		 struct fault *f)
{
	const struct step *s = &steps[call->lease_step];
	const char *why = incomplete(call);

	(void)secret;
	if (!why && !storage_request(cloud, call, STORAGE_BLOB, s->method,
				     s->below, wall_ms, ANSWER_MAX, x, f))
		return false;
	if (!why && !add_fields(call, x))
		why = "a header would be too long";
	if (why)
		call_fault(call, f, FAULT_INVALID, 0, "%s", why);
	return !why;
}

/* ---- answers ---- */

static bool keep(char *dst, size_t size, const struct answer *a,
		 enum answer_header header)
{
	const char *s = a->headers[header];

	if (!s || !*s)
		return false;
	text_copy(dst, size, s);
	text_line(dst);
	return true;
}

static bool read_holder(struct lease_holder *h, const struct answer *a)
{
	bool id = keep(h->id, sizeof(h->id), a, ANSWER_META_ID);
	bool host = keep(h->host, sizeof(h->host), a, ANSWER_META_HOST);

	keep(h->version, sizeof(h->version), a, ANSWER_META_VERSION);
	keep(h->since, sizeof(h->since), a, ANSWER_META_SINCE);
	keep(h->wanted_id, sizeof(h->wanted_id), a, ANSWER_META_WANTED_ID);
	keep(h->wanted_host, sizeof(h->wanted_host), a,
	     ANSWER_META_WANTED_HOST);
	return id || host;
}

/* x-ms-lease-state: available, leased, expired, breaking, broken.  Without an
 * end (x-ms-lease-duration) it is a person's, or another program's: whoever is
 * named in the metadata held it before. */
static void look(const struct call *call, const struct answer *a,
		 struct reply *r)
{
	const char *duration = a->headers[ANSWER_LEASE_DURATION];
	const char *state = a->headers[ANSWER_LEASE_STATE];

	if (!state) {
		call_fault(call, &r->fault, FAULT_INVALID, a->status,
			   "the answer does not tell the state of a lease");
		return;
	}
	r->lease.held = text_same(state, "leased") ||
			text_same(state, "breaking");
	if (r->lease.held && duration && text_same(duration, "infinite")) {
		call_fault(
			call, &r->fault, FAULT_CONFLICT, a->status,
			"somebody who is no keyrotd holds it for ever, so that nobody leads: release it, or break it (\"az storage blob lease break\")");
		return;
	}
	r->lease.told = read_holder(&r->lease.holder, a);
}

void lease_read(const struct cloud *cloud, const struct call *call,
		const struct answer *a, const struct json *root, int64_t now_ms,
		struct reply *r)
{
	const char *id = a->headers[ANSWER_LEASE_ID];

	(void)cloud;
	(void)root;
	(void)now_ms;
	r->lease.ours = true;
	switch (call->lease_step) {
	case LEASE_ACQUIRE:
	case LEASE_RENEW:
		r->lease.held = true;
		/* A page that says 200 to everything gives no lease. */
		if (!id || !text_same(id, call->lease_id))
			call_fault(call, &r->fault, FAULT_INVALID, a->status,
				   "the answer is about another lease");
		break;
	case LEASE_TELL:
		r->lease.held = true;
		break;
	case LEASE_LOOK:
		r->lease.ours = false;
		look(call, a, r);
		break;
	case LEASE_MAKE:
	case LEASE_RELEASE:
		break;
	}
}

/* Refusals that answer whose it is. */
static const struct {
	const char *code;
	bool held; /* by somebody else */
} others[] = {
	{ "LeaseAlreadyPresent", true },
	{ "LeaseIdMismatchWithLeaseOperation", true },
	{ "LeaseIdMismatchWithBlobOperation", true },
	{ "LeaseIsBreakingAndCannotBeAcquired", true },
	{ "LeaseIsBreakingAndCannotBeChanged", true },
	{ "LeaseIsBrokenAndCannotBeRenewed", false },
	{ "LeaseNotPresentWithLeaseOperation", false },
	{ "LeaseNotPresentWithBlobOperation", false },
	{ "LeaseAlreadyBroken", false },
	{ "LeaseLost", false },
};

/* Refusals to make a blob that is there. */
static const char *const there[] = {
	"BlobAlreadyExists",
	"ConditionNotMet",
	"LeaseIdMissing",
};

void lease_refuse(const struct cloud *cloud, const struct call *call,
		  const struct answer *a, struct problem *p, struct reply *r)
{
	storage_refuse(cloud, call, a, p, r);
	if (p->status != 409 && p->status != 412)
		return;
	if (call->lease_step == LEASE_MAKE) {
		for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++)
			r->lease.ours |= text_same(p->code, there[i]);
		if (r->lease.ours)
			p->kind = FAULT_NONE;
		return;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (text_same(p->code, others[i].code)) {
			r->lease.held = others[i].held;
			p->kind = FAULT_NONE;
		}
}

/* Messages are taken, looked through for what they are about, and deleted by
 * their receipts. */
#include "azure/queue.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "azure/call_text.h"
#include "azure/hint.h"
#include "azure/storage.h"
#include "azure/url.h"
#include "base/text.h"
#include "base/xml.h"

/* A message is at most 64 KiB (of base64, where it is that), in which each byte
 * may be written as "&amp;". */
#define ANSWER_MAX (HINTS_MAX * (5 * 64 + 4) * 1024)
#define TEXT_MAX (80 * 1024)
#define DROP_ANSWER_MAX (16 * 1024)
#define RECEIPT_MAX 1024 /* bytes of an id or a receipt */
#define HIDDEN_MIN 1
#define HIDDEN_MAX 3600

bool queue_build(const struct cloud *cloud, const struct call *call,
		 const char *secret, int64_t wall_ms, struct exchange *x,
		 struct fault *f)
{
	char *below;
	bool ok;

	(void)secret;
	if (!call->peek &&
	    (call->hidden_s < HIDDEN_MIN || call->hidden_s > HIDDEN_MAX)) {
		call_fault(call, f, FAULT_INVALID, 0,
			   "messages are hidden for 1 to 3600 seconds");
		return false;
	}
	below = call->peek ? text_printf(
				     "/messages?numofmessages=%d&peekonly=true",
				     HINTS_MAX)
			   : text_printf("/messages?numofmessages=%d"
					 "&visibilitytimeout=%d",
					 HINTS_MAX, call->hidden_s);
	ok = storage_request(cloud, call, STORAGE_QUEUE, "GET", below, wall_ms,
			     ANSWER_MAX, x, f);
	free(below);
	return ok;
}

/* ---- the list ---- */

struct list {
	const struct cloud *cloud;
	struct reply *r;
	struct hint now; /* the one whose elements come */
	bool is_list;	 /* the root has the name that it must have */
};

static void begin(void *arg, unsigned depth, const char *name)
{
	struct list *l = arg;

	if (depth == 1)
		l->is_list = !strcmp(name, "QueueMessagesList");
	else if (depth == 2)
		hint_clear(&l->now);
}

/* To drop it by; the last one counts.  Too long: as if it were not there. */
static void keep(char **to, const char *text)
{
	free(*to);
	*to = *text && strlen(text) <= RECEIPT_MAX ? text_dup(text) : NULL;
}

/* Of no meaning but for people. */
static int count(const char *text)
{
	long n = strtol(text, NULL, 10);

	return n < 0 ? 0 : n > INT_MAX ? INT_MAX : (int)n;
}

static void member(struct list *l, const char *name, const char *text)
{
	struct hint *h = &l->now;

	if (!strcmp(name, "MessageId"))
		keep(&h->message, text);
	else if (!strcmp(name, "PopReceipt"))
		keep(&h->receipt, text);
	else if (!strcmp(name, "MessageText"))
		hint_read(l->cloud, text, h);
	else if (!strcmp(name, "DequeueCount"))
		h->dequeued = count(text);
}

static void take(struct list *l)
{
	struct reply *r = l->r;

	if (!l->now.message || !l->now.receipt || r->hints.n == HINTS_MAX) {
		r->hints.dropped++;
		return;
	}
	r->hints.hints =
		text_grow(r->hints.hints, r->hints.n, sizeof(*r->hints.hints));
	r->hints.hints[r->hints.n++] = l->now;
	l->now = (struct hint){ .message = NULL };
}

static void end(void *arg, unsigned depth, const char *name, const char *text)
{
	struct list *l = arg;

	if (depth == 3 && l->is_list)
		member(l, name, text);
	else if (depth == 2 && l->is_list && !strcmp(name, "QueueMessage"))
		take(l);
}

void queue_read(const struct cloud *cloud, const struct call *call,
		const struct answer *a, const struct json *root, int64_t now_ms,
		struct reply *r)
{
	struct list l = { .cloud = cloud, .r = r };
	const struct xml_sight sight = { begin, end, &l };
	struct fault why;

	(void)root;
	(void)now_ms;
	if (!xml_read(buf_str(&a->body), a->body.len, TEXT_MAX, &sight, &why))
		call_fault(call, &r->fault, FAULT_INVALID, a->status,
			   "HTTP %d, but %s", a->status, why.text);
	else if (!l.is_list)
		call_fault(call, &r->fault, FAULT_INVALID, a->status,
			   "the answer is no list of messages");
	hint_clear(&l.now);
	if (r->fault.kind == FAULT_NONE)
		return;
	/* What came before the mistake comes again when it is visible. */
	for (size_t i = 0; i < r->hints.n; i++)
		hint_clear(&r->hints.hints[i]);
	free(r->hints.hints);
	r->hints.hints = NULL;
}

void queue_refuse(const struct cloud *cloud, const struct call *call,
		  const struct answer *a, struct problem *p, struct reply *r)
{
	storage_refuse(cloud, call, a, p, r);
}

/* ---- deleting ---- */

bool queue_build_drop(const struct cloud *cloud, const struct call *call,
		      const char *secret, int64_t wall_ms, struct exchange *x,
		      struct fault *f)
{
	struct buf below;
	bool ok;

	(void)secret;
	buf_init(&below, URL_MAX);
	ok = call->message && call->receipt && call->message[0] &&
	     strlen(call->message) <= RECEIPT_MAX &&
	     strlen(call->receipt) <= RECEIPT_MAX &&
	     buf_puts(&below, "/messages/") &&
	     url_add_encoded(&below, call->message, strlen(call->message)) &&
	     buf_puts(&below, "?popreceipt=") &&
	     url_add_encoded(&below, call->receipt, strlen(call->receipt));
	if (ok)
		ok = storage_request(cloud, call, STORAGE_QUEUE, "DELETE",
				     buf_str(&below), wall_ms, DROP_ANSWER_MAX,
				     x, f);
	else
		call_fault(call, f, FAULT_INVALID, 0,
			   "the message has no id and receipt to delete it by");
	buf_free(&below);
	return ok;
}

void queue_read_drop(const struct cloud *cloud, const struct call *call,
		     const struct answer *a, const struct json *root,
		     int64_t now_ms, struct reply *r)
{
	(void)cloud;
	(void)call;
	(void)a;
	(void)root;
	(void)now_ms;
	r->drop.gone = false;
}

void queue_refuse_drop(const struct cloud *cloud, const struct call *call,
		       const struct answer *a, struct problem *p,
		       struct reply *r)
{
	storage_refuse(cloud, call, a, p, r);
	if (!text_same(p->code, "MessageNotFound") &&
	    !text_same(p->code, "PopReceiptMismatch"))
		return;
	p->kind = FAULT_NONE;
	r->drop.gone = true;
}

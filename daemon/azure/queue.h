/*
 * queue: the messages of a Storage queue that Event Grid feeds.  The parts of
 * the rows of CALL_HINTS and CALL_HINT_DROP in call.c, which is the only file
 * that includes this.
 * Sources: Microsoft, "Get Messages", "Delete Message", "Queue service error
 * codes" (REST API); Azure/azure-sdk-for-python:sdk/storage/azure-storage-queue.
 */
#ifndef KEYROTD_AZURE_QUEUE_H
#define KEYROTD_AZURE_QUEUE_H

#include "azure/call.h"
#include "azure/problem.h"
#include "base/json.h"

/* Up to HINTS_MAX messages, hidden from others for call->hidden_s. */
bool queue_build(const struct cloud *cloud, const struct call *call,
		 const char *secret, int64_t wall_ms, struct exchange *x,
		 struct fault *f);

/* Fill r->hints: each message that can be dropped is among them, whatever is
 * in it.  r->fault when the answer is no list of messages. */
void queue_read(const struct cloud *cloud, const struct call *call,
		const struct answer *a, const struct json *root, int64_t now_ms,
		struct reply *r);

void queue_refuse(const struct cloud *cloud, const struct call *call,
		  const struct answer *a, struct problem *p, struct reply *r);

/* Delete one message by its receipt. */
bool queue_build_drop(const struct cloud *cloud, const struct call *call,
		      const char *secret, int64_t wall_ms, struct exchange *x,
		      struct fault *f);

void queue_read_drop(const struct cloud *cloud, const struct call *call,
		     const struct answer *a, const struct json *root,
		     int64_t now_ms, struct reply *r);

/* That the message is gone, or was handed out again, is an answer: then p->kind
 * is FAULT_NONE and r->drop.gone true. */
void queue_refuse_drop(const struct cloud *cloud, const struct call *call,
		       const struct answer *a, struct problem *p,
		       struct reply *r);

#endif

/*
 * lease: the lease of a blob, by which one of several processes is known to
 * act.  The parts of CALL_LEASE's row in call.c, which is the only file that
 * includes this.
 * Sources: Microsoft, "Lease Blob", "Put Blob", "Set Blob Metadata", "Get
 * Blob Properties", "Blob service error codes" (REST API);
 * Azure/azure-sdk-for-python: sdk/storage/azure-storage-blob.
 */
#ifndef KEYROTD_AZURE_LEASE_H
#define KEYROTD_AZURE_LEASE_H

#include "azure/call.h"
#include "azure/problem.h"
#include "base/json.h"

/* One step.  It is never broken: no such step is there. */
bool lease_build(const struct cloud *cloud, const struct call *call,
		 const char *secret, int64_t wall_ms, struct exchange *x,
		 struct fault *f);

/* Fill r->lease, or r->fault when the answer is none of a lease. */
void lease_read(const struct cloud *cloud, const struct call *call,
		const struct answer *a, const struct json *root, int64_t now_ms,
		struct reply *r);

/* That somebody else has it, or nobody any more, is an answer: then p->kind is
 * FAULT_NONE and r->lease filled. */
void lease_refuse(const struct cloud *cloud, const struct call *call,
		  const struct answer *a, struct problem *p, struct reply *r);

#endif

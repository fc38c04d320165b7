/*
 * operation: changing a registry's key, and following the change until it
 * has settled.  The parts of CALL_PATCH's and CALL_OPERATION's rows in
 * call.c.
 * Source: Azure/azure-resource-manager-rpc:v1.0/async-api-reference.md;
 * Azure/azure-sdk-for-python arm_polling.py.
 */
#ifndef KEYROTD_AZURE_OPERATION_H
#define KEYROTD_AZURE_OPERATION_H

#include "azure/call.h"
#include "base/json.h"

bool operation_build_patch(const struct cloud *cloud, const struct call *call,
			   const char *secret, int64_t wall_ms,
			   struct exchange *x, struct fault *f);
bool operation_build(const struct cloud *cloud, const struct call *call,
		     const char *secret, int64_t wall_ms, struct exchange *x,
		     struct fault *f);

/* root may be NULL in both: an answer of 202 or 204 has no body. */
void operation_read_patch(const struct cloud *cloud, const struct call *call,
			  const struct answer *a, const struct json *root,
			  int64_t now_ms, struct reply *r);
void operation_read(const struct cloud *cloud, const struct call *call,
		    const struct answer *a, const struct json *root,
		    int64_t now_ms, struct reply *r);

#endif

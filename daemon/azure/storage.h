/*
 * storage: what a lease of a blob and a queue have in common: how Azure Storage
 * is asked with a token, and how it refuses.
 * Sources: Microsoft, "Authorize with Microsoft Entra ID (REST API)", "Status
 * and error codes" (Azure Storage); Azure/azure-sdk-for-python:sdk/storage.
 */
#ifndef KEYROTD_AZURE_STORAGE_H
#define KEYROTD_AZURE_STORAGE_H

#include "azure/call.h"
#include "azure/problem.h"
#include "azure/storage_url.h"
#include "base/json.h"

/*
 * Begin the request for call->url with `below` behind it (a path and a query,
 * or ""): with a token, dated at call->at, or at wall_ms when that is 0; of the
 * answer max_body bytes are accepted.  False with *f when the token must not
 * go there.
 */
bool storage_request(const struct cloud *cloud, const struct call *call,
		     enum storage_service service, const char *method,
		     const char *below, int64_t wall_ms, size_t max_body,
		     struct exchange *x, struct fault *f);

/* A refusal: the code of its header; a 401's challenge. */
void storage_refuse(const struct cloud *cloud, const struct call *call,
		    const struct answer *a, struct problem *p, struct reply *r);

#endif

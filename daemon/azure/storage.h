/*
 * storage: what a lease of a blob and a queue have in common: where they may
 * be, how Azure Storage is asked with a token, and how it refuses.
 * Sources: Microsoft, "Authorize with Microsoft Entra ID (REST API)", "Naming
 * and referencing containers, blobs, and metadata", "Naming queues and
 * metadata", "Status and error codes" (Azure Storage); Azure/
 * azure-sdk-for-python:sdk/storage.
 */
#ifndef KEYROTD_AZURE_STORAGE_H
#define KEYROTD_AZURE_STORAGE_H

#include "azure/call.h"
#include "azure/problem.h"
#include "base/json.h"

enum storage_service { STORAGE_BLOB, STORAGE_QUEUE };

/*
 * What is wrong with url as the address of a blob
 * ("https://account.blob.core.windows.net/container/blob") or of a queue
 * ("https://account.queue.core.windows.net/queue"), to follow "The address";
 * static text; NULL: nothing.
 */
const char *storage_url_wrong(const struct cloud *cloud, const char *url,
			      enum storage_service service);

/* HOST[:PORT] of a URL, lower case; false when it is none, or too long. */
bool storage_host(const char *url, char *dst, size_t size);

/* The account and what comes first in the path (a container or a queue) of such
 * an address; each bounded by its own size. */
void storage_names(const char *url, char *account, size_t account_size,
		   char *name, size_t name_size);

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

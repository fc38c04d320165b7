/*
 * storage_url: where a blob or a queue may be, by its address alone.
 * Sources: Microsoft, "Naming and referencing containers, blobs, and metadata",
 * "Naming queues and metadata".
 */
#ifndef KEYROTD_AZURE_STORAGE_URL_H
#define KEYROTD_AZURE_STORAGE_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "azure/cloud.h"

enum storage_service { STORAGE_BLOB, STORAGE_QUEUE };

/*
 * What is wrong with url as the address of a blob
 * ("https://account.blob.core.windows.net/container/blob") or of a queue
 * ("https://account.queue.core.windows.net/queue"), to follow "The address";
 * static text; NULL: nothing.
 */
const char *storage_url_wrong(const struct cloud *cloud, const char *url,
			      enum storage_service service);

/* The same of its path alone, whatever the host is. */
const char *storage_url_path_wrong(const char *url,
				   enum storage_service service);

/* HOST[:PORT] of a URL, lower case; false when it is none, or too long. */
bool storage_url_host(const char *url, char *dst, size_t size);

/* The blob of such an address, the same however that is written: HOST[:PORT] as
 * above, and "/CONTAINER/BLOB" with escapes only where they are needed.  The
 * caller frees it; NULL: the address is none. */
char *storage_url_blob(const char *url);

/* The account and what comes first in the path (a container or a queue) of such
 * an address; each bounded by its own size. */
void storage_url_names(const char *url, char *account, size_t account_size,
		       char *name, size_t name_size);

#endif

/*
 * trace: the id by which Azure's support finds a request (x-ms-request-id), in
 * as little room as hundreds of thousands of registries need.
 *
 * Resource Manager and Key Vault make it a GUID (Microsoft, "Azure Resource
 * Manager: request headers and limits", "Key Vault: common parameters and
 * headers"); what is none is not kept.  Plain values, nothing is owned.
 */
#ifndef KEYROTD_AZURE_TRACE_H
#define KEYROTD_AZURE_TRACE_H

#include <stdbool.h>

#define TRACE_MAX 37 /* as text, with its NUL */

struct trace {
	unsigned char bytes[16];
	bool known;
};

/* From a header's value, NULL for an absent one; what is no GUID of 32
 * hexadecimal digits, in its 8-4-4-4-12 form or without the hyphens, is not
 * known. */
struct trace trace_read(const char *text);

/* As text in lower case, with or without hyphens; "" when it is not known. */
void trace_print(const struct trace *t, bool hyphens, char dst[TRACE_MAX]);

#endif

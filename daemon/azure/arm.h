/*
 * arm: questions to Azure Resource Manager about one resource.  Values, no
 * owner.
 * Source: Microsoft, "Azure REST API reference", the parts of a request URI.
 */
#ifndef KEYROTD_AZURE_ARM_H
#define KEYROTD_AZURE_ARM_H

#include "azure/call.h"
#include "azure/resid.h"

struct arm_question {
	const struct resid *id;
	/* Appends the id: resid_add_path, vaultid_add_path. */
	bool (*add_path)(const struct resid *id, struct buf *out);
	const char *below; /* what follows it in the path, encoded; "": none */
	const char *api_version;
};

/* Append {resource_manager}{id}{below}?api-version=... to url; false with *f
 * FAULT_INVALID when it would be too long. */
bool arm_add_url(const struct cloud *cloud, const struct call *call,
		 const struct arm_question *q, struct buf *url,
		 struct fault *f);

/* A GET of that with a token, max_body bytes of the answer accepted, into *x;
 * false with *f as above. */
bool arm_get(const struct cloud *cloud, const struct call *call,
	     const struct arm_question *q, size_t max_body, struct exchange *x,
	     struct fault *f);

#endif

/*
 * registry: container registries as ARM shows them, and changing their key.
 * The parts of CALL_REGISTRY's, CALL_LIST's, CALL_PATCH's and
 * CALL_OPERATION's rows in call.c (building and reading the last two is in
 * operation.c).
 * Source: Azure/azure-rest-api-specs:specification/containerregistry/
 * resource-manager/Microsoft.ContainerRegistry/stable/2023-07-01/
 * containerregistry.json.
 */
#ifndef KEYROTD_AZURE_REGISTRY_H
#define KEYROTD_AZURE_REGISTRY_H

#include "azure/call.h"
#include "azure/problem.h"
#include "base/json.h"

/* {resource_manager}{registry's id}?api-version=..., appended to url. */
bool registry_add_url(const struct cloud *cloud, const struct call *call,
		      struct buf *url, struct fault *f);

/* A URL that Azure gave us, into x->url; refused when it leads elsewhere. */
bool registry_follow(const struct cloud *cloud, const struct call *call,
		     struct exchange *x, struct fault *f);

bool registry_build(const struct cloud *cloud, const struct call *call,
		    const char *secret, int64_t wall_ms, struct exchange *x,
		    struct fault *f);
bool registry_build_list(const struct cloud *cloud, const struct call *call,
			 const char *secret, int64_t wall_ms,
			 struct exchange *x, struct fault *f);

void registry_read(const struct cloud *cloud, const struct call *call,
		   const struct answer *a, const struct json *root,
		   int64_t now_ms, struct reply *r);
void registry_read_list(const struct cloud *cloud, const struct call *call,
			const struct answer *a, const struct json *root,
			int64_t now_ms, struct reply *r);

/* The same for a registry, a list, a change and an operation. */
void registry_refuse(const struct cloud *cloud, const struct call *call,
		     const struct answer *a, struct problem *p,
		     struct reply *r);

/* provisioningState; NULL (absent) means Succeeded. */
enum registry_provisioning registry_provisioning(const struct json *root);

/* One registry object; false when it has no properties. */
bool registry_view(const struct json *root, struct registry_view *v);

/* Is this identity (client id, resource id, "system") assigned to it?  v->found
 * is what a key's identity would be told by. */
void registry_seek(const struct json *root, const char *identity,
		   struct registry_view *v);

#endif

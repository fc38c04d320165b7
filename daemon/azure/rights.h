/*
 * rights: what the credential may do with a registry, asked of Resource
 * Manager's own list of the caller's permissions, so that nothing has to be
 * tried.  The three parts of CALL_RIGHTS's row in call.c, and the arithmetic
 * of Azure's roles, which is pure.
 * Source: Azure/azure-rest-api-specs:specification/authorization/
 * resource-manager/Microsoft.Authorization/stable/2022-04-01/
 * authorization-RoleDefinitionsCalls.json; Microsoft, "Understand Azure role
 * definitions".
 */
#ifndef KEYROTD_AZURE_RIGHTS_H
#define KEYROTD_AZURE_RIGHTS_H

#include "azure/call.h"
#include "azure/problem.h"
#include "base/json.h"

/* GET {registry}/providers/Microsoft.Authorization/permissions */
bool rights_build(const struct cloud *cloud, const struct call *call,
		  const char *secret, int64_t wall_ms, struct exchange *x,
		  struct fault *f);
/* Fill r->rights, or r->fault when it is no list of permissions. */
void rights_read(const struct cloud *cloud, const struct call *call,
		 const struct answer *a, const struct json *root,
		 int64_t now_ms, struct reply *r);

/* The action that a right (one bit) stands for, as roles name it. */
const char *rights_action(enum call_right right);

/* Whether a pattern of a role ("Microsoft.ContainerRegistry/registries/x",
 * "Microsoft.ContainerRegistry/x", "x", with * for any text where x stands)
 * fits an action; without case.  NULL fits nothing. */
bool rights_match(const char *pattern, const char *action);
/* Whether "value" of the answer allows the action: one of its elements names
 * it in "actions" and not in "notActions" (what one role leaves out another
 * may give). */
bool rights_allow(const struct json *value, const char *action);

#endif

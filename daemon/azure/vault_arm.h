/*
 * vault_arm: reading a key through Resource Manager, where neither the vault's
 * firewall nor its private endpoint stands in the way.  The other three parts
 * of CALL_KEY in call.c, which is the only file that includes this.
 * Source: Azure/azure-rest-api-specs:specification/keyvault/resource-manager/
 * Microsoft.KeyVault/stable/2022-07-01/keys.json.
 */
#ifndef KEYROTD_AZURE_VAULT_ARM_H
#define KEYROTD_AZURE_VAULT_ARM_H

#include "azure/call.h"
#include "azure/problem.h"
#include "base/json.h"

/* GET .../vaults/NAME/keys/KEY[/versions/VERSION] of call->vault_resource,
 * which must be the vault of call->key. */
bool vault_arm_build(const struct cloud *cloud, const struct call *call,
		     const char *secret, int64_t wall_ms, struct exchange *x,
		     struct fault *f);

/* Fill r->key: keyOps and keySize in place of key_ops and the modulus; or
 * r->fault when the answer is about another key or does not say what has to
 * be known. */
void vault_arm_read(const struct cloud *cloud, const struct call *call,
		    const struct answer *a, const struct json *root,
		    int64_t now_ms, struct reply *r);

/* As for a registry; but that the vault is not where it should be says nothing
 * of its keys: FAULT_DENIED. */
void vault_arm_refuse(const struct cloud *cloud, const struct call *call,
		      const struct answer *a, struct problem *p,
		      struct reply *r);

#endif

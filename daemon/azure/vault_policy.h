/*
 * vault_policy: reading a key's rotation policy from Key Vault: what it does
 * to the key by itself.  The parts of CALL_POLICY's row in call.c, which is the
 * only file that includes this; a refusal is read as one of a key.
 * Source: Azure/azure-rest-api-specs:specification/keyvault/data-plane/
 * Microsoft.KeyVault/stable/7.4/keys.json (KeyRotationPolicy).
 */
#ifndef KEYROTD_AZURE_VAULT_POLICY_H
#define KEYROTD_AZURE_VAULT_POLICY_H

#include "azure/call.h"
#include "base/json.h"

/* GET https://host/keys/name/rotationpolicy, whatever version call->key has. */
bool vault_policy_build(const struct cloud *cloud, const struct call *call,
			const char *secret, int64_t wall_ms, struct exchange *x,
			struct fault *f);

/* Fill r->policy with a clause for people, or r->fault when the answer is no
 * policy. */
void vault_policy_read(const struct cloud *cloud, const struct call *call,
		       const struct answer *a, const struct json *root,
		       int64_t now_ms, struct reply *r);

#endif

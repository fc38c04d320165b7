/*
 * vault: reading a key from Key Vault.  The three parts of CALL_KEY's row in
 * call.c, which is the only file that includes this.
 * Source: Azure/azure-rest-api-specs:specification/keyvault/data-plane/
 * Microsoft.KeyVault/stable/7.4/keys.json.
 */
#ifndef KEYROTD_AZURE_VAULT_H
#define KEYROTD_AZURE_VAULT_H

#include "azure/call.h"
#include "azure/problem.h"
#include "base/json.h"

/* GET https://host/keys/name[/version]; the host must be one of this cloud's
 * vaults, for the token goes there. */
bool vault_build(const struct cloud *cloud, const struct call *call,
		 const char *secret, int64_t wall_ms, struct exchange *x,
		 struct fault *f);

/* The host of call->key is one of this cloud's vaults; false with *f. */
bool vault_is_ours(const struct cloud *cloud, const struct call *call,
		   struct fault *f);

/* Fill r->key, or r->fault when the answer is about another key or does not
 * say what has to be known. */
void vault_read(const struct cloud *cloud, const struct call *call,
		const struct answer *a, const struct json *root, int64_t now_ms,
		struct reply *r);

/* 401: the challenge; 403 KeyDisabled: FAULT_REFUSED; 429: the whole vault. */
void vault_refuse(const struct cloud *cloud, const struct call *call,
		  const struct answer *a, struct problem *p, struct reply *r);

#endif

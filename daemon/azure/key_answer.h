/*
 * key_answer: what both answers about a key have in common, Key Vault's own
 * and Resource Manager's: its attributes, its type and uses, and which key it
 * is about.  Values only, no owner.
 * Sources: Azure/azure-rest-api-specs:specification/keyvault/data-plane/
 * Microsoft.KeyVault/stable/7.4/keys.json and specification/keyvault/
 * resource-manager/Microsoft.KeyVault/stable/2022-07-01/keys.json.
 */
#ifndef KEYROTD_AZURE_KEY_ANSWER_H
#define KEYROTD_AZURE_KEY_ANSWER_H

#include "azure/call.h"
#include "base/json.h"

/* Fill enabled, the times and the protection from "attributes" (times are in
 * seconds since 1970).  NULL, or what is wrong with them, in words. */
const char *key_answer_attributes(const struct json *at, struct key_version *k);

/* Fill rsa and wraps from the type and the array of operations. */
void key_answer_uses(const char *kty, const struct json *ops,
		     struct key_version *k);

/* Fill the version from the full identifier; an answer about any other key
 * than the one asked for is not one.  NULL, or what is wrong, in words. */
const char *key_answer_about(const struct call *call, const char *kid,
			     struct key_version *k);

#endif

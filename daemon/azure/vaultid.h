/*
 * vaultid: resource ids of key vaults, "/subscriptions/GUID/resourceGroups/RG/
 * providers/Microsoft.KeyVault/vaults/NAME".  Values, no owner.
 *
 * Grammar from Azure/azure-rest-api-specs:specification/keyvault/
 * resource-manager/Microsoft.KeyVault/stable/2022-07-01/keyvault.json and
 * Microsoft's "Naming rules and restrictions for Azure resources".
 */
#ifndef KEYROTD_AZURE_VAULTID_H
#define KEYROTD_AZURE_VAULTID_H

#include "azure/resid.h"

#define VAULTID_NAME_MAX 24

/* Parse into *id (views into text); false with *f FAULT_INVALID in words. */
bool vaultid_parse(struct resid *id, const char *text, struct fault *f);
/* It is the vault at this host ("NAME.vault.azure.net", a port may follow);
 * id is one that vaultid_parse has taken. */
bool vaultid_is_of(const struct resid *id, const char *host);
/* Append the id as a URL path, the group percent-encoded (RFC 3986). */
bool vaultid_add_path(const struct resid *id, struct buf *out);

#endif

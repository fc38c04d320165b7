/*
 * cloud: where one Azure cloud answers, and which hosts may see a token.
 *
 * A plain record filled by config/config from a built-in profile and the
 * "cloud" block of the file.  The config owns the strings.
 */
#ifndef KEYROTD_AZURE_CLOUD_H
#define KEYROTD_AZURE_CLOUD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

#define CLOUD_SUFFIXES_MAX 8
/* What tokens for Storage are made out to, in all clouds.
 * Source: Microsoft, "Authorize access to blobs using Microsoft Entra ID". */
#define CLOUD_STORAGE_AUDIENCE "https://storage.azure.com"
#define CLOUD_IMDS "http://169.254.169.254"

struct cloud {
	char *name;		/* "public", "china", "usgov" or "custom" */
	char *authority;	/* "https://login.microsoftonline.com" */
	char *resource_manager; /* "https://management.azure.com" */
	char *arm_audience;	/* "https://management.azure.com" */
	char *vault_suffixes[CLOUD_SUFFIXES_MAX]; /* ".vault.azure.net", ... */
	size_t n_vault_suffixes;
	char *vault_audience; /* NULL: "https://" + suffix without its dot */
	/* ".blob.core.windows.net", ... */
	char *storage_suffixes[CLOUD_SUFFIXES_MAX];
	size_t n_storage_suffixes;
	char *ca_file;			  /* NULL: the system's store */
	char *imds_endpoint;		  /* "http://169.254.169.254" */
	char *arc_key_directory;	  /* "/var/opt/azcmagent/tokens" */
	char *vault_api_version;	  /* "7.4" */
	char *registry_api_version;	  /* "2023-07-01" */
	char *vault_resource_api_version; /* "2023-07-01": keys as resources */
};

/*
 * Fill an all-NULL cloud with a built-in profile ("public", "china",
 * "usgov"); false when the name is unknown.  Strings are fresh copies.
 * Source: Azure/azure-cli:src/azure-cli-core/azure/cli/core/cloud.py.
 */
bool cloud_profile(struct cloud *c, const char *name);
/* True when both are the same in everything that decides who is asked for
 * tokens, and what these are good for. */
bool cloud_same(const struct cloud *a, const struct cloud *b);
void cloud_free(struct cloud *c); /* the strings, not the struct */

/* True when host ("v.vault.azure.net", a port may follow) is one vault name
 * in front of a suffix of this cloud. */
bool cloud_has_vault(const struct cloud *c, const char *host);

/* The same of a storage account.  The name of its DNS zone ("z12") may stand
 * behind the account's where the suffix ends in ".storage.azure.net".
 * Source: Microsoft, "Storage account overview", Azure DNS zone endpoints. */
bool cloud_has_storage(const struct cloud *c, const char *host);

/* The built-in cloud that such a vault is of ("china"); NULL: none. */
const char *cloud_of_vault(const char *host);

/* True for a Managed HSM ("h.managedhsm.azure.net"), whose keys are no
 * resources of Resource Manager.
 * Source: Microsoft, "About keys" (Key Vault). */
bool cloud_is_hsm(const char *host);

/* The built-in cloud of an authority, a Resource Manager or an audience, by its
 * host and whatever the port; of a vault suffix (".vault.azure.cn"); NULL:
 * none.  Sources: as cloud_profile; AzureAD/microsoft-authentication-library-
 * for-go for further names of the authorities. */
const char *cloud_of_url(const char *url);
const char *cloud_of_suffix(const char *suffix);
/* The same of a storage suffix (".blob.core.chinacloudapi.cn"). */
const char *cloud_of_storage_suffix(const char *suffix);

/*
 * The name by which a vault or a managed HSM is asked, for one of a private
 * link's zone: "v.vault.azure.net" for "v.privatelink.vaultcore.azure.net".
 * False for any other host, or when dst is too small.  Certificates are made
 * out to the public name alone.
 * Source: Microsoft, "Azure Private Endpoint private DNS zone values".
 */
bool cloud_public_name(const char *host, char *dst, size_t size);

/* The audience for a vault host: vault_audience, or from its suffix. */
bool cloud_vault_audience(const struct cloud *c, const char *host, char *dst,
			  size_t size);

/*
 * The challenge rule of Key Vault's own clients: the request host must end
 * with "." + the host of the challenge's resource, ignoring case and ports.
 * Source: Azure/azure-sdk-for-python challenge_auth_policy.py.
 */
bool cloud_resource_fits(const char *resource, const char *request_host);

/* True when url is https and has the same host and port as base (":443" and
 * no port are the same; user info in either makes it false). */
bool cloud_same_origin(const char *url, const char *base);

#endif

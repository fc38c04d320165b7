/*
 * remedy: the commands of the Azure CLI that mend what is found, complete and
 * fit to be pasted into a POSIX shell: real names, quoted where needed.  What
 * nobody here can know stands in capitals, and the sentence beside the command
 * says what it is.
 *
 * Each appends one command to out; what does not fit is left out as a whole.
 * Source: Microsoft, "Azure CLI reference": az keyvault, az acr, az role
 * assignment, az keyvault role assignment, az storage, az ad app; "Local RBAC built-in
 * roles for Managed HSM".
 */
#ifndef KEYROTD_AZURE_REMEDY_H
#define KEYROTD_AZURE_REMEDY_H

#include "azure/call.h"
#include "base/buf.h"

#define REMEDY_MAX 2048 /* bytes of a command */

/* The role of our own, in conf/azure/role.json. */
#define REMEDY_ROLE "Registry key rotator"
#define REMEDY_VAULT_ROLE "Key Vault Reader"
/* ... in a Managed HSM ... */
#define REMEDY_HSM_ROLE "Managed HSM Crypto Auditor"
/* ... and for keys that are read through Resource Manager. */
#define REMEDY_ARM_ROLE "Reader"

/* Whom a right is given to: the object id of the token, else what the
 * credential's client id leads to, else OBJECT-ID. */
struct remedy_who {
	const struct claims *claims;	     /* NULL: there was no token */
	const struct credential *credential; /* NULL: none */
};

/* One word of a command: as it is, or in single quotes. */
bool remedy_word(struct buf *out, const char *s);

/* ---- vaults and keys ---- */

void remedy_vault_reader(struct buf *out, const struct remedy_who *who,
			 const struct keyid *key);
void remedy_vault_role(struct buf *out, const struct remedy_who *who,
		       const struct keyid *key);
void remedy_vault_policy(struct buf *out, const struct remedy_who *who,
			 const struct keyid *key);
/* address: this host's, as the vault sees it; NULL: ADDRESS. */
void remedy_vault_address(struct buf *out, const struct keyid *key,
			  const char *address);
/* A private endpoint for the vault, in GROUP and SUBNET. */
void remedy_vault_link(struct buf *out, const struct keyid *key);
void remedy_vault_show(struct buf *out, const struct keyid *key);
void remedy_purge_protection(struct buf *out, const struct keyid *key);
void remedy_soft_delete(struct buf *out, const struct keyid *key);
void remedy_key_list(struct buf *out, const struct keyid *key);
/* Of the version that key names, or the newest. */
void remedy_key_enable(struct buf *out, const struct keyid *key);
/* The same version, not any more. */
void remedy_key_disable(struct buf *out, const struct keyid *key);
/* Of a key that was deleted and is not purged yet. */
void remedy_key_recover(struct buf *out, const struct keyid *key);
void remedy_key_ops(struct buf *out, const struct keyid *key);
void remedy_key_create(struct buf *out, const struct keyid *key);

/* ---- registries (by resource id) ---- */

void remedy_registry_role(struct buf *out, const struct remedy_who *who,
			  const char *id);
void remedy_registry_find(struct buf *out, const char *id);
void remedy_registry_premium(struct buf *out, const char *id);
/* A new one, NEW, for what cannot be had later; with IDENTITY. */
void remedy_registry_create(struct buf *out, const char *id,
			    const struct keyid *key);
void remedy_registry_key(struct buf *out, const char *id,
			 const struct keyid *key, const char *identity);
/* What was done to it lately. */
void remedy_activity(struct buf *out, const char *id);
/* identity: a client id, or "system". */
void remedy_registry_identity(struct buf *out, const char *id,
			      const char *identity);
void remedy_content_trust(struct buf *out, const char *id);

/* ---- Storage (by the address of a blob or a queue) ---- */

#define REMEDY_BLOB_ROLE "Storage Blob Data Contributor"
#define REMEDY_QUEUE_ROLE "Storage Queue Data Message Processor"

/* On the container, or on the queue. */
void remedy_storage_role(struct buf *out, const struct remedy_who *who,
			 const char *url, bool queue);
/* This host's ADDRESS through the account's firewall. */
void remedy_storage_address(struct buf *out, const char *url);
/* The container, or the queue. */
void remedy_storage_create(struct buf *out, const char *url, bool queue);
/* ---- scopes of rules ---- */

/* scope: a subscription or a resource group, as an id; NULL: SCOPE. */
void remedy_scope_reader(struct buf *out, const struct remedy_who *who,
			 const char *scope);

/* ---- credentials ---- */

void remedy_secret(struct buf *out, const struct credential *c);
void remedy_certificate(struct buf *out, const struct credential *c);
void remedy_application(struct buf *out, const struct credential *c);
void remedy_vm_identity(struct buf *out, const struct credential *c);
void remedy_federation(struct buf *out, const struct credential *c);

#endif

/*
 * keyid: Key Vault key identifiers, "https://VAULT.SUFFIX[:PORT]/keys/NAME"
 * with or without "/VERSION".
 *
 * Follows Microsoft's "About keys, secrets and certificates" and the name
 * pattern of Azure/azure-rest-api-specs (keyvault.json).  Values, no owner.
 */
#ifndef KEYROTD_AZURE_KEYID_H
#define KEYROTD_AZURE_KEYID_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"

#define KEYID_HOST_MAX 128 /* with the port */
#define KEYID_NAME_MAX 128
#define KEYID_VERSION_MAX 33
#define KEYID_TEXT_MAX 320

struct keyid {
	/* lower case, ":443" dropped, another port kept ("v.x.example:8443") */
	char host[KEYID_HOST_MAX];
	char name[KEYID_NAME_MAX];	 /* as written */
	char version[KEYID_VERSION_MAX]; /* lower case hex, "" = unversioned */
};

/*
 * Parse an identifier.  Grammar: https only; vault name 3..24 of [0-9A-Za-z-]
 * without "--" (the first label of the host); name 1..127 of [0-9A-Za-z-];
 * version 1..32 of [0-9A-Za-z].  A trailing slash is accepted.  The host's
 * suffix is not checked here (cloud_has_vault does).
 * False with *f FAULT_INVALID that says what is wrong, in words.
 */
bool keyid_parse(struct keyid *id, const char *text, struct fault *f);

/* "https://host/keys/name[/version]" into dst (KEYID_TEXT_MAX). */
void keyid_print(const struct keyid *id, char *dst, size_t size);
/* The same without the version. */
void keyid_print_base(const struct keyid *id, char *dst, size_t size);

/* Same vault and name, versions not looked at; without case. */
bool keyid_same_key(const struct keyid *a, const struct keyid *b);
bool keyid_same(const struct keyid *a, const struct keyid *b);

#endif

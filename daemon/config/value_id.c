/* Identifiers: GUIDs and the ids of resources. */
#include "config/value_id.h"

#include <stdio.h>
#include <string.h>

#include "azure/resid.h"
#include "azure/vaultid.h"
#include "base/text.h"
#include "config/draft.h"
#include "config/value_text.h"

static bool read_guid(const struct config_value *v)
{
	return resid_is_guid(v->text) && value_text_keep(v->at, v->text);
}

static bool read_identity(const struct config_value *v)
{
	if (text_same(v->text, "system"))
		return value_text_keep(v->at, "system");
	return read_guid(v);
}

/* A name of [^/] up to the given word, which is skipped; NULL otherwise. */
static const char *skip_name(const char *s, const char *word)
{
	size_t len = strcspn(s, "/");

	if (!len || !text_prefix(s + len, word))
		return NULL;
	return s + len + strlen(word);
}

static bool read_identity_id(const struct config_value *v)
{
	static const char start[] = "/subscriptions/";
	const char *s = v->text + strlen(start);
	char guid[37];

	if (!text_prefix(v->text, start) || strcspn(s, "/") != sizeof(guid) - 1)
		return false;
	snprintf(guid, sizeof(guid), "%.36s", s);
	s = skip_name(s, "/resourceGroups/");
	s = s ? skip_name(s, "/providers/Microsoft.ManagedIdentity"
			     "/userAssignedIdentities/")
	      : NULL;
	return s && resid_is_guid(guid) &&
	       value_text_made_of(s, VALUE_ALNUM "_-") &&
	       value_text_keep(v->at, v->text);
}

static bool read_vault_id(const struct config_value *v)
{
	struct resid id;

	return vaultid_parse(&id, v->text, v->why) &&
	       value_text_keep(v->at, v->text);
}

/* A list in one string, as Azure's own tools have it. */
static bool read_tenants(const struct config_value *v)
{
	return (resid_is_guid(v->text) || !strcmp(v->text, "*")) &&
	       value_text_add(v->at, v->text, ';');
}

static bool read_registries(const struct config_value *v)
{
	struct config_watch_draft *d = v->base;
	size_t n = d->w.n_registries;
	struct resid id;

	if (!resid_parse(&id, v->text, v->why))
		return false;
	d->w.registries =
		text_grow(d->w.registries, n, sizeof(*d->w.registries));
	d->lines = text_grow(d->lines, n, sizeof(*d->lines));
	d->w.registries[n].id = text_dup(v->text);
	d->lines[n] = v->line;
	d->w.n_registries++;
	return true;
}

const struct config_type value_vault_id = {
	.accepts = "the resource id of a vault, "
		   "\"/subscriptions/GUID/resourceGroups/GROUP/providers/"
		   "Microsoft.KeyVault/vaults/NAME\"",
	.read = read_vault_id
};
const struct config_type value_guid = {
	.accepts = "a GUID of the form 8-4-4-4-12 hexadecimal digits",
	.read = read_guid
};
const struct config_type value_identity_id = {
	.accepts = "the resource id of a user-assigned identity, "
		   "\"/subscriptions/GUID/resourceGroups/GROUP/providers/"
		   "Microsoft.ManagedIdentity/userAssignedIdentities/NAME\"",
	.read = read_identity_id
};
const struct config_type value_tenants = {
	.accepts = "GUIDs of tenants, or \"*\" for any",
	.list = true,
	.read = read_tenants
};
const struct config_type value_registries = {
	.accepts = "resource ids of registries",
	.list = true,
	.read = read_registries
};
const struct config_type value_identity = {
	.accepts = "a client id (a GUID) or \"system\"", .read = read_identity
};

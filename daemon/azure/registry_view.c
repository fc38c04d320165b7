/*
 * Makes of ARM's object the few facts about a registry that matter here:
 * its key and version, who reads the key, and whether it is settled.
 */
#include "azure/registry.h"

#include <string.h>

#include "base/text.h"

enum registry_provisioning registry_provisioning(const struct json *root)
{
	static const char *const words[] = {
		[PROVISIONING_SUCCEEDED] = "Succeeded",
		[PROVISIONING_CREATING] = "Creating",
		[PROVISIONING_UPDATING] = "Updating",
		[PROVISIONING_DELETING] = "Deleting",
		[PROVISIONING_FAILED] = "Failed",
		[PROVISIONING_CANCELED] = "Canceled",
	};
	const struct json *state = json_get_nocase(
		json_get_nocase(root, "properties"), "provisioningState");
	const char *s = json_str(state);

	if (json_type(state) == JSON_NULL)
		return PROVISIONING_SUCCEEDED;
	for (size_t i = 0; s && i < sizeof(words) / sizeof(words[0]); i++) {
		if (text_same(s, words[i]))
			return (enum registry_provisioning)i;
	}
	return s && text_same(s, "Cancelled") ? PROVISIONING_CANCELED
					      : PROVISIONING_OTHER;
}

static const char *member(const struct json *object, const char *name)
{
	return json_str(json_get_nocase(object, name));
}

/* Identity types come in a list, "SystemAssigned, UserAssigned". */
static bool has_system(const struct json *identity)
{
	const char *type = member(identity, "type");
	const char *id = member(identity, "principalId");

	return id && *id && type && strcasestr(type, "SystemAssigned");
}

static bool has_client(const struct json *identity, const char *client_id)
{
	const struct json *m =
		json_first(json_get_nocase(identity, "userAssignedIdentities"));
	const char *id;

	for (; m; m = json_next(m)) {
		id = member(m, "clientId");
		if (id && text_same(id, client_id))
			return true;
	}
	return false;
}

/*
 * Whether the identity that reads the key is still on the registry: "system"
 * is the registry's own, anything else a client id.
 * Source: Azure/azure-cli:src/azure-cli/azure/cli/command_modules/acr/
 * check_health.py.
 */
static void read_identity(const struct json *root, const struct json *key,
			  struct registry_view *v)
{
	const struct json *identity = json_get_nocase(root, "identity");
	const char *s = member(key, "identity");

	if (!s || !text_copy(v->identity, sizeof(v->identity), s)) {
		v->identity[0] = '\0';
		return;
	}
	if (text_same(s, "system")) {
		text_lower(v->identity);
		v->identity_attached = has_system(identity);
	} else {
		v->identity_attached = *s && has_client(identity, s);
	}
}

void registry_seek(const struct json *root, const char *identity,
		   struct registry_view *v)
{
	const struct json *all = json_get_nocase(root, "identity");
	const struct json *m =
		json_first(json_get_nocase(all, "userAssignedIdentities"));

	v->sought = true;
	v->found[0] = '\0';
	if (text_same(identity, "system")) {
		if (has_system(all))
			text_copy(v->found, sizeof(v->found), "system");
		return;
	}
	for (; m; m = json_next(m)) {
		const char *id = member(m, "clientId");

		if (id && *id &&
		    (text_same(id, identity) ||
		     text_same(json_name(m), identity)) &&
		    text_copy(v->found, sizeof(v->found), id))
			return;
		v->found[0] = '\0';
	}
}

/* A version means something only together with its key, and that may be
 * another one than the registry is set to.  What is not told is not known: it
 * is not "another version". */
static void read_in_use(const char *used, struct registry_view *v)
{
	struct fault f;

	v->version_known = used && keyid_parse(&v->in_use_key, used, &f) &&
			   v->in_use_key.version[0];
	if (!v->version_known) {
		v->in_use_key = v->key;
		v->version_known = v->key_valid && v->key.version[0];
	}
	if (v->version_known)
		text_copy(v->version_in_use, sizeof(v->version_in_use),
			  v->in_use_key.version);
}

static void read_key(const struct json *key, const char *status,
		     struct registry_view *v)
{
	bool off = status && text_same(status, "disabled");
	const char *written = member(key, "keyIdentifier");
	const char *rotated = member(key, "lastKeyRotationTimestamp");
	struct fault f;

	v->key_valid = written && keyid_parse(&v->key, written, &f);
	read_in_use(member(key, "versionedKeyIdentifier"), v);
	/* Only Premium can have a key at all, and whoever has one keeps it. */
	v->hidden = v->premium && !off && !written && !v->version_known;
	v->encrypted = status && text_same(status, "enabled") &&
		       (written || v->version_known);
	if (!json_bool(json_get_nocase(key, "keyRotationEnabled"),
		       &v->auto_rotation))
		v->auto_rotation = v->key_valid && !v->key.version[0];
	if (rotated)
		v->rotated_at = text_parse_rfc3339(rotated);
}

bool registry_view(const struct json *root, struct registry_view *v)
{
	const struct json *props = json_get_nocase(root, "properties");
	const struct json *enc = json_get_nocase(props, "encryption");
	const struct json *key = json_get_nocase(enc, "keyVaultProperties");
	const char *trust =
		member(json_get_nocase(json_get_nocase(props, "policies"),
				       "trustPolicy"),
		       "status");
	const char *sku = member(json_get_nocase(root, "sku"), "name");

	*v = (struct registry_view){ .rotated_at = -1 };
	if (json_type(props) != JSON_OBJECT)
		return false;
	v->provisioning = registry_provisioning(root);
	v->premium = sku && text_same(sku, "Premium");
	read_key(key, member(enc, "status"), v);
	read_identity(root, key, v);
	v->content_trust = text_same(trust, "enabled");
	return true;
}

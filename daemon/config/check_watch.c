/* What a watch block says as a whole, beside the credentials and the cloud. */
#include "config/check_watch.h"

#include <stdio.h>
#include <string.h>

#include "azure/resid.h"
#include "azure/vaultid.h"
#include "base/text.h"
#include "config/check_cloud.h"
#include "config/check_lease.h"
#include "config/check_name.h"

static void check_key(struct config_build *b, struct config_watch_draft *d)
{
	unsigned mode = options_given(&d->section, "mode");

	if (!d->known)
		return;
	check_cloud_vault(b, d);
	if (!d->w.key.version[0])
		return;
	d->w.mode = WATCH_MANUAL;
	if (!mode)
		problem_remark(&b->problems, CONFIG_NOTE, d->section.source,
			       d->section.line,
			       "key \"%s\" is manual: it has a version, so its "
			       "registries are held at exactly that one; take "
			       "the version off to follow new ones.",
			       d->w.title);
	else
		problem_add(&b->problems, d->section.source, mode,
			    "a key with a version holds its registries at "
			    "exactly that version, so 'mode' has no meaning: "
			    "remove it, or take the version off the key.");
}

static void check_registries(struct config_build *b,
			     const struct config_watch_draft *d)
{
	const struct config_section *s = &d->section;
	unsigned line = options_given(s, "registries");

	if (d->w.n_registries || options_refused(s, "registries"))
		return;
	problem_add(&b->problems, s->source, line ? line : s->line,
		    "this watch has no registries: list at least one resource "
		    "id as registries = { \"/subscriptions/...\" }.");
}

static void find_canary(struct config_build *b, struct config_watch_draft *d)
{
	struct check_name p = { .wrong = d->canary };
	const char *id, *name, *slash;
	char message[256];
	bool whole = d->canary && strchr(d->canary, '/');

	if (!d->canary)
		return;
	for (size_t i = 0; i < d->w.n_registries; i++) {
		id = d->w.registries[i].id;
		slash = strrchr(id, '/');
		name = slash ? slash + 1 : id;
		if (whole ? resid_same(id, d->canary)
			  : text_same(name, d->canary)) {
			d->w.canary_id = text_dup(id);
			return;
		}
		check_name_try(&p, name);
	}
	if (options_refused(&d->section, "registries"))
		return;
	snprintf(message, sizeof(message),
		 "canary \"%.160s\" is none of this watch's registries",
		 d->canary);
	check_name_complain(b, &d->section, "canary", message, &p);
}

/* The other way to the key has to lead to the same vault; of a Managed HSM
 * there is none. */
static void check_via(struct config_build *b,
		      const struct config_watch_draft *d)
{
	const struct config_section *s = &d->section;
	unsigned via = options_given(s, "read-key-via");
	unsigned resource = options_given(s, "vault-resource");
	struct resid id;
	struct fault f;

	if (!d->known || options_refused(s, "read-key-via") ||
	    options_refused(s, "vault-resource"))
		return;
	if (cloud_is_hsm(d->w.key.host)) {
		if (d->w.via != CONFIG_VIA_VAULT || resource)
			problem_add(
				&b->problems, s->source, via ? via : resource,
				"\"%s\" is a Managed HSM, whose keys cannot "
				"be read through Resource Manager: remove "
				"'%s'.",
				d->w.key.host,
				via ? "read-key-via" : "vault-resource");
		return;
	}
	if (d->w.via != CONFIG_VIA_VAULT && !resource)
		problem_add(&b->problems, s->source, via,
			    "%s: add vault-resource = "
			    "\"/subscriptions/...\", which \"az keyvault show "
			    "--name %.*s --query id --output tsv\" prints.",
			    d->w.via == CONFIG_VIA_AUTO
				    ? "without 'vault-resource' there is no "
				      "other way to fall back to"
				    : "a key that is read through Resource "
				      "Manager needs 'vault-resource'",
			    (int)strcspn(d->w.key.host, "."), d->w.key.host);
	if (!resource || !d->w.vault_resource)
		return;
	if (!vaultid_parse(&id, d->w.vault_resource, &f) ||
	    !vaultid_is_of(&id, d->w.key.host))
		problem_add(&b->problems, s->source, resource,
			    "'vault-resource' is the vault \"%s\", but the "
			    "key is in \"%s\": both must be the same vault.",
			    id.name ? id.name : "", d->w.key.host);
	else if (d->w.via == CONFIG_VIA_VAULT)
		problem_remark(&b->problems, CONFIG_NOTE, s->source, resource,
			       "'vault-resource' is not used: the key is read "
			       "from its vault, unless read-key-via = \"auto\" "
			       "or \"resource-manager\" says otherwise.");
}

void check_watch(struct config_build *b, struct config_watch_draft *d)
{
	check_key(b, d);
	check_via(b, d);
	check_registries(b, d);
	d->w.credential = check_name_credential(b, &d->section, d->credential);
	d->w.lease = check_lease_of(b, &d->section, &d->lease);
	find_canary(b, d);
}

/* What a watch block says as a whole, beside the credentials and the cloud. */
#include "config/check_watch.h"

#include <stdio.h>
#include <string.h>

#include "azure/resid.h"
#include "azure/vaultid.h"
#include "base/text.h"
#include "config/check_cloud.h"
#include "config/check_unique.h"

/* Names that are looked at for a proposal: a hint is not worth more. */
#define NEAR_TRIES 100

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

/* A name close to a wrong one. */
struct proposal {
	const char *wrong, *best;
	unsigned least;
	size_t tries;
};

static void propose(struct proposal *p, const char *name)
{
	unsigned d;

	if (!*name || p->tries++ >= NEAR_TRIES)
		return;
	d = text_distance(p->wrong, name);
	if (value_is_near(d, p->wrong) && (!p->best || d < p->least)) {
		p->least = d;
		p->best = name;
	}
}

/* Complain with a sentence that lacks its end: the proposal, if any. */
static void complain(struct config_build *b, const struct config_section *s,
		     const char *option, const char *message,
		     const struct proposal *p)
{
	unsigned line = options_given(s, option);

	if (p->best)
		problem_add(&b->problems, s->source, line,
			    "%s; did you mean \"%s\"?", message, p->best);
	else
		problem_add(&b->problems, s->source, line, "%s.", message);
}

static void find_credential(struct config_build *b,
			    struct config_watch_draft *d)
{
	const struct config_section *s = &d->section;
	struct proposal p = { .wrong = d->credential };
	char message[256];

	if (options_refused(s, "credential") ||
	    b->lost & 1u << CONFIG_CREDENTIAL ||
	    (!b->n_credentials && text_same(d->credential, "default")))
		return;
	d->w.credential = check_unique_find(b->credential_names,
					    b->n_credentials, d->credential);
	if (d->w.credential != SIZE_MAX)
		return;
	if (!options_given(s, "credential")) {
		problem_add(&b->problems, s->source, s->line,
			    "this watch names no credential and there is none "
			    "called \"default\": add credential = \"NAME\".");
		return;
	}
	for (size_t i = 0; i < b->n_credentials; i++)
		propose(&p, b->credentials[i].c.name);
	snprintf(message, sizeof(message), "there is no credential \"%s\"",
		 d->credential);
	complain(b, s, "credential", message, &p);
}

static void find_canary(struct config_build *b, struct config_watch_draft *d)
{
	struct proposal p = { .wrong = d->canary };
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
		propose(&p, name);
	}
	if (options_refused(&d->section, "registries"))
		return;
	snprintf(message, sizeof(message),
		 "canary \"%.160s\" is none of this watch's registries",
		 d->canary);
	complain(b, &d->section, "canary", message, &p);
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
	find_credential(b, d);
	find_canary(b, d);
}

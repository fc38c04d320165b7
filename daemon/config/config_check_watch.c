/* What a watch block says as a whole. */
#include "config/config_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Names that are looked at for a proposal: a hint is not worth more. */
#define NEAR_TRIES 100

static const struct config_section *section(const struct config_build *b,
					    const struct config_watch_draft *d)
{
	return &b->sections[d->section];
}

/* The cloud cannot be relied on when its own block is wrong. */
static bool cloud_certain(const struct config_build *b)
{
	return b->cloud_section == SIZE_MAX ||
	       !b->sections[b->cloud_section].refused;
}

static void say_suffixes(const struct cloud *c, char *dst, size_t size)
{
	size_t len = 0;

	*dst = '\0';
	for (size_t i = 0; i < c->n_vault_suffixes && len < size; i++)
		len += (size_t)snprintf(dst + len, size - len, "%sNAME%s",
					i ? " or " : "", c->vault_suffixes[i]);
}

static void check_vault(struct config_build *b,
			const struct config_watch_draft *d)
{
	const struct config_section *s = section(b, d);
	char suffixes[256];

	if (!cloud_certain(b) ||
	    cloud_has_vault(&b->config->cloud, d->w.key.host))
		return;
	say_suffixes(&b->config->cloud, suffixes, sizeof(suffixes));
	config_mistake(b, s->source, s->line,
		       "\"%s\" is no vault of the cloud "
		       "\"%s\": its vaults are called %s.",
		       d->w.key.host, b->config->cloud.name, suffixes);
}

static void check_key(struct config_build *b, struct config_watch_draft *d)
{
	const struct config_section *s = section(b, d);
	unsigned mode = config_given(s, "mode");
	struct fault why;

	if (d->w.title[0] == CONFIG_MARK)
		return;
	d->known = keyid_parse(&d->w.key, d->w.title, &why);
	if (!d->known) {
		config_mistake(b, s->source, s->line, "%s", why.text);
		return;
	}
	check_vault(b, d);
	if (!d->w.key.version[0])
		return;
	d->w.mode = WATCH_MANUAL;
	if (mode)
		config_mistake(b, s->source, mode,
			       "a key with a version holds "
			       "its registries at exactly that version, so "
			       "'mode' has no meaning: remove it, or take the "
			       "version off the key.");
}

static void check_registries(struct config_build *b,
			     const struct config_watch_draft *d)
{
	const struct config_section *s = section(b, d);
	unsigned line = config_given(s, "registries");

	if (d->w.n_registries || config_refused(s, "registries"))
		return;
	config_mistake(b, s->source, line ? line : s->line,
		       "this watch has no "
		       "registries: list at least one resource id as "
		       "registries = { \"/subscriptions/...\" }.");
}

/* A name close to a wrong one: ready to be put behind a message. */
struct proposal {
	const char *wrong, *best;
	unsigned least;
	size_t tries;
};

static void propose(struct proposal *p, const char *name)
{
	unsigned d;

	if (p->tries++ >= NEAR_TRIES)
		return;
	d = text_distance(p->wrong, name);
	if (config_near(d, p->wrong) && (!p->best || d < p->least)) {
		p->least = d;
		p->best = name;
	}
}

static void complain_unknown(struct config_build *b, unsigned source,
			     unsigned line, const char *message,
			     const struct proposal *p)
{
	if (p->best)
		config_mistake(b, source, line, "%s; did you mean \"%s\"?",
			       message, p->best);
	else
		config_mistake(b, source, line, "%s.", message);
}

static void unknown_credential(struct config_build *b,
			       const struct config_watch_draft *d)
{
	const struct config_section *s = section(b, d);
	unsigned line = config_given(s, "credential");
	struct proposal p = { .wrong = d->credential };
	char message[256];

	if (!line) {
		config_mistake(b, s->source, s->line,
			       "this watch names no "
			       "credential and there is none called "
			       "\"default\": add credential = \"NAME\".");
		return;
	}
	for (size_t i = 0; i < b->n_credentials; i++)
		propose(&p, b->credentials[i].c.name);
	snprintf(message, sizeof(message), "there is no credential \"%s\"",
		 d->credential);
	complain_unknown(b, s->source, line, message, &p);
}

static void check_credential(struct config_build *b,
			     struct config_watch_draft *d)
{
	if (config_refused(section(b, d), "credential"))
		return;
	if (!b->n_credentials && text_same(d->credential, "default"))
		return;
	d->w.credential = config_unique_find(b->credential_names,
					     b->n_credentials, d->credential);
	if (d->w.credential == SIZE_MAX)
		unknown_credential(b, d);
}

static const char *name_of(const char *id)
{
	const char *slash = strrchr(id, '/');

	return slash ? slash + 1 : id;
}

static const char *find_canary(const struct config_watch_draft *d,
			       struct proposal *p)
{
	bool whole = strchr(d->canary, '/');

	for (size_t i = 0; i < d->w.n_registries; i++) {
		const char *id = d->w.registries[i].id;

		if (text_same(whole ? id : name_of(id), d->canary))
			return id;
		propose(p, name_of(id));
	}
	return NULL;
}

static void check_canary(struct config_build *b, struct config_watch_draft *d)
{
	const struct config_section *s = section(b, d);
	struct proposal p = { .wrong = d->canary };
	char message[256];

	if (!d->canary)
		return;
	d->w.canary_id = text_dup(find_canary(d, &p));
	if (d->w.canary_id || config_refused(s, "registries"))
		return;
	snprintf(message, sizeof(message),
		 "canary \"%.160s\" is none of this "
		 "watch's registries",
		 d->canary);
	complain_unknown(b, s->source, config_given(s, "canary"), message, &p);
}

void config_check_watch(struct config_build *b, struct config_watch_draft *d)
{
	check_key(b, d);
	check_registries(b, d);
	check_credential(b, d);
	check_canary(b, d);
}

/* What only the whole can tell, and the drafts' way into the result. */
#include "config/config_internal.h"

#include <stdlib.h>
#include <string.h>

#include "azure/resid.h"

static void override(struct cloud *to, struct cloud *from,
		     const struct config_option *o)
{
	char **a = (char **)(void *)((char *)to + o->offset);
	char **b = (char **)(void *)((char *)from + o->offset);

	if (o->type->list || !*b)
		return;
	free(*a);
	*a = *b;
	*b = NULL;
}

static void override_suffixes(struct cloud *to, struct cloud *from)
{
	if (!from->n_vault_suffixes)
		return;
	for (size_t i = 0; i < CLOUD_SUFFIXES_MAX; i++) {
		free(to->vault_suffixes[i]);
		to->vault_suffixes[i] = from->vault_suffixes[i];
		from->vault_suffixes[i] = NULL;
	}
	to->n_vault_suffixes = from->n_vault_suffixes;
}

/* The profile, with what the cloud block says put over it. */
static void build_cloud(struct config_build *b)
{
	struct cloud *to = &b->config->cloud, *from = &b->cloud;
	bool custom = from->authority || from->resource_manager ||
		      from->n_vault_suffixes;
	size_t n;
	const struct config_option *o = options_of(CONFIG_CLOUD, &n);

	cloud_profile(to, from->name ? from->name : "public");
	for (size_t i = 0; i < n; i++)
		override(to, from, &o[i]);
	override_suffixes(to, from);
	if (!custom)
		return;
	free(to->name);
	to->name = text_dup("custom");
}

static void check_credentials(struct config_build *b)
{
	struct config_name *names =
		text_alloc(b->n_credentials, sizeof(*names));

	for (size_t i = 0; i < b->n_credentials; i++) {
		const struct config_credential_draft *d = &b->credentials[i];
		const struct config_section *s = &d->section;

		check_credential(&b->problems, d);
		if (i == CONFIG_CREDENTIALS_MAX)
			problem_add(&b->problems, s->source, s->line,
				    "at most %d credentials are allowed.",
				    CONFIG_CREDENTIALS_MAX);
		names[i] = (struct config_name){ .text = d->c.name,
						 .source = s->source,
						 .line = s->line };
	}
	check_unique(&b->problems, names, b->n_credentials, "credential");
	b->credential_names = names;
}

static void check_keys(struct config_build *b)
{
	struct config_name *names = text_alloc(b->n_watches, sizeof(*names));
	char *texts = text_alloc(b->n_watches, KEYID_TEXT_MAX), *text = texts;
	size_t n = 0;

	for (size_t i = 0; i < b->n_watches; i++) {
		const struct config_watch_draft *d = &b->watches[i];

		if (!d->known)
			continue;
		keyid_print(&d->w.key, text, KEYID_TEXT_MAX);
		names[n++] = (struct config_name){ .text = text,
						   .source = d->section.source,
						   .line = d->section.line };
		text += strlen(text) + 1;
	}
	check_unique(&b->problems, names, n, "key");
	free(texts);
	free(names);
}

static void check_registries(struct config_build *b)
{
	size_t all = b->config->n_registries, n = 0;
	struct config_name *names = text_alloc(all, sizeof(*names));
	char *texts = text_alloc(all, RESID_IDENTITY_MAX);

	for (size_t i = 0; i < b->n_watches; i++) {
		const struct config_watch_draft *d = &b->watches[i];

		for (size_t k = 0; k < d->w.n_registries; k++) {
			char *text = texts + n * RESID_IDENTITY_MAX;

			resid_identity(d->w.registries[k].id, text,
				       RESID_IDENTITY_MAX);
			names[n++] = (struct config_name){
				.text = text,
				.shown = d->w.registries[k].id,
				.source = d->section.source,
				.line = d->lines[k]
			};
		}
	}
	check_unique(&b->problems, names, n, "registry");
	free(texts);
	free(names);
}

static void take_credentials(struct config_build *b)
{
	struct config *c = b->config;
	size_t n = b->n_credentials ? b->n_credentials : 1;

	c->credentials = text_alloc(n, sizeof(*c->credentials));
	c->n_credentials = n;
	for (size_t i = 0; i < b->n_credentials; i++)
		c->credentials[i] = b->credentials[i].c;
	if (!b->n_credentials)
		c->credentials[0] = (struct credential){
			.name = text_dup("default"),
			.kind = CREDENTIAL_MANAGED_IDENTITY
		};
	b->n_credentials = 0;
}

static void take_watches(struct config_build *b)
{
	struct config *c = b->config;

	c->watches = text_alloc(b->n_watches, sizeof(*c->watches));
	c->n_watches = b->n_watches;
	for (size_t i = 0; i < b->n_watches; i++) {
		struct config_watch *w = &c->watches[i];

		*w = b->watches[i].w;
		/* The array was doubled as it grew: give back the rest. */
		w->registries = text_realloc(w->registries, w->n_registries,
					     sizeof(*w->registries));
		b->watches[i].w = (struct config_watch){ .title = NULL };
	}
}

void check_all(struct config_build *b)
{
	build_cloud(b);
	/* Half a file would make the other half look wrong. */
	if (b->broken)
		return;
	check_credentials(b);
	for (size_t i = 0; i < b->n_watches; i++) {
		b->config->n_registries += b->watches[i].w.n_registries;
		check_watch(b, &b->watches[i]);
	}
	check_keys(b);
	check_registries(b);
	if (b->problems.n)
		return;
	take_watches(b);
	take_credentials(b);
}

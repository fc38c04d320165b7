/* One cloud, whole: the built-in ones have nothing in common but their names,
 * and a key and its registry have to be of the same. */
#include "config/check_cloud.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azure/storage_url.h"
#include "base/text.h"

bool check_cloud_doubtful(const struct config_build *b)
{
	return b->cloud_section.refused || b->lost & 1u << CONFIG_CLOUD ||
	       options_refused(&b->top, "cloud");
}

/* --- the whole of it ----------------------------------------------------- */

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

static void override_list(char **to, size_t *n_to, char **from, size_t n_from)
{
	if (!n_from)
		return;
	for (size_t i = 0; i < CLOUD_SUFFIXES_MAX; i++) {
		free(to[i]);
		to[i] = from[i];
		from[i] = NULL;
	}
	*n_to = n_from;
}

static void build(struct config_build *b)
{
	struct cloud *to = &b->config->cloud, *from = &b->cloud;
	bool custom = from->authority || from->resource_manager ||
		      from->n_vault_suffixes;
	char *setting = to->name;
	size_t n;
	const struct config_option *o = options_of(CONFIG_CLOUD, &n);

	cloud_profile(to, from->name ? from->name
			  : setting  ? setting
				     : "public");
	free(setting);
	for (size_t i = 0; i < n; i++)
		override(to, from, &o[i]);
	override_list(to->vault_suffixes, &to->n_vault_suffixes,
		      from->vault_suffixes, from->n_vault_suffixes);
	override_list(to->storage_suffixes, &to->n_storage_suffixes,
		      from->storage_suffixes, from->n_storage_suffixes);
	if (!custom)
		return;
	free(to->name);
	to->name = text_dup("custom");
}

static void check_twice(struct config_build *b)
{
	unsigned setting = options_given(&b->top, "cloud");

	if (!setting || !b->cloud_section.line)
		return;
	problem_add(&b->problems, 0, setting,
		    "'cloud' stands here as a setting, and there is a cloud "
		    "block in line %u as well: take this line off, and write "
		    "name = \"...\" in the block.",
		    b->cloud_section.line);
	b->lost |= 1u << CONFIG_CLOUD;
}

/* A value of the cloud block, and the built-in cloud that it is of. */
struct member {
	const char *option, *value, *cloud;
};

static unsigned line_of(const struct config_build *b, const struct member *m)
{
	return options_given(&b->cloud_section, m->option);
}

/* Told at the one that was written, rather than at what the profile has. */
static void mixed(struct config_build *b, const struct member *a,
		  const struct member *z)
{
	const struct member *at = line_of(b, z) ? z : a;
	const struct member *other = at == z ? a : z;

	problem_add(&b->problems, 0, line_of(b, at),
		    "'%s' (%s) is of the cloud \"%s\", and '%s' (%s) of the "
		    "cloud \"%s\": no cloud has both; name = \"%s\" takes all "
		    "of one.",
		    at->option, at->value, at->cloud, other->option,
		    other->value, other->cloud, at->cloud);
	b->lost |= 1u << CONFIG_CLOUD;
}

static void check_mixed(struct config_build *b)
{
	const struct cloud *c = &b->config->cloud;
	struct member all[4 + 2 * CLOUD_SUFFIXES_MAX] = {
		{ "authority", c->authority, cloud_of_url(c->authority) },
		{ "resource-manager", c->resource_manager,
		  cloud_of_url(c->resource_manager) },
		{ "resource-manager-audience", c->arm_audience,
		  cloud_of_url(c->arm_audience) },
		{ "vault-audience", c->vault_audience,
		  c->vault_audience ? cloud_of_url(c->vault_audience) : NULL },
	};
	const struct member *first = NULL;
	size_t n = 4;

	for (size_t i = 0; i < c->n_vault_suffixes; i++)
		all[n++] = (struct member){
			"vault-suffixes", c->vault_suffixes[i],
			cloud_of_suffix(c->vault_suffixes[i])
		};
	/* Who has written all but these has none of them to ask. */
	for (size_t i = 0;
	     options_given(&b->cloud_section, "storage-suffixes") &&
	     i < c->n_storage_suffixes;
	     i++)
		all[n++] = (struct member){
			"storage-suffixes", c->storage_suffixes[i],
			cloud_of_storage_suffix(c->storage_suffixes[i])
		};
	for (size_t i = 0; i < n; i++) {
		if (!all[i].cloud)
			continue;
		if (first && !text_same(first->cloud, all[i].cloud)) {
			mixed(b, first, &all[i]);
			return;
		}
		first = first ? first : &all[i];
	}
}

/* A zone of private links is no name to ask: no certificate fits it. */
static void check_suffixes(struct config_build *b)
{
	const struct cloud *c = &b->config->cloud;
	char host[160], name[160];

	for (size_t i = 0; i < c->n_vault_suffixes; i++) {
		snprintf(host, sizeof(host), "v%s", c->vault_suffixes[i]);
		if (!cloud_public_name(host, name, sizeof(name)))
			continue;
		problem_add(&b->problems, 0,
			    options_given(&b->cloud_section, "vault-suffixes"),
			    "'vault-suffixes': \"%s\" is the DNS zone of "
			    "private links, which no certificate is made out "
			    "to: write \"%s\".",
			    c->vault_suffixes[i], name + 1);
		b->lost |= 1u << CONFIG_CLOUD;
	}
}

void check_cloud(struct config_build *b)
{
	check_twice(b);
	build(b);
	if (check_cloud_doubtful(b))
		return;
	check_mixed(b);
	check_suffixes(b);
}

/* --- a vault that is not of it ------------------------------------------- */

/* Who says which cloud it is, and what is to be written where. */
static void write_source(const struct config_build *b, const char *other,
			 char *by, size_t by_size, char *remedy, size_t size)
{
	const char *file = b->sources[0].name;
	unsigned block = b->cloud_section.line;
	unsigned setting = options_given(&b->top, "cloud");

	if (block)
		snprintf(by, by_size, "by the cloud block in %s:%u", file,
			 block);
	else if (setting)
		snprintf(by, by_size, "by %s:%u", file, setting);
	else if (b->cloud_by)
		snprintf(by, by_size, "by %s of the environment", b->cloud_by);
	else
		text_copy(by, by_size, "which is taken when none is named");
	if (block)
		snprintf(remedy, size, "write name = \"%s\" in that block",
			 other);
	else
		snprintf(remedy, size, "write cloud = \"%s\" in %s", other,
			 file);
}

/* Its registries are where Resource Manager is. */
static void other_cloud(struct config_build *b,
			const struct config_watch_draft *d, const char *other)
{
	const struct config_section *s = &d->section;
	const struct cloud *c = &b->config->cloud;
	const char *mine = cloud_of_url(c->resource_manager);
	char by[320], remedy[320];

	/* All vaults are: the cloud is what is wrong, once. */
	if (b->all_elsewhere && b->elsewhere_told)
		return;
	b->elsewhere_told = true;
	write_source(b, other, by, sizeof(by), remedy, sizeof(remedy));
	problem_add(&b->problems, s->source, s->line,
		    "\"%s\" is a vault of the cloud \"%s\", and the registries "
		    "are of the cloud \"%s\", %s: %s, or correct the vault's "
		    "name.",
		    d->w.key.host, other, mine ? mine : c->name, by, remedy);
}

void check_cloud_vault(struct config_build *b,
		       const struct config_watch_draft *d)
{
	const struct cloud *c = &b->config->cloud;
	char suffixes[256] = "", name[KEYID_HOST_MAX];
	const char *other, *host = d->w.key.host;
	size_t len = 0;

	/* A cloud whose own block is wrong cannot be relied on. */
	if (check_cloud_doubtful(b) || cloud_has_vault(c, host))
		return;
	if (cloud_public_name(host, name, sizeof(name)) &&
	    (cloud_has_vault(c, name) || cloud_of_vault(name))) {
		problem_add(&b->problems, d->section.source, d->section.line,
			    "\"%s\" is a name of the private link's DNS zone, "
			    "which no certificate is made out to: write "
			    "\"https://%s/keys/%s\"; where the zone is linked, "
			    "that name leads to the same address.",
			    host, name, d->w.key.name);
		return;
	}
	other = cloud_of_vault(host);
	if (other && !options_given(&b->cloud_section, "vault-suffixes")) {
		other_cloud(b, d, other);
		return;
	}
	for (size_t i = 0; i < c->n_vault_suffixes && len < sizeof(suffixes);
	     i++)
		len += (size_t)snprintf(suffixes + len, sizeof(suffixes) - len,
					"%sNAME%s", i ? " or " : "",
					c->vault_suffixes[i]);
	problem_add(&b->problems, d->section.source, d->section.line,
		    "\"%s\" is no vault of the cloud \"%s\": its vaults are "
		    "called %s.",
		    host, c->name, suffixes);
}

/* Is that suffix one of the other service? */
static bool is_other(const char *suffix, const char *service)
{
	static const char *const services[] = { CHECK_CLOUD_BLOB,
						CHECK_CLOUD_QUEUE };

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (!text_same(services[i], service) &&
		    strstr(suffix, services[i]))
			return true;
	return false;
}

static bool is_storage(const struct cloud *c, const char *host,
		       const char *service)
{
	char label[16];

	snprintf(label, sizeof(label), ".%s.", service);
	return cloud_has_storage(c, host) && strstr(host, label);
}

void check_cloud_storage(struct config_build *b, const struct config_section *s,
			 const char *option, const char *url,
			 const char *service)
{
	const struct cloud *c = &b->config->cloud;
	char host[KEYID_HOST_MAX] = "";
	char suffixes[256] = "";
	size_t len = 0;

	if (check_cloud_doubtful(b) ||
	    (storage_url_host(url, host, sizeof(host)) &&
	     is_storage(c, host, service)))
		return;
	for (size_t i = 0; i < c->n_storage_suffixes && len < sizeof(suffixes);
	     i++)
		if (!is_other(c->storage_suffixes[i], service))
			len += (size_t)snprintf(
				suffixes + len, sizeof(suffixes) - len,
				"%sACCOUNT%s", len ? " or " : "",
				c->storage_suffixes[i]);
	problem_add(&b->problems, s->source, options_given(s, option),
		    "\"%s\" is no %s service of the cloud \"%s\": these are "
		    "called %s.",
		    host, service, c->name, suffixes);
}

/* Credentials out of the environment: which kind, and with which values. */
#include "config/environment.h"

#include <stdlib.h>
#include <string.h>

#include "azure/cloud.h"
#include "base/text.h"

#define TENANT "AZURE_TENANT_ID"
#define CLIENT "AZURE_CLIENT_ID"
#define SECRET "AZURE_CLIENT_SECRET"
#define CERTIFICATE "AZURE_CLIENT_CERTIFICATE_PATH"
#define PASSWORD "AZURE_CLIENT_CERTIFICATE_PASSWORD"
#define CHAIN "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN"
#define TENANTS "AZURE_ADDITIONALLY_ALLOWED_TENANTS"
#define TOKEN_FILE "AZURE_FEDERATED_TOKEN_FILE"
#define AUTHORITY "AZURE_AUTHORITY_HOST"
#define READ_FROM "environment:" /* as io/store has it */

/* NULL when it is not set or is empty. */
static const char *variable(const struct config_build *b, const char *name)
{
	const char *text = b->host && b->host->variable
				   ? b->host->variable(name, b->host_arg)
				   : NULL;

	return text && *text ? text : NULL;
}

static void take(struct config_build *b, struct config_credential_draft *d,
		 const char *option, const char *name, const char *text)
{
	const struct config_option *o = options_find(CONFIG_CREDENTIAL, option);
	struct config_section *s = &d->section;
	unsigned line = options_given(s, "type");
	struct fault why;

	options_supply(s, option, line);
	if (value_read(o, text, line, &d->c, &why))
		return;
	options_refuse(s, option);
	problem_add(&b->problems, s->source, line, "%s of the environment: %s",
		    name, why.text);
}

/* What the file says counts for more. */
static void fill(struct config_build *b, struct config_credential_draft *d,
		 const char *option, const char *name)
{
	const struct config_section *s = &d->section;
	const char *text = variable(b, name);

	if (text && !options_given(s, option) && !options_refused(s, option))
		take(b, d, option, name, text);
}

/* Parted by semicolons; blanks around one are no part of it.  As with the
 * others, what the file says counts for more. */
static void take_tenants(struct config_build *b,
			 struct config_credential_draft *d)
{
	static const char apart[] = "; \t";
	const char *s = variable(b, TENANTS);
	char *one;

	if (options_given(&d->section, "allowed-tenants") ||
	    options_refused(&d->section, "allowed-tenants"))
		return;
	for (s = s ? s + strspn(s, apart) : ""; *s; s += strspn(s, apart)) {
		one = text_ndup(s, strcspn(s, apart));
		s += strlen(one);
		take(b, d, "allowed-tenants", TENANTS, one);
		free(one);
	}
}

static void read_variable(struct config_credential_draft *d, char **at,
			  const char *option, const char *name)
{
	*at = text_printf(READ_FROM "%s", name);
	options_supply(&d->section, option, options_given(&d->section, "type"));
}

static void fill_application(struct config_build *b,
			     struct config_credential_draft *d)
{
	fill(b, d, "tenant", TENANT);
	fill(b, d, "client-id", CLIENT);
	take_tenants(b, d);
}

/* ---- type environment ---- */

static void take_secret(struct config_build *b,
			struct config_credential_draft *d)
{
	fill_application(b, d);
	read_variable(d, &d->c.secret_file, "secret-file", SECRET);
}

static void take_certificate(struct config_build *b,
			     struct config_credential_draft *d)
{
	const char *chain = variable(b, CHAIN);

	fill_application(b, d);
	fill(b, d, "certificate-file", CERTIFICATE);
	if (variable(b, PASSWORD))
		read_variable(d, &d->c.passphrase_file, "passphrase-file",
			      PASSWORD);
	d->c.send_chain = chain &&
			  (!strcmp(chain, "1") || text_same(chain, "true"));
}

static void take_workload(struct config_build *b,
			  struct config_credential_draft *d)
{
	fill_application(b, d);
	fill(b, d, "token-file", TOKEN_FILE);
}

/* In the order in which they are looked for. */
static const struct way {
	const char *calls; /* the variable that calls for it */
	enum credential_kind kind;
	const char *what;
	void (*take)(struct config_build *b, struct config_credential_draft *d);
} ways[] = {
	{ SECRET, CREDENTIAL_CLIENT_SECRET, "an application with a secret",
	  take_secret },
	{ CERTIFICATE, CREDENTIAL_CLIENT_CERTIFICATE,
	  "an application with a certificate", take_certificate },
	{ TOKEN_FILE, CREDENTIAL_WORKLOAD_IDENTITY,
	  "an application with a federated token (workload identity)",
	  take_workload },
};

static const char *missing(const struct config_build *b)
{
	return !variable(b, TENANT)   ? TENANT
	       : !variable(b, CLIENT) ? CLIENT
				      : NULL;
}

static void choose_host(struct config_build *b,
			struct config_credential_draft *d)
{
	const struct config_section *s = &d->section;

	d->c.kind = CREDENTIAL_MANAGED_IDENTITY;
	fill(b, d, "client-id", CLIENT);
	problem_remark(
		&b->problems, CONFIG_CHOICE, s->source,
		options_given(s, "type"),
		"credential \"%s\" is the managed identity of this "
		"host%s: none of " SECRET ", " CERTIFICATE " and " TOKEN_FILE
		" is set%s.",
		d->c.name, variable(b, CLIENT) ? " that " CLIENT " names" : "",
		missing(b) ? " together with " TENANT " and " CLIENT : "");
}

static void choose(struct config_build *b, struct config_credential_draft *d)
{
	const struct config_section *s = &d->section;
	unsigned line = options_given(s, "type");

	d->c.environment = true;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		const struct way *w = &ways[i];

		if (!variable(b, w->calls))
			continue;
		if (!missing(b)) {
			d->c.kind = w->kind;
			w->take(b, d);
			problem_remark(&b->problems, CONFIG_CHOICE, s->source,
				       line,
				       "credential \"%s\" is %s: the "
				       "environment has %s%s.",
				       d->c.name, w->what, w->calls,
				       i ? ", and none of those that come "
					   "before it"
					 : ", which comes first");
			return;
		}
		problem_remark(&b->problems, CONFIG_WARNING, s->source, line,
			       "the environment has %s, but not %s: "
			       "credential \"%s\" passes it over.",
			       w->calls, missing(b), d->c.name);
	}
	choose_host(b, d);
}

/* True when the block says no more than its type. */
static bool is_bare(struct config_build *b,
		    const struct config_credential_draft *d)
{
	size_t n;
	const struct config_option *o = options_of(CONFIG_CREDENTIAL, &n);
	bool bare = true;

	for (size_t i = 0; i < n; i++) {
		unsigned line = options_given(&d->section, o[i].name);

		if (!line || !strcmp(o[i].name, "type"))
			continue;
		problem_add(&b->problems, d->section.source, line,
			    "option '%s' is not for credentials of type "
			    "environment.",
			    o[i].name);
		bare = false;
	}
	return bare;
}

/* ---- the cloud ---- */

/* The cloud, other than public, of an authority's further name. */
static const char *cloud_of_alias(const char *url)
{
	const char *cloud = strstr(url, "://login.") ? cloud_of_url(url) : NULL;

	return cloud && !text_same(cloud, "public") ? cloud : NULL;
}

/* A whole cloud where the host is that of one that is known. */
static void take_authority(struct config_build *b, const char *text,
			   const struct config_section *s)
{
	static const char *const known[] = { "public", "china", "usgov" };
	const struct config_option *o = options_find(CONFIG_CLOUD, "authority");
	char *url = text_printf("%s%s", strstr(text, "://") ? "" : "https://",
				text);
	unsigned line = options_given(s, "type");
	const char *alias = NULL;
	struct fault why;
	bool found = false;

	for (size_t i = 0; !found && i < sizeof(known) / sizeof(known[0]);
	     i++) {
		struct cloud c = { .name = NULL };

		cloud_profile(&c, known[i]);
		found = cloud_same_origin(url, c.authority);
		if (found && i) {
			b->cloud.name = text_dup(known[i]);
			b->cloud_by = AUTHORITY;
		}
		cloud_free(&c);
	}
	if (!found)
		alias = cloud_of_alias(url);
	if (alias) {
		b->cloud.name = text_dup(alias);
		b->cloud_by = AUTHORITY;
	}
	if (!found && !value_read(o, url, line, &b->cloud, &why))
		problem_add(&b->problems, s->source, line,
			    AUTHORITY " of the environment: %s", why.text);
	else if (!found || b->cloud.name)
		problem_remark(&b->problems, CONFIG_CHOICE, s->source, line,
			       "%s%s%s%s is taken, as " AUTHORITY
			       " of the environment has it.",
			       found ? "the cloud " : "the authority ",
			       found ? b->cloud.name : b->cloud.authority,
			       alias ? " of the cloud " : "",
			       alias ? alias : "");
	free(url);
}

void environment_apply(struct config_build *b)
{
	const struct config_section *cloud = &b->cloud_section;
	const char *authority = variable(b, AUTHORITY);
	const struct config_section *user = NULL;

	for (size_t i = 0; i < b->n_credentials; i++) {
		struct config_credential_draft *d = &b->credentials[i];
		bool chosen = d->c.kind == CREDENTIAL_ENVIRONMENT;

		if (chosen && is_bare(b, d))
			choose(b, d);
		else if (d->c.kind == CREDENTIAL_WORKLOAD_IDENTITY)
			take_workload(b, d);
		if (d->c.kind == CREDENTIAL_WORKLOAD_IDENTITY ||
		    (chosen && d->c.kind != CREDENTIAL_MANAGED_IDENTITY))
			user = &d->section;
	}
	if (user && authority && !options_given(cloud, "name") &&
	    !options_given(cloud, "authority") &&
	    !options_given(&b->top, "cloud"))
		take_authority(b, authority, user);
}

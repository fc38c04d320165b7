/* Which options a credential of each kind needs. */
#include "config/check_credential.h"

#include <stdlib.h>

#include "base/text.h"
#include "config/value_word.h"

enum use { NO, MAY, MUST, ONE_OF };

/* Of what the environment tells: config/environment has made one of the
 * others of it. */
#define KINDS CREDENTIAL_ENVIRONMENT

/* Adding a kind is adding a column. */
static const struct {
	const char *option;
	const char *variable; /* in its place, for a workload identity */
	enum use use[KINDS];
} uses[] = {
	{ "source", NULL, { MAY, NO, NO, NO } },
	{ "client-id", "AZURE_CLIENT_ID", { ONE_OF, MUST, MUST, MUST } },
	{ "object-id", NULL, { ONE_OF, NO, NO, NO } },
	{ "resource-id", NULL, { ONE_OF, NO, NO, NO } },
	{ "tenant", "AZURE_TENANT_ID", { NO, MAY, MAY, MUST } },
	{ "allowed-tenants", NULL, { NO, MAY, MAY, MAY } },
	{ "secret-file", NULL, { NO, MUST, NO, NO } },
	{ "certificate-file", NULL, { NO, NO, MUST, NO } },
	{ "passphrase-file", NULL, { NO, NO, MAY, NO } },
	{ "algorithm", NULL, { NO, NO, MAY, NO } },
	{ "send-chain", NULL, { NO, NO, MAY, NO } },
	{ "token-file", "AZURE_FEDERATED_TOKEN_FILE", { NO, NO, NO, MUST } },
};

/* The options that name one identity in three ways: complain about each but
 * the first. */
static void check_one_of(struct problems *p, const struct config_section *s,
			 enum credential_kind kind)
{
	const char *first = NULL;
	unsigned line, first_line = 0;

	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		line = options_given(s, uses[i].option);
		if (!line || uses[i].use[kind] != ONE_OF)
			continue;
		if (first)
			problem_add(p, s->source,
				    line > first_line ? line : first_line,
				    "a managed identity is named by one option "
				    "only, but '%s' is given too, in line %u.",
				    line > first_line ? first : uses[i].option,
				    line > first_line ? first_line : line);
		else {
			first = uses[i].option;
			first_line = line;
		}
	}
}

static void check_use(struct problems *p,
		      const struct config_credential_draft *d, size_t i)
{
	const struct config_section *s = &d->section;
	unsigned line = options_given(s, uses[i].option);
	enum use use = uses[i].use[d->c.kind];
	bool variable = d->c.kind == CREDENTIAL_WORKLOAD_IDENTITY;

	if (use == MUST && !line && !options_refused(s, uses[i].option))
		problem_add(p, s->source, s->line,
			    "credential \"%s\" of type %s needs the option "
			    "'%s'%s%s%s.",
			    d->c.name, value_kind.words[d->c.kind],
			    uses[i].option, variable ? ", or " : "",
			    variable ? uses[i].variable : "",
			    variable ? " in the daemon's environment" : "");
	if (use == NO && line)
		problem_add(p, s->source, line,
			    "option '%s' is not for credentials of type %s.",
			    uses[i].option, value_kind.words[d->c.kind]);
}

/* The name must be one that a watch can call it by. */
static void check_name(struct problems *p, const struct config_section *s,
		       const char *name)
{
	const struct config_option *o =
		options_find(CONFIG_WATCH, "credential");
	struct config_watch_draft watch = { .credential = NULL };
	struct fault why;

	if (!value_read(o, name, s->line, &watch, &why))
		problem_add(p, s->source, s->line,
			    "a credential's name is made of up to %s letters, "
			    "digits, '.', '_' and '-'.",
			    o->max);
	free(watch.credential);
}

void check_credential(struct problems *p,
		      const struct config_credential_draft *d)
{
	const struct config_section *s = &d->section;
	char accepts[VALUE_ACCEPTS_MAX];

	value_accepts(&value_kind, accepts, sizeof(accepts));
	if (!d->unnamed)
		check_name(p, s, d->c.name);
	if (!options_given(s, "type") && !options_refused(s, "type"))
		problem_add(p, s->source, s->line,
			    "credential \"%s\" needs the option 'type': "
			    "%s.",
			    d->c.name, accepts);
	if (!options_given(s, "type") || options_refused(s, "type") ||
	    d->c.kind >= KINDS)
		return;
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		check_use(p, d, i);
	check_one_of(p, s, d->c.kind);
}

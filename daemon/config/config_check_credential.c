/* Which options a credential of each kind needs. */
#include "config/config_internal.h"

#include <stdlib.h>
#include <string.h>

enum use { NO, MAY, MUST, ONE_OF };

/* Adding a kind is adding a column. */
static const struct {
	const char *option;
	enum use use[2];
} uses[] = {
	{ "client-id",
	  { [CREDENTIAL_MANAGED_IDENTITY] = ONE_OF,
	    [CREDENTIAL_CLIENT_SECRET] = MUST } },
	{ "object-id",
	  { [CREDENTIAL_MANAGED_IDENTITY] = ONE_OF,
	    [CREDENTIAL_CLIENT_SECRET] = NO } },
	{ "resource-id",
	  { [CREDENTIAL_MANAGED_IDENTITY] = ONE_OF,
	    [CREDENTIAL_CLIENT_SECRET] = NO } },
	{ "tenant",
	  { [CREDENTIAL_MANAGED_IDENTITY] = NO,
	    [CREDENTIAL_CLIENT_SECRET] = MUST } },
	{ "secret-file",
	  { [CREDENTIAL_MANAGED_IDENTITY] = NO,
	    [CREDENTIAL_CLIENT_SECRET] = MUST } },
};

static const char *const kinds[] = {
	[CREDENTIAL_MANAGED_IDENTITY] = "managed-identity",
	[CREDENTIAL_CLIENT_SECRET] = "client-secret",
};

unsigned config_given(const struct config_section *s, const char *option)
{
	size_t n;
	const struct config_option *o = config_options(s->block, &n);

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(o[i].name, option))
			return s->lines[i];
	}
	return 0;
}

bool config_refused(const struct config_section *s, const char *option)
{
	size_t n;
	const struct config_option *o = config_options(s->block, &n);

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(o[i].name, option))
			return s->refused & 1u << i;
	}
	return false;
}

/* The options that name one identity in three ways: complain about each but
 * the first. */
static void check_one_of(struct config_build *b, const struct config_section *s,
			 enum credential_kind kind)
{
	const char *first = NULL;
	unsigned line, first_line = 0;

	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		line = config_given(s, uses[i].option);
		if (!line || uses[i].use[kind] != ONE_OF)
			continue;
		if (first)
			config_mistake(b, s->source,
				       line > first_line ? line : first_line,
				       "a managed identity is named by one "
				       "option only, but '%s' is given too, in "
				       "line %u.",
				       line > first_line ? first
							 : uses[i].option,
				       line > first_line ? first_line : line);
		else {
			first = uses[i].option;
			first_line = line;
		}
	}
}

static void check_use(struct config_build *b, const struct config_section *s,
		      const struct config_credential_draft *d, size_t i)
{
	unsigned line = config_given(s, uses[i].option);
	enum use use = uses[i].use[d->c.kind];

	if (use == MUST && !line)
		config_mistake(b, s->source, s->line,
			       "credential \"%s\" of "
			       "type %s needs the option '%s'.",
			       d->c.name, kinds[d->c.kind], uses[i].option);
	if (use == NO && line)
		config_mistake(b, s->source, line,
			       "option '%s' is not for "
			       "credentials of type %s.",
			       uses[i].option, kinds[d->c.kind]);
}

static void check_name(struct config_build *b, const struct config_section *s,
		       const char *name)
{
	const struct config_option *o =
		config_option_find(CONFIG_WATCH, "credential");
	struct fault why = fault_none();
	char *copy = NULL;

	if (name[0] != CONFIG_MARK &&
	    (strlen(name) > strtoul(o->max, NULL, 10) ||
	     !o->type->read(o, name, &copy, &why)))
		config_mistake(b, s->source, s->line,
			       "a credential's name is "
			       "made of up to %s letters, digits, '.', '_' and "
			       "'-'.",
			       o->max);
	free(copy);
}

void config_check_credential(struct config_build *b,
			     const struct config_credential_draft *d)
{
	const struct config_section *s = &b->sections[d->section];

	check_name(b, s, d->c.name);
	if (!config_given(s, "type"))
		config_mistake(b, s->source, s->line,
			       "credential \"%s\" needs "
			       "the option 'type': managed-identity or "
			       "client-secret.",
			       d->c.name);
	if (!config_given(s, "type") || config_refused(s, "type"))
		return;
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		check_use(b, s, d, i);
	check_one_of(b, s, d->c.kind);
}

/* Names by the characters that they may have, and paths. */
#include "config/value_name.h"

#include <string.h>

#include "base/text.h"
#include "config/draft.h"
#include "config/value_text.h"

static bool read_chars(const struct config_value *v)
{
	const struct config_type *t = v->option->type;

	return value_text_made_of(v->text, t->chars) &&
	       v->text[0] != t->not_first && value_text_keep(v->at, v->text);
}

/* The words that stand in Entra's URLs in a tenant's place are for people who
 * sign in. */
static bool read_tenant(const struct config_value *v)
{
	static const char *const anybody[] = { "common", "organizations",
					       "consumers" };

	for (size_t i = 0; i < sizeof(anybody) / sizeof(anybody[0]); i++)
		if (text_same(v->text, anybody[i]))
			return fault_set(
				v->why, FAULT_INVALID, 0,
				"that stands for anybody's tenant, and an "
				"application gets its tokens from one: write "
				"its GUID or a domain name of it.");
	return !strstr(v->text, "..") && read_chars(v);
}

static bool read_path(const struct config_value *v)
{
	return v->text[0] == '/' && value_text_keep(v->at, v->text);
}

static bool read_programs(const struct config_value *v)
{
	struct config *c = v->base;

	if (v->text[0] != '/')
		return false;
	for (size_t i = 0; i < c->n_on_event; i++)
		if (!strcmp(c->on_event[i], v->text))
			return fault_set(
				v->why, FAULT_INVALID, 0,
				"a program is listed twice: \"%.80s\".",
				v->text);
	if (c->n_on_event == CONFIG_PROGRAMS_MAX)
		return fault_set(v->why, FAULT_INVALID, 0,
				 "at most %d programs can be listed.",
				 CONFIG_PROGRAMS_MAX);
	c->on_event =
		text_grow(c->on_event, c->n_on_event, sizeof(*c->on_event));
	c->on_event[c->n_on_event++] = text_dup(v->text);
	return true;
}

static bool read_secret(const struct config_value *v)
{
	static const char scheme[] = "credential:";
	const char *name = v->text + strlen(scheme);

	if (strncmp(v->text, scheme, strlen(scheme)))
		return read_path(v);
	/* A file name inside $CREDENTIALS_DIRECTORY, nothing that leads out. */
	return name[0] != '.' && strlen(name) <= 255 &&
	       value_text_made_of(name, VALUE_ALNUM "_.-@") &&
	       value_text_keep(v->at, v->text);
}

const struct config_type value_path = { .accepts = "an absolute path",
					.read = read_path };
const struct config_type value_group = {
	.accepts = "the name or number of a group",
	.read = read_chars,
	.chars = VALUE_ALNUM "_.-",
	.not_first = '-'
};
const struct config_type value_programs = {
	.accepts = "absolute paths of programs",
	.list = true,
	.read = read_programs
};
const struct config_type value_api = {
	.accepts = "an api-version such as \"7.4\" or \"2023-07-01\"",
	.read = read_chars,
	.chars = VALUE_ALNUM ".-"
};
const struct config_type value_tenant = {
	.accepts = "the GUID or a domain name of the tenant",
	.read = read_tenant,
	.chars = VALUE_ALNUM ".-",
	.not_first = '.'
};
const struct config_type value_secret = {
	.accepts = "an absolute path or \"credential:NAME\"",
	.read = read_secret
};
const struct config_type value_name = {
	.accepts = "the name of a credential block, made of letters, digits, "
		   "'.', '_' and '-'",
	.read = read_chars,
	.chars = VALUE_ALNUM "_.-"
};
const struct config_type value_lease = {
	.accepts = "the name of a lease block, made of letters, digits, '.', "
		   "'_' and '-', or none",
	.read = read_chars,
	.chars = VALUE_ALNUM "_.-"
};

/* What a rule says: where it looks, and which registries it means. */
#include "config/value_rule.h"

#include <string.h>
#include <strings.h>

#include "azure/resid.h"
#include "base/text.h"
#include "config/draft.h"
#include "config/value_text.h"

static bool read_places(const struct config_value *v)
{
	struct config_rule *r = &((struct config_rule_draft *)v->base)->r;
	struct config_place *p;
	const char *what;
	struct resid id;

	what = resid_place(&id, v->text);
	if (what)
		return fault_set(
			v->why, FAULT_INVALID, 0,
			"\"%.150s\" is neither a subscription, "
			"\"/subscriptions/GUID\", nor a resource group, "
			"\"/subscriptions/GUID/resourceGroups/NAME\": %s.",
			v->text, what);
	if (r->n_places == CONFIG_PLACES_MAX)
		return fault_set(v->why, FAULT_INVALID, 0,
				 "at most %d places can be listed.",
				 CONFIG_PLACES_MAX);
	r->places = text_grow(r->places, r->n_places, sizeof(*r->places));
	p = &r->places[r->n_places++];
	*p = (struct config_place){ .text = text_dup(v->text) };
	text_copy(p->subscription, sizeof(p->subscription), id.subscription);
	if (id.group)
		p->group = text_ndup(id.group, id.group_len);
	return true;
}

static bool is_plain(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == 127)
			return false;
	return true;
}

/* One that no identifier can match was meant otherwise. */
static bool read_key_pattern(const struct config_value *v)
{
	static const char scheme[] = "https://";
	size_t literal = strcspn(v->text, "*?");
	const char *keys = strcasestr(v->text, "/keys/");

	if (!is_plain(v->text))
		return false;
	if (!text_prefix(v->text, scheme) &&
	    (literal == strlen(v->text) || literal >= strlen(scheme) ||
	     strncasecmp(v->text, scheme, literal) != 0))
		return false;
	if (keys && strchr(keys + strlen("/keys/"), '/'))
		return fault_set(
			v->why, FAULT_INVALID, 0,
			"\"%.150s\" goes on behind the key's name, and matches "
			"no key: it is held against the identifier without a "
			"version.",
			v->text);
	return value_text_keep(v->at, v->text);
}

static bool add_pattern(const struct config_value *v, char ***list, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		if (text_same((*list)[i], v->text))
			return fault_set(v->why, FAULT_INVALID, 0,
					 "\"%.150s\" is listed twice.",
					 v->text);
	if (*n == CONFIG_PATTERNS_MAX)
		return fault_set(v->why, FAULT_INVALID, 0,
				 "at most %d can be listed.",
				 CONFIG_PATTERNS_MAX);
	*list = text_grow(*list, *n, sizeof(**list));
	(*list)[(*n)++] = text_dup(v->text);
	return true;
}

/* A name, or with a slash a whole id, either with signs of a glob; one that
 * none can match would leave in what was to be left out. */
static bool read_exclude(const struct config_value *v)
{
	struct config_rule *r = &((struct config_rule_draft *)v->base)->r;
	const char *s = v->text;

	if (strchr(s, '/') ? *s != '/' && *s != '*' && *s != '?'
			   : !value_text_made_of(s, VALUE_ALNUM "*?"))
		return false;
	if (!strpbrk(s, "*?") && *s == '/') {
		struct resid id;

		if (!resid_parse(&id, s, v->why))
			return false;
	}
	return is_plain(s) && add_pattern(v, &r->exclude, &r->n_exclude);
}

static bool read_tags(const struct config_value *v)
{
	struct config_rule *r = &((struct config_rule_draft *)v->base)->r;
	size_t name = strcspn(v->text, "=");

	/* What a name may not have in it is written by mistake. */
	if (!name || strcspn(v->text, "<>%&\\?*/") < name ||
	    !text_is_utf8(v->text, strlen(v->text)))
		return false;
	return add_pattern(v, &r->tags, &r->n_tags);
}

const struct config_type value_places = {
	.accepts = "subscriptions and resource groups",
	.list = true,
	.read = read_places
};
const struct config_type value_key_pattern = {
	.accepts = "a pattern over a key's identifier, such as "
		   "\"https://contoso*.vault.azure.net/keys/acr-*\"",
	.read = read_key_pattern
};
const struct config_type value_exclude = {
	.accepts = "names or ids of registries, or patterns over these such as "
		   "\"*dev\" or \"/subscriptions/*/resourceGroups/lab/*\"",
	.list = true,
	.read = read_exclude
};
const struct config_type value_tags = {
	.accepts = "tags as \"NAME=VALUE\", with a pattern for the value, or "
		   "\"NAME\" for any",
	.list = true,
	.read = read_tags
};

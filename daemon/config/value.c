/* The text of one value -> the value: durations and numbers, one of a few
 * words, and what stays text (names, paths, addresses, identifiers). */
#include "config/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azure/proxy.h"
#include "azure/storage_url.h"
#include "azure/url.h"
#include "azure/vaultid.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "config/draft.h"
#include "config/event.h"

#define SHOWN_MAX 80 /* bytes of a refused value that a complaint repeats */

#define DIGITS "0123456789"
#define WORDS "-_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define ALNUM DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

bool value_is_near(unsigned d, const char *mistyped)
{
	/* A third of the letters wrong is still a slip of the fingers. */
	return d <= 1 + strlen(mistyped) / 4;
}

static bool made_of(const char *s, const char *set)
{
	return *s && !s[strspn(s, set)];
}

/* The text itself is the value. */
static bool keep(void *at, const char *text)
{
	char **slot = at;

	free(*slot);
	*slot = text_dup(text);
	return true;
}

/* It is added to those before. */
static bool add_to_list(void *at, const char *text, char sign)
{
	char **slot = at, *joined;

	joined = *slot ? text_printf("%s%c%s", *slot, sign, text)
		       : text_dup(text);
	free(*slot);
	*slot = joined;
	return true;
}

/* --- numbers ------------------------------------------------------------ */

static bool read_duration(const struct config_value *v)
{
	const struct config_option *o = v->option;
	int64_t ms = text_parse_duration(v->text);

	if (ms < 0 || ms < text_parse_duration(o->min) ||
	    ms > text_parse_duration(o->max))
		return false;
	*(int64_t *)v->at = ms;
	return true;
}

/* A number of bytes, of K, M or G (times 1024), as systemd.syntax(7) has it;
 * -1 when it is none. */
static int64_t parse_size(const char *s)
{
	static const char units[] = "KMG";
	size_t digits = strspn(s, DIGITS);
	const char *unit = s[digits] ? strchr(units, s[digits]) : NULL;
	int64_t n = digits && digits <= 12 ? strtoll(s, NULL, 10) : -1;

	if (n < 0 || (s[digits] && (!unit || s[digits + 1])))
		return -1;
	return unit ? n * (INT64_C(1024) << 10 * (unit - units)) : n;
}

static bool read_size(const struct config_value *v)
{
	const struct config_option *o = v->option;
	int64_t n = parse_size(v->text);

	if (n < 0 || n < parse_size(o->min) || n > parse_size(o->max))
		return false;
	*(int64_t *)v->at = n;
	return true;
}

/* Digits with at most one point among them: no sign, no exponent, none of
 * the words ("nan", "inf") that strtod knows. */
static bool read_number(const struct config_value *v)
{
	const struct config_option *o = v->option;
	size_t whole = strspn(v->text, DIGITS), part = 0;
	double d;

	if (v->text[whole] == '.')
		part = 1 + strspn(v->text + whole + 1, DIGITS);
	if (!whole || part == 1 || v->text[whole + part])
		return false;
	d = strtod(v->text, NULL);
	if (d < strtod(o->min, NULL) || d > strtod(o->max, NULL))
		return false;
	*(double *)v->at = d;
	return true;
}

static bool read_count(const struct config_value *v)
{
	const struct config_option *o = v->option;
	unsigned long n;

	if (!made_of(v->text, DIGITS) || strlen(v->text) > 9)
		return false;
	n = strtoul(v->text, NULL, 10);
	if (n < strtoul(o->min, NULL, 10) || n > strtoul(o->max, NULL, 10))
		return false;
	*(unsigned *)v->at = (unsigned)n;
	return true;
}

/* --- words -------------------------------------------------------------- */

static const char *const switches[] = { "false", "true", "no", "yes",
					"off",	 "on",	 NULL };
static const char *const kinds[] = {
	[CREDENTIAL_MANAGED_IDENTITY] = "managed-identity",
	[CREDENTIAL_CLIENT_SECRET] = "client-secret",
	[CREDENTIAL_CLIENT_CERTIFICATE] = "client-certificate",
	[CREDENTIAL_WORKLOAD_IDENTITY] = "workload-identity",
	[CREDENTIAL_ENVIRONMENT] = "environment",
	NULL
};
static const char *const algorithms[] = {
	[CREDENTIAL_PS256] = "PS256", [CREDENTIAL_RS256] = "RS256", NULL
};
static const char *const identity_sources[] = { [IDENTITY_AUTO] = "auto",
						[IDENTITY_IMDS] = "imds",
						[IDENTITY_APP_SERVICE] =
							"app-service",
						[IDENTITY_ARC] = "arc",
						NULL };
static const char *const modes[] = { [WATCH_OBSERVE] = "observe",
				     [WATCH_FOLLOW] = "follow",
				     [WATCH_PIN] = "pin",
				     NULL };

static const char *const ways[] = { [CONFIG_VIA_VAULT] = "vault",
				    [CONFIG_VIA_ARM] = "resource-manager",
				    [CONFIG_VIA_AUTO] = "auto",
				    NULL };

static const char *const levels[] = { "error", "warning", "notice",
				      "info",  "debug",	  NULL };
static const char *const clouds[] = { "public", "china", "usgov", NULL };

/* The word that a wrong one is close to or holds ("AzureChinaCloud"), written
 * in any case; NULL when there is none. */
static const char *near_word(const char *const *words, const char *text)
{
	const char *best = NULL;
	unsigned least = 64, d;
	char low[64];

	if (!words || !text_copy(low, sizeof(low), text))
		return NULL;
	text_lower(low);
	for (; *words; words++) {
		d = strlen(*words) > 3 && strstr(low, *words)
			    ? 0
			    : text_distance(low, *words);
		if (d < least) {
			least = d;
			best = *words;
		}
	}
	return value_is_near(least, low) ? best : NULL;
}

static int find_word(const struct config_value *v, const char *const *words)
{
	for (int i = 0; words[i]; i++) {
		if (text_same(words[i], v->text))
			return i;
	}
	return -1;
}

static bool read_switch(const struct config_value *v)
{
	int i = find_word(v, switches);

	if (i >= 0)
		*(bool *)v->at = i % 2;
	return i >= 0;
}

/* Named twice is as good as once. */
static bool read_events(const struct config_value *v)
{
	const char *before = *(char **)v->at;
	int i = find_word(v, event_words);

	if (i < 0)
		return false;
	return (before && event_chosen(before, event_words[i])) ||
	       add_to_list(v->at, event_words[i], ',');
}

/* Into an enum that counts as the words do. */
static bool read_word(const struct config_value *v)
{
	int i = find_word(v, v->option->type->words);

	if (i >= 0)
		*(unsigned *)v->at = (unsigned)i;
	return i >= 0;
}

static bool read_level(const struct config_value *v)
{
	int level = log_level_parse(v->text);

	if (level >= 0)
		*(int *)v->at = level;
	return level >= 0;
}

/* A name is kept until all registries of the watch are known. */
static bool read_canary(const struct config_value *v)
{
	struct config_watch_draft *d = v->base;

	if (read_switch(v))
		return true;
	d->w.canary = true;
	return *v->text && keep(&d->canary, v->text);
}

/* --- names and paths ---------------------------------------------------- */

static bool read_chars(const struct config_value *v)
{
	const struct config_type *t = v->option->type;

	return made_of(v->text, t->chars) && v->text[0] != t->not_first &&
	       keep(v->at, v->text);
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
	return v->text[0] == '/' && keep(v->at, v->text);
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
	       made_of(name, ALNUM "_.-@") && keep(v->at, v->text);
}

static bool read_cloud(const struct config_value *v)
{
	struct cloud profile = { 0 };
	bool known = cloud_profile(&profile, v->text);

	cloud_free(&profile);
	return known && keep(v->at, v->text);
}

/* --- addresses ---------------------------------------------------------- */

static bool is_port(const char *s)
{
	size_t len = strspn(s, DIGITS);
	unsigned long port = len && len < 6 ? strtoul(s, NULL, 10) : 0;

	return !s[len] && port >= 1 && port <= 65535;
}

/* HOST[:PORT], nothing after it. */
static bool is_authority(const char *s)
{
	char host[URL_HOST_MAX];
	int port;

	return s[0] != '.' && s[0] != '-' && url_host(s, host, &port, &s) &&
	       !*s;
}

/* An origin is kept without its closing slash, so that a path can follow. */
static bool keep_origin(const struct config_value *v, const char *scheme)
{
	size_t len = strlen(v->text), skip = strlen(scheme);
	char *copy;
	bool good;

	if (!text_prefix(v->text, scheme))
		return false;
	if (len > skip && v->text[len - 1] == '/')
		len--;
	copy = text_ndup(v->text, len);
	good = is_authority(copy + skip) && keep(v->at, copy);
	free(copy);
	return good;
}

static bool read_origin(const struct config_value *v)
{
	return keep_origin(v, "https://");
}

static bool read_metadata(const struct config_value *v)
{
	return keep_origin(v, "https://") || keep_origin(v, "http://");
}

/* An audience is compared letter by letter by the token service: a closing
 * slash is part of it. */
static bool read_audience(const struct config_value *v)
{
	return text_prefix(v->text, "https://") &&
	       made_of(v->text + strlen("https://"), ALNUM ".-:/_") &&
	       keep(v->at, v->text);
}

/* With a port it fits only hosts at that port. */
static bool add_suffix(const struct config_value *v, char **list, size_t *n)
{
	const char *s = v->text;
	size_t len = strcspn(s, ":");

	if (s[0] != '.' || len < 2 || strspn(s, ALNUM ".-") != len ||
	    strstr(s, "..") || !strchr(ALNUM, s[len - 1]) ||
	    (s[len] && !is_port(s + len + 1)))
		return false;
	if (*n == CLOUD_SUFFIXES_MAX)
		return fault_set(v->why, FAULT_INVALID, 0,
				 "at most %d suffixes can be listed.",
				 CLOUD_SUFFIXES_MAX);
	return keep(&list[(*n)++], s);
}

static bool read_suffixes(const struct config_value *v)
{
	struct cloud *c = v->base;

	return add_suffix(v, c->vault_suffixes, &c->n_vault_suffixes);
}

static bool read_storage_suffixes(const struct config_value *v)
{
	struct cloud *c = v->base;

	return add_suffix(v, c->storage_suffixes, &c->n_storage_suffixes);
}

static bool read_proxy(const struct config_value *v)
{
	struct proxy *p = v->at, new = { .without = NULL };

	if (!proxy_read(&new, v->text, v->why))
		return fault_set(v->why, FAULT_INVALID, 0, "%s.", v->why->text);
	new.without = p->without;
	p->without = NULL;
	proxy_free(p);
	*p = new;
	p->from = v->option->name;
	return true;
}

static bool read_hosts(const struct config_value *v)
{
	const char *before = *(char **)v->at;

	if (before && strlen(before) + strlen(v->text) >= PROXY_WITHOUT_MAX)
		return fault_set(v->why, FAULT_INVALID, 0,
				 "the list is longer than %d bytes.",
				 PROXY_WITHOUT_MAX);
	return proxy_check_without(v->text, v->why)
		       ? add_to_list(v->at, v->text, ',')
		       : fault_set(v->why, FAULT_INVALID, 0,
				   "%s, not \"%.80s\".", v->why->text, v->text);
}

/* --- identifiers -------------------------------------------------------- */

static bool read_guid(const struct config_value *v)
{
	return resid_is_guid(v->text) && keep(v->at, v->text);
}

static bool read_identity(const struct config_value *v)
{
	if (text_same(v->text, "system"))
		return keep(v->at, "system");
	return read_guid(v);
}

/* A name of [^/] up to the given word, which is skipped; NULL otherwise. */
static const char *skip_name(const char *s, const char *word)
{
	size_t len = strcspn(s, "/");

	if (!len || !text_prefix(s + len, word))
		return NULL;
	return s + len + strlen(word);
}

static bool read_identity_id(const struct config_value *v)
{
	static const char start[] = "/subscriptions/";
	const char *s = v->text + strlen(start);
	char guid[37];

	if (!text_prefix(v->text, start) || strcspn(s, "/") != sizeof(guid) - 1)
		return false;
	snprintf(guid, sizeof(guid), "%.36s", s);
	s = skip_name(s, "/resourceGroups/");
	s = s ? skip_name(s, "/providers/Microsoft.ManagedIdentity"
			     "/userAssignedIdentities/")
	      : NULL;
	return s && resid_is_guid(guid) && made_of(s, ALNUM "_-") &&
	       keep(v->at, v->text);
}

static bool read_vault_id(const struct config_value *v)
{
	struct resid id;

	return vaultid_parse(&id, v->text, v->why) && keep(v->at, v->text);
}

/* A list in one string, as Azure's own tools have it. */
static bool read_tenants(const struct config_value *v)
{
	return (resid_is_guid(v->text) || !strcmp(v->text, "*")) &&
	       add_to_list(v->at, v->text, ';');
}

static bool read_registries(const struct config_value *v)
{
	struct config_watch_draft *d = v->base;
	size_t n = d->w.n_registries;
	struct resid id;

	if (!resid_parse(&id, v->text, v->why))
		return false;
	d->w.registries =
		text_grow(d->w.registries, n, sizeof(*d->w.registries));
	d->lines = text_grow(d->lines, n, sizeof(*d->lines));
	d->w.registries[n].id = text_dup(v->text);
	d->lines[n] = v->line;
	d->w.n_registries++;
	return true;
}

/* --- rules --------------------------------------------------------------- */

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
	return keep(v->at, v->text);
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
			   : !made_of(s, ALNUM "*?"))
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

/* HTTPS://HOST/CONTAINER/BLOB: whose host may see a token is the cloud's to
 * say.  Source: Microsoft, "Naming and Referencing Containers, Blobs, and
 * Metadata"; $root and other containers with a "$" are no place for it. */
static bool read_blob(const struct config_value *v)
{
	struct url_parts u;

	if (!url_is_base(v->text) || !url_split(&u, v->text) || !u.https)
		return false;
	if (!url_is_escaped(u.rest))
		return fault_set(
			v->why, FAULT_INVALID, 0,
			"a %% begins an escape of two hexadecimal digits, and "
			"a percent sign itself is %%25; it is none in "
			"\"%.150s\".",
			v->text);
	if (storage_url_path_wrong(v->text, STORAGE_BLOB) ||
	    strstr(u.rest, "//"))
		return fault_set(
			v->why, FAULT_INVALID, 0,
			"it must name a container and a blob in it, as in "
			"\"https://ACCOUNT.blob.core.windows.net/CONTAINER/"
			"BLOB\", not \"%.150s\".",
			v->text);
	return keep(v->at, v->text);
}

/* --- Storage ------------------------------------------------------------- */

static bool read_queue(const struct config_value *v)
{
	return !storage_url_path_wrong(v->text, STORAGE_QUEUE) &&
	       keep(v->at, v->text);
}

/* --- the kinds of values ------------------------------------------------ */

const struct config_type value_duration = {
	.accepts = "a duration such as \"90s\", \"5m\" or \"1h30m\"",
	.read = read_duration
};
const struct config_type value_size = { .accepts = "a size such as \"64M\"",
					.read = read_size };
const struct config_type value_number = {
	.accepts = "a number such as \"200\" or \"12.5\"", .read = read_number
};
const struct config_type value_count = { .accepts = "a whole number",
					 .read = read_count };
const struct config_type value_switch = { .accepts = "true or false",
					  .read = read_switch,
					  .words = switches };
const struct config_type value_level = { .read = read_level, .words = levels };
const struct config_type value_kind = { .read = read_word, .words = kinds };
const struct config_type value_algorithm = { .read = read_word,
					     .words = algorithms };
const struct config_type value_source = { .read = read_word,
					  .words = identity_sources };
const struct config_type value_mode = { .read = read_word, .words = modes };
const struct config_type value_via = { .read = read_word, .words = ways };
const struct config_type value_vault_id = {
	.accepts = "the resource id of a vault, "
		   "\"/subscriptions/GUID/resourceGroups/GROUP/providers/"
		   "Microsoft.KeyVault/vaults/NAME\"",
	.read = read_vault_id
};
const struct config_type value_canary = {
	.accepts = "true, false, or the name or id of one registry of this "
		   "watch",
	.read = read_canary
};
const struct config_type value_path = { .accepts = "an absolute path",
					.read = read_path };
const struct config_type value_group = {
	.accepts = "the name or number of a group",
	.read = read_chars,
	.chars = ALNUM "_.-",
	.not_first = '-'
};
const struct config_type value_cloud = { .read = read_cloud, .words = clouds };
const struct config_type value_origin = {
	.accepts = "an https:// address without a path, such as "
		   "\"https://host:8443\"",
	.read = read_origin
};
const struct config_type value_metadata = {
	.accepts = "an http:// or https:// address without a path",
	.read = read_metadata
};
const struct config_type value_audience = { .accepts = "an https:// address",
					    .read = read_audience };
const struct config_type value_suffixes = {
	.accepts = "host name endings that begin with a dot, such as "
		   "\".vault.azure.net\"",
	.list = true,
	.read = read_suffixes
};
const struct config_type value_storage_suffixes = {
	.accepts = "host name endings that begin with a dot, such as "
		   "\".blob.core.windows.net\"",
	.list = true,
	.read = read_storage_suffixes
};
const struct config_type value_proxy = {
	.accepts = "the address of a proxy, such as "
		   "\"http://proxy.example:3128\"",
	.read = read_proxy
};
const struct config_type value_hosts = {
	.accepts = "host names, addresses and networks, or \"*\" for all",
	.list = true,
	.read = read_hosts
};
const struct config_type value_programs = {
	.accepts = "absolute paths of programs",
	.list = true,
	.read = read_programs
};
const struct config_type value_events = {
	.accepts = "kinds of events such as \"overdue\", which keyrotd.conf(5) "
		   "lists, or \"all\"",
	.list = true,
	.read = read_events,
	.words = event_words
};
const struct config_type value_api = {
	.accepts = "an api-version such as \"7.4\" or \"2023-07-01\"",
	.read = read_chars,
	.chars = ALNUM ".-"
};
const struct config_type value_guid = {
	.accepts = "a GUID of the form 8-4-4-4-12 hexadecimal digits",
	.read = read_guid
};
const struct config_type value_identity_id = {
	.accepts = "the resource id of a user-assigned identity, "
		   "\"/subscriptions/GUID/resourceGroups/GROUP/providers/"
		   "Microsoft.ManagedIdentity/userAssignedIdentities/NAME\"",
	.read = read_identity_id
};
const struct config_type value_tenant = {
	.accepts = "the GUID or a domain name of the tenant",
	.read = read_tenant,
	.chars = ALNUM ".-",
	.not_first = '.'
};
const struct config_type value_tenants = {
	.accepts = "GUIDs of tenants, or \"*\" for any",
	.list = true,
	.read = read_tenants
};
const struct config_type value_secret = {
	.accepts = "an absolute path or \"credential:NAME\"",
	.read = read_secret
};
const struct config_type value_registries = {
	.accepts = "resource ids of registries",
	.list = true,
	.read = read_registries
};
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
const struct config_type value_queue = {
	.accepts = "the address of a queue, such as "
		   "\"https://ACCOUNT.queue.core.windows.net/QUEUE\", its name "
		   "in small letters, digits and single hyphens",
	.read = read_queue
};
const struct config_type value_name = {
	.accepts = "the name of a credential block, made of letters, digits, "
		   "'.', '_' and '-'",
	.read = read_chars,
	.chars = ALNUM "_.-"
};
const struct config_type value_lease = {
	.accepts = "the name of a lease block, made of letters, digits, '.', "
		   "'_' and '-', or none",
	.read = read_chars,
	.chars = ALNUM "_.-"
};
const struct config_type value_blob = {
	.accepts = "the address of a blob, such as "
		   "\"https://ACCOUNT.blob.core.windows.net/CONTAINER/BLOB\"",
	.read = read_blob
};
const struct config_type value_identity = {
	.accepts = "a client id (a GUID) or \"system\"", .read = read_identity
};

/* --- reading one -------------------------------------------------------- */

void value_accepts(const struct config_type *t, char *dst, size_t size)
{
	struct buf b;

	if (t->accepts) {
		text_copy(dst, size, t->accepts);
		return;
	}
	buf_init(&b, size - 1);
	for (const char *const *word = t->words; *word; word++)
		buf_printf(&b, "%s%s",
			   word == t->words ? ""
			   : word[1]	    ? ", "
					    : " or ",
			   *word);
	text_copy(dst, size, buf_str(&b));
	buf_free(&b);
}

/* What was written is shown, unless it stands in a credential block: a secret
 * put into the wrong option must not reach a log.  One of a few words may be
 * shown there as well when it looks like one. */
static bool may_show(const struct config_option *o, const char *text)
{
	return !o->secret ||
	       (o->type->words && strlen(text) <= 32 && made_of(text, WORDS));
}

bool value_read(const struct config_option *o, const char *text, unsigned line,
		void *base, struct fault *why)
{
	struct config_value v = {
		o, text, line, base, (char *)base + o->offset, why
	};
	bool too_long = !o->min && o->max &&
			strlen(text) > strtoul(o->max, NULL, 10);
	char range[64] = "", shown[SHOWN_MAX + 16] = "";
	char accepts[VALUE_ACCEPTS_MAX];
	const char *near;
	size_t len;

	why->text[0] = '\0';
	if (!too_long && o->type->read(&v))
		return true;
	if (why->text[0])
		return fault_set(why, FAULT_INVALID, 0, "'%s': %s", o->name,
				 why->text);
	if (o->min)
		snprintf(range, sizeof(range), ", from %s to %s", o->min,
			 o->max);
	else if (too_long)
		snprintf(range, sizeof(range), ", at most %s bytes long",
			 o->max);
	if (may_show(o, text))
		snprintf(shown, sizeof(shown), ", not \"%.*s\"%s", SHOWN_MAX,
			 text, strlen(text) > SHOWN_MAX ? "..." : "");
	near = near_word(o->type->words, text);
	value_accepts(o->type, accepts, sizeof(accepts));
	fault_set(why, FAULT_INVALID, 0, "'%s' must be %s%s%s", o->name,
		  accepts, range, shown);
	len = strlen(why->text);
	snprintf(why->text + len, sizeof(why->text) - len,
		 near ? "; did you mean \"%s\"?" : ".%s", near ? near : "");
	return false;
}

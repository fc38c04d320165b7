/* Values that stay text: names, paths, addresses and identifiers. */
#include "config/config_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azure/resid.h"
#include "base/text.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define ALNUM LETTERS "0123456789"

static bool made_of(const char *s, const char *set)
{
	return *s && !s[strspn(s, set)];
}

static bool keep(void *at, const char *text)
{
	char **slot = at;

	free(*slot);
	*slot = text_dup(text);
	return true;
}

static bool read_path(const struct config_option *o, const char *text, void *at,
		      struct fault *why)
{
	(void)o, (void)why;
	return text[0] == '/' && keep(at, text);
}

static bool read_group(const struct config_option *o, const char *text,
		       void *at, struct fault *why)
{
	(void)o, (void)why;
	return text[0] != '-' && made_of(text, ALNUM "_.-") && keep(at, text);
}

static bool read_cloud(const struct config_option *o, const char *text,
		       void *at, struct fault *why)
{
	struct cloud profile = { 0 };
	bool known = cloud_profile(&profile, text);

	(void)o, (void)why;
	cloud_free(&profile);
	return known && keep(at, text);
}

static bool is_host(const char *s, size_t len)
{
	if (!len || s[0] == '.' || s[0] == '-')
		return false;
	if (s[0] == '[') /* an IPv6 address, RFC 3986 section 3.2.2 */
		return len > 3 && s[len - 1] == ']' &&
		       strspn(s + 1, "0123456789abcdefABCDEF:.") == len - 2;
	return strspn(s, ALNUM ".-") >= len;
}

static bool is_port(const char *s)
{
	size_t len = strspn(s, "0123456789");
	unsigned long port = len && len < 6 ? strtoul(s, NULL, 10) : 0;

	return !s[len] && port >= 1 && port <= 65535;
}

/* HOST[:PORT], nothing after it. */
static bool is_authority(const char *s)
{
	size_t host = s[0] == '[' ? strcspn(s, "]") + 1 : strcspn(s, ":");

	if (host > strlen(s) || !is_host(s, host))
		return false;
	return !s[host] || (s[host] == ':' && is_port(s + host + 1));
}

/* An origin is kept without its closing slash, so that a path can follow. */
static bool keep_origin(void *at, const char *text, const char *scheme)
{
	size_t len = strlen(text), skip = strlen(scheme);
	char *copy;
	bool good;

	if (!text_prefix(text, scheme))
		return false;
	if (len > skip && text[len - 1] == '/')
		len--;
	copy = text_ndup(text, len);
	good = is_authority(copy + skip) && keep(at, copy);
	free(copy);
	return good;
}

static bool read_origin(const struct config_option *o, const char *text,
			void *at, struct fault *why)
{
	(void)o, (void)why;
	return keep_origin(at, text, "https://");
}

static bool read_metadata(const struct config_option *o, const char *text,
			  void *at, struct fault *why)
{
	(void)o, (void)why;
	return keep_origin(at, text, "https://") ||
	       keep_origin(at, text, "http://");
}

/* An audience is compared letter by letter by the token service: a closing
 * slash is part of it. */
static bool read_audience(const struct config_option *o, const char *text,
			  void *at, struct fault *why)
{
	(void)o, (void)why;
	return text_prefix(text, "https://") &&
	       made_of(text + strlen("https://"), ALNUM ".-:/_") &&
	       keep(at, text);
}

/* With a port it fits only vaults at that port. */
static bool is_suffix(const char *s)
{
	size_t len = strcspn(s, ":");

	return s[0] == '.' && len > 1 && strspn(s, ALNUM ".-") == len &&
	       !strstr(s, "..") && strchr(ALNUM, s[len - 1]) &&
	       (!s[len] || is_port(s + len + 1));
}

/* The whole cloud is at hand: this option is a list. */
static bool read_suffixes(const struct config_option *o, const char *text,
			  void *at, struct fault *why)
{
	struct cloud *c =
		(struct cloud *)((char *)at -
				 offsetof(struct cloud, vault_suffixes));

	(void)o;
	if (!is_suffix(text))
		return false;
	if (c->n_vault_suffixes == CLOUD_SUFFIXES_MAX)
		return fault_set(why, FAULT_INVALID, 0,
				 "at most %d suffixes can be listed.",
				 CLOUD_SUFFIXES_MAX);
	return keep(&c->vault_suffixes[c->n_vault_suffixes++], text);
}

static bool read_api(const struct config_option *o, const char *text, void *at,
		     struct fault *why)
{
	(void)o, (void)why;
	return made_of(text, ALNUM ".-") && keep(at, text);
}

static bool read_guid(const struct config_option *o, const char *text, void *at,
		      struct fault *why)
{
	(void)o, (void)why;
	return resid_is_guid(text) && keep(at, text);
}

/* A name of [^/] up to the given word, which is skipped; NULL otherwise. */
static const char *skip_name(const char *s, const char *word)
{
	size_t len = strcspn(s, "/");

	if (!len || !text_prefix(s + len, word))
		return NULL;
	return s + len + strlen(word);
}

static bool is_identity_id(const char *s)
{
	static const char start[] = "/subscriptions/";
	static const char type[] = "/providers/Microsoft.ManagedIdentity"
				   "/userAssignedIdentities/";
	char guid[37];

	if (!text_prefix(s, start))
		return false;
	s += strlen(start);
	if (strcspn(s, "/") != sizeof(guid) - 1)
		return false;
	snprintf(guid, sizeof(guid), "%.36s", s);
	s = skip_name(s, "/resourceGroups/");
	s = s ? skip_name(s, type) : NULL;
	return s && resid_is_guid(guid) && made_of(s, ALNUM "_-");
}

static bool read_identity_id(const struct config_option *o, const char *text,
			     void *at, struct fault *why)
{
	(void)o, (void)why;
	return is_identity_id(text) && keep(at, text);
}

static bool read_tenant(const struct config_option *o, const char *text,
			void *at, struct fault *why)
{
	(void)o, (void)why;
	return made_of(text, ALNUM ".-") && text[0] != '.' && keep(at, text);
}

static bool read_secret(const struct config_option *o, const char *text,
			void *at, struct fault *why)
{
	static const char scheme[] = "credential:";
	const char *name = text + strlen(scheme);

	if (strncmp(text, scheme, strlen(scheme)))
		return read_path(o, text, at, why);
	/* A file name inside $CREDENTIALS_DIRECTORY, nothing that leads out. */
	return name[0] != '.' && strlen(name) <= 255 &&
	       made_of(name, ALNUM "_.-@") && keep(at, text);
}

/* The whole draft is at hand: this option is a list. */
static bool read_registries(const struct config_option *o, const char *text,
			    void *at, struct fault *why)
{
	struct config_watch_draft *d = at;
	struct resid id;
	size_t n = d->w.n_registries;

	(void)o;
	if (!resid_parse(&id, text, why))
		return false;
	d->w.registries =
		config_grow(d->w.registries, n, sizeof(*d->w.registries));
	d->lines = config_grow(d->lines, n, sizeof(*d->lines));
	d->w.registries[n].id = text_dup(text);
	d->lines[n] = d->line;
	d->w.n_registries++;
	return true;
}

static bool read_name(const struct config_option *o, const char *text, void *at,
		      struct fault *why)
{
	(void)o, (void)why;
	return made_of(text, ALNUM "_.-") && keep(at, text);
}

static bool read_identity(const struct config_option *o, const char *text,
			  void *at, struct fault *why)
{
	(void)o, (void)why;
	if (text_same(text, "system"))
		return keep(at, "system");
	return resid_is_guid(text) && keep(at, text);
}

const struct config_type config_type_path = { "path", "an absolute path", false,
					      read_path };
const struct config_type config_type_group = { "group",
					       "the name or number of a group",
					       false, read_group };
const struct config_type config_type_cloud = { "cloud",
					       "public, china or usgov", false,
					       read_cloud };
const struct config_type config_type_origin = {
	"address",
	"an https:// address without a path, such as "
	"\"https://host:8443\"",
	false, read_origin
};
const struct config_type config_type_metadata = {
	"address", "an http:// or https:// address without a path", false,
	read_metadata
};
const struct config_type config_type_audience = { "audience",
						  "an https:// address", false,
						  read_audience };
const struct config_type config_type_suffixes = {
	"suffixes",
	"host name endings that begin with a dot, such as "
	"\".vault.azure.net\"",
	true, read_suffixes
};
const struct config_type config_type_api = {
	"api-version", "an api-version such as \"7.4\" or \"2023-07-01\"",
	false, read_api
};
const struct config_type config_type_guid = {
	"GUID", "a GUID of the form 8-4-4-4-12 hexadecimal digits", false,
	read_guid
};
const struct config_type config_type_identity_id = {
	"resource id",
	"the resource id of a user-assigned identity, "
	"\"/subscriptions/GUID/resourceGroups/GROUP/providers/"
	"Microsoft.ManagedIdentity/userAssignedIdentities/NAME\"",
	false, read_identity_id
};
const struct config_type config_type_tenant = {
	"tenant", "the GUID or a domain name of the tenant", false, read_tenant
};
const struct config_type config_type_secret = {
	"file", "an absolute path or \"credential:NAME\"", false, read_secret
};
const struct config_type config_type_registries = {
	"registries", "resource ids of registries", true, read_registries
};
const struct config_type config_type_name = {
	"name",
	"the name of a credential block, made of letters, digits, "
	"'.', '_' and '-'",
	false, read_name
};
const struct config_type config_type_identity = {
	"identity", "a client id (a GUID) or \"system\"", false, read_identity
};

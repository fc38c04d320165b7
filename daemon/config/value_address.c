/* Addresses: origins, proxies and their exceptions, endings of host names, and
 * places in Storage. */
#include "config/value_address.h"

#include <stdlib.h>
#include <string.h>

#include "azure/cloud.h"
#include "azure/proxy.h"
#include "azure/storage_url.h"
#include "azure/url.h"
#include "base/text.h"
#include "config/options.h"
#include "config/value_text.h"

static bool is_port(const char *s)
{
	size_t len = strspn(s, VALUE_DIGITS);
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
	good = is_authority(copy + skip) && value_text_keep(v->at, copy);
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
	       value_text_made_of(v->text + strlen("https://"),
				  VALUE_ALNUM ".-:/_") &&
	       value_text_keep(v->at, v->text);
}

/* With a port it fits only hosts at that port. */
static bool add_suffix(const struct config_value *v, char **list, size_t *n)
{
	const char *s = v->text;
	size_t len = strcspn(s, ":");

	if (s[0] != '.' || len < 2 || strspn(s, VALUE_ALNUM ".-") != len ||
	    strstr(s, "..") || !strchr(VALUE_ALNUM, s[len - 1]) ||
	    (s[len] && !is_port(s + len + 1)))
		return false;
	if (*n == CLOUD_SUFFIXES_MAX)
		return fault_set(v->why, FAULT_INVALID, 0,
				 "at most %d suffixes can be listed.",
				 CLOUD_SUFFIXES_MAX);
	return value_text_keep(&list[(*n)++], s);
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
		       ? value_text_add(v->at, v->text, ',')
		       : fault_set(v->why, FAULT_INVALID, 0,
				   "%s, not \"%.80s\".", v->why->text, v->text);
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
	return value_text_keep(v->at, v->text);
}

static bool read_queue(const struct config_value *v)
{
	return !storage_url_path_wrong(v->text, STORAGE_QUEUE) &&
	       value_text_keep(v->at, v->text);
}

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
const struct config_type value_queue = {
	.accepts = "the address of a queue, such as "
		   "\"https://ACCOUNT.queue.core.windows.net/QUEUE\", its name "
		   "in small letters, digits and single hyphens",
	.read = read_queue
};
const struct config_type value_blob = {
	.accepts = "the address of a blob, such as "
		   "\"https://ACCOUNT.blob.core.windows.net/CONTAINER/BLOB\"",
	.read = read_blob
};

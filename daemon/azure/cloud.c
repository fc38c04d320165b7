/*
 * Azure exists several times.  Here stand the addresses of each cloud, and
 * the rule which host belongs to it, so that no token is shown to a
 * stranger.
 */
#include "azure/cloud.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azure/url.h"
#include "base/text.h"

struct profile {
	const char *name, *authority, *resource_manager, *arm_audience;
	const char *vault_suffix, *hsm_suffix;
	const char *storage_suffixes[CLOUD_SUFFIXES_MAX + 1]; /* NULL: end */
};

static const struct profile profiles[] = {
	{ "public",
	  "https://login.microsoftonline.com",
	  "https://management.azure.com",
	  "https://management.azure.com",
	  ".vault.azure.net",
	  ".managedhsm.azure.net",
	  { ".blob.core.windows.net", ".queue.core.windows.net",
	    ".blob.storage.azure.net", ".queue.storage.azure.net" } },
	{ "china",
	  "https://login.chinacloudapi.cn",
	  "https://management.chinacloudapi.cn",
	  "https://management.chinacloudapi.cn",
	  ".vault.azure.cn",
	  ".managedhsm.azure.cn",
	  { ".blob.core.chinacloudapi.cn", ".queue.core.chinacloudapi.cn" } },
	{ "usgov",
	  "https://login.microsoftonline.us",
	  "https://management.usgovcloudapi.net",
	  "https://management.usgovcloudapi.net",
	  ".vault.usgovcloudapi.net",
	  ".managedhsm.usgovcloudapi.net",
	  { ".blob.core.usgovcloudapi.net", ".queue.core.usgovcloudapi.net" } },
};

/* Further names of the same services: those that tokens and challenges of old
 * are made out to, and those that were announced to follow. */
static const struct {
	const char *host, *cloud;
} aliases[] = {
	{ "login.windows.net", "public" },
	{ "login.microsoft.com", "public" },
	{ "management.core.windows.net", "public" },
	{ "login.partner.microsoftonline.cn", "china" },
	{ "management.core.chinacloudapi.cn", "china" },
	{ "management.core.usgovcloudapi.net", "usgov" },
};

static const struct profile *find_profile(const char *name)
{
	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		if (text_same(name, profiles[i].name))
			return &profiles[i];
	}
	return NULL;
}

bool cloud_profile(struct cloud *c, const char *name)
{
	const struct profile *p = find_profile(name);

	if (!p)
		return false;
	*c = (struct cloud){
		.name = text_dup(p->name),
		.authority = text_dup(p->authority),
		.resource_manager = text_dup(p->resource_manager),
		.arm_audience = text_dup(p->arm_audience),
		.vault_suffixes = { text_dup(p->vault_suffix),
				    text_dup(p->hsm_suffix) },
		.n_vault_suffixes = 2,
		.imds_endpoint = text_dup(CLOUD_IMDS),
		.arc_key_directory = text_dup("/var/opt/azcmagent/tokens"),
		.vault_api_version = text_dup("7.4"),
		.registry_api_version = text_dup("2023-07-01"),
		.vault_resource_api_version = text_dup("2023-07-01"),
	};
	while (p->storage_suffixes[c->n_storage_suffixes]) {
		size_t i = c->n_storage_suffixes++;

		c->storage_suffixes[i] = text_dup(p->storage_suffixes[i]);
	}
	return true;
}

void cloud_free(struct cloud *c)
{
	for (size_t i = 0; i < CLOUD_SUFFIXES_MAX; i++)
		free(c->vault_suffixes[i]);
	for (size_t i = 0; i < CLOUD_SUFFIXES_MAX; i++)
		free(c->storage_suffixes[i]);
	free(c->name);
	free(c->authority);
	free(c->resource_manager);
	free(c->arm_audience);
	free(c->vault_audience);
	free(c->ca_file);
	free(c->imds_endpoint);
	free(c->arc_key_directory);
	free(c->vault_api_version);
	free(c->registry_api_version);
	free(c->vault_resource_api_version);
	*c = (struct cloud){ .name = NULL };
}

/* The length of the one label in front of the suffix, 0 when it is not one
 * label.  A suffix that names a port fits only that port. */
static size_t label_before(const char *host, const char *suffix)
{
	size_t len = strchr(suffix, ':') ? strlen(host) : strcspn(host, ":");
	size_t tail = strlen(suffix);
	char end[URL_HOST_MAX];

	if (!tail || len <= tail || tail >= sizeof(end))
		return 0;
	memcpy(end, host + len - tail, tail);
	end[tail] = '\0';
	len -= tail;
	return text_same(end, suffix) && !memchr(host, '.', len) ? len : 0;
}

static const char *suffix_of(const struct cloud *c, const char *host)
{
	for (size_t i = 0; i < c->n_vault_suffixes; i++) {
		if (label_before(host, c->vault_suffixes[i]))
			return c->vault_suffixes[i];
	}
	return NULL;
}

bool cloud_has_vault(const struct cloud *c, const char *host)
{
	return suffix_of(c, host) != NULL;
}

/* "account.z12" of "account.z12.blob.storage.azure.net", which has the name of
 * a zone behind the account's. */
static bool has_zone(const char *host, const char *suffix)
{
	size_t account = strcspn(host, "."), digits;
	const char *zone = host + account;
	char name[URL_HOST_MAX];
	int len;

	if (!text_suffix(suffix, ".storage.azure.net") ||
	    !text_prefix(zone, ".z"))
		return false;
	digits = strspn(zone + 2, "0123456789");
	if (digits < 1 || digits > 4)
		return false;
	len = snprintf(name, sizeof(name), "%.*s%s", (int)account, host,
		       zone + 2 + digits);
	return len > 0 && (size_t)len < sizeof(name) &&
	       label_before(name, suffix);
}

static bool is_storage_of(const char *host, const char *suffix)
{
	return label_before(host, suffix) || has_zone(host, suffix);
}

bool cloud_has_storage(const struct cloud *c, const char *host)
{
	for (size_t i = 0; i < c->n_storage_suffixes; i++)
		if (is_storage_of(host, c->storage_suffixes[i]))
			return true;
	return false;
}

const char *cloud_of_storage_suffix(const char *suffix)
{
	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++)
		for (const char *const *s = profiles[i].storage_suffixes; *s;
		     s++)
			if (text_same(*s, suffix))
				return profiles[i].name;
	return NULL;
}

const char *cloud_of_vault(const char *host)
{
	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		if (label_before(host, profiles[i].vault_suffix) ||
		    label_before(host, profiles[i].hsm_suffix))
			return profiles[i].name;
	}
	return NULL;
}

bool cloud_is_hsm(const char *host)
{
	return text_prefix(host + strcspn(host, "."), ".managedhsm.");
}

static bool is_host_of(const struct profile *p, const char *host)
{
	return text_same(host, strstr(p->authority, "://") + 3) ||
	       text_same(host, strstr(p->resource_manager, "://") + 3) ||
	       text_same(host, strstr(p->arm_audience, "://") + 3) ||
	       text_same(host, p->vault_suffix + 1) ||
	       text_same(host, p->hsm_suffix + 1);
}

const char *cloud_of_url(const char *url)
{
	struct url_parts u;

	if (!url_split(&u, url))
		return NULL;
	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		if (is_host_of(&profiles[i], u.host))
			return profiles[i].name;
	}
	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (text_same(aliases[i].host, u.host))
			return aliases[i].cloud;
	}
	return NULL;
}

const char *cloud_of_suffix(const char *suffix)
{
	char host[URL_HOST_MAX + 8];
	int len = snprintf(host, sizeof(host), "v%s", suffix);

	return len > 0 && (size_t)len < sizeof(host) ? cloud_of_vault(host)
						     : NULL;
}

/* What stands behind a vault's name in the zones that its public name leads to
 * where there is a private link. */
static const struct {
	const char *label, *public;
} private_labels[] = {
	{ ".privatelink.vaultcore.", ".vault." },
	{ ".privatelink.vault.", ".vault." },
	{ ".privatelink.managedhsm.", ".managedhsm." },
	{ ".vaultcore.", ".vault." },
};

bool cloud_public_name(const char *host, char *dst, size_t size)
{
	/* The zone itself is no vault. */
	const char *dot = text_prefix(host, "privatelink.") ? NULL
							    : strchr(host, '.');
	int len;

	for (size_t i = 0;
	     dot && i < sizeof(private_labels) / sizeof(private_labels[0]);
	     i++) {
		const char *label = private_labels[i].label;

		if (!text_prefix(dot, label))
			continue;
		len = snprintf(dst, size, "%.*s%s%s", (int)(dot - host), host,
			       private_labels[i].public, dot + strlen(label));
		return len > 0 && (size_t)len < size;
	}
	return false;
}

bool cloud_vault_audience(const struct cloud *c, const char *host, char *dst,
			  size_t size)
{
	const char *suffix = suffix_of(c, host);
	int len;

	if (!suffix)
		return false;
	if (c->vault_audience)
		return text_copy(dst, size, c->vault_audience);
	len = snprintf(dst, size, "https://%s", suffix + (*suffix == '.'));
	return len > 0 && (size_t)len < size;
}

bool cloud_resource_fits(const char *resource, const char *request_host)
{
	size_t len = strcspn(request_host, ":"), tail;
	char host[URL_HOST_MAX];
	struct url_parts u;

	if (!url_split(&u, resource) || !u.https || len >= sizeof(host))
		return false;
	memcpy(host, request_host, len);
	host[len] = '\0';
	tail = strlen(u.host);
	/* The dot matters: "evilvault.azure.net" is nobody's vault. */
	return len > tail + 1 && host[len - tail - 1] == '.' &&
	       text_suffix(host, u.host);
}

bool cloud_same_origin(const char *url, const char *base)
{
	struct url_parts a, b;

	return url_split(&a, url) && url_split(&b, base) && a.https &&
	       b.https && a.port == b.port && url_same_host(a.host, b.host);
}

bool cloud_same(const struct cloud *a, const struct cloud *b)
{
	if (a->n_vault_suffixes != b->n_vault_suffixes ||
	    a->n_storage_suffixes != b->n_storage_suffixes)
		return false;
	for (size_t i = 0; i < a->n_storage_suffixes; i++)
		if (!text_same(a->storage_suffixes[i], b->storage_suffixes[i]))
			return false;
	for (size_t i = 0; i < a->n_vault_suffixes; i++)
		if (!text_same(a->vault_suffixes[i], b->vault_suffixes[i]))
			return false;
	return text_same(a->authority, b->authority) &&
	       text_same(a->resource_manager, b->resource_manager) &&
	       text_same(a->arm_audience, b->arm_audience) &&
	       text_same(a->vault_audience, b->vault_audience) &&
	       text_same(a->imds_endpoint, b->imds_endpoint);
}

/* What Azure would refuse, or take for something else, is told before it is
 * asked; and no token goes to whom it is none of. */
#include "azure/storage_url.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "azure/keyid.h"
#include "azure/url.h"
#include "base/text.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz0123456789-"
#define BLOB_MAX 1024 /* bytes of a blob's name */

bool storage_url_host(const char *url, char *dst, size_t size)
{
	struct url_parts u;
	const char *from, *colon;
	int len;

	if (!url_split(&u, url))
		return false;
	from = strstr(url, "://") + 3;
	colon = u.rest;
	while (colon > from && colon[-1] >= '0' && colon[-1] <= '9')
		colon--;
	/* The default port is not named, so that one host is one. */
	if (colon > from && colon[-1] == ':' && u.port != 443)
		len = snprintf(dst, size, "%s:%d", u.host, u.port);
	else
		len = snprintf(dst, size, "%s", u.host);
	return len > 0 && (size_t)len < size;
}

char *storage_url_blob(const char *url)
{
	char host[URL_HOST_MAX + 6];
	struct url_parts u;
	struct buf out;

	if (!url_split(&u, url) || !storage_url_host(url, host, sizeof(host)))
		return NULL;
	buf_init(&out, 4 * URL_MAX);
	if (buf_puts(&out, host) &&
	    url_add_path(&out, u.rest, strcspn(u.rest, "?#")))
		return url_take(&out);
	buf_free(&out);
	return NULL;
}

/* A container's or a queue's: 3 to 63 of these characters, and a hyphen only
 * between two others. */
static bool is_name(const char *s, size_t len)
{
	return len >= 3 && len <= 63 && strspn(s, LOWER) >= len &&
	       s[0] != '-' && s[len - 1] != '-' && !memmem(s, len, "--", 2);
}

static bool is_dotted(const char *path)
{
	for (const char *s = path; (s = strstr(s, "/.")); s++) {
		size_t dots = strspn(s + 1, ".");

		if (dots <= 2 && (!s[1 + dots] || s[1 + dots] == '/'))
			return true;
	}
	return false;
}

/* Whoever sends "." or ".." sends something else, in escapes as well. */
static bool has_dots(const char *url)
{
	char *path = storage_url_blob(url);
	bool some = !path || is_dotted(path);

	free(path);
	return some;
}

static const char *blob_wrong(const char *path)
{
	size_t len = strcspn(path, "/");
	const char *blob = path + len + (path[len] == '/');

	if (!*blob)
		return "names no blob: https://HOST/CONTAINER/BLOB is wanted";
	if (!is_name(path, len))
		return "names no container: its name has 3 to 63 lower-case "
		       "letters, digits and single hyphens";
	if (strlen(blob) > BLOB_MAX || blob[strlen(blob) - 1] == '/')
		return "names no blob: its name has at most 1024 characters "
		       "and no slash at its end";
	return NULL;
}

static const char *queue_wrong(const char *path)
{
	if (strchr(path, '/'))
		return "is not of the form https://HOST/QUEUE";
	if (!is_name(path, strlen(path)))
		return "names no queue: its name has 3 to 63 lower-case "
		       "letters, digits and single hyphens";
	return NULL;
}

/* "account.queue.core.windows.net", where a blob is wanted. */
static bool is_of_other(const char *host, enum storage_service service)
{
	const char *dot = strchr(host, '.');

	return dot &&
	       text_prefix(dot, service == STORAGE_BLOB ? ".queue." : ".blob.");
}

const char *storage_url_path_wrong(const char *url,
				   enum storage_service service)
{
	struct url_parts u;

	if (!url_is_base(url) || !url_split(&u, url) || !u.https)
		return "is not an https:// address without a query";
	if (!url_is_escaped(u.rest))
		return "has a % that begins no escape: a percent sign itself "
		       "is %25";
	if (has_dots(url))
		return "has a dot alone in its path";
	url = u.rest + (*u.rest == '/');
	return service == STORAGE_BLOB ? blob_wrong(url) : queue_wrong(url);
}

const char *storage_url_wrong(const struct cloud *cloud, const char *url,
			      enum storage_service service)
{
	const char *wrong = storage_url_path_wrong(url, service);
	char host[KEYID_HOST_MAX];

	if (wrong)
		return wrong;
	if (!storage_url_host(url, host, sizeof(host)) ||
	    !cloud_has_storage(cloud, host))
		return "is of a host that is no storage account of the "
		       "configured cloud";
	if (is_of_other(host, service))
		return service == STORAGE_BLOB
			       ? "is that of a queue, and a blob is wanted"
			       : "is that of a blob, and a queue is wanted";
	return NULL;
}

/* Up to one of these characters. */
static void take(char *dst, size_t size, const char *s, const char *ends)
{
	size_t len = strcspn(s, ends);

	len = len < size ? len : size - 1;
	memcpy(dst, s, len);
	dst[len] = '\0';
}

void storage_url_names(const char *url, char *account, size_t account_size,
		       char *name, size_t name_size)
{
	struct url_parts u;

	account[0] = name[0] = '\0';
	if (!url_split(&u, url))
		return;
	take(account, account_size, u.host, ".");
	take(name, name_size, u.rest + (*u.rest == '/'), "/?#");
}

/*
 * As much of RFC 3986 as decides whose host a URL names.  Doubt means no: a
 * token goes where the URL leads.
 */
#include "azure/url.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

static bool take_port(const char **s, int *port)
{
	int n = 0;

	if (**s != ':')
		return true;
	for ((*s)++; **s >= '0' && **s <= '9'; (*s)++) {
		n = n * 10 + (**s - '0');
		if (n > 65535)
			return false;
	}
	*port = n;
	return n > 0;
}

bool url_split(struct url_parts *u, const char *url)
{
	const char *host;
	size_t len = 0;

	*u = (struct url_parts){ .https = text_prefix(url, "https://") };
	if (!u->https && !text_prefix(url, "http://"))
		return false;
	u->port = u->https ? 443 : 80;
	host = strstr(url, "://") + 3;
	while (is_alnum(host[len]) || host[len] == '.' || host[len] == '-')
		len++;
	if (!len || len >= sizeof(u->host))
		return false;
	memcpy(u->host, host, len);
	text_lower(u->host);
	u->rest = host + len;
	/* What ends the host decides whose it is: "a@b" and "a\b" must not
	 * pass for "a". */
	return take_port(&u->rest, &u->port) &&
	       (!*u->rest || strchr("/?#", *u->rest));
}

bool url_is_clean(const char *url)
{
	size_t len = 0;

	for (; url[len] > ' ' && url[len] < 0x7f; len++) {
		if (len == URL_MAX)
			return false;
	}
	return len && !url[len];
}

bool url_add_encoded(struct buf *out, const char *s, size_t len)
{
	bool ok = true;

	for (size_t i = 0; i < len && ok; i++) {
		if (is_alnum(s[i]) || (s[i] && strchr("-._~", s[i])))
			ok = buf_add(out, s + i, 1);
		else
			ok = buf_printf(out, "%%%02X", (unsigned char)s[i]);
	}
	return ok;
}

bool url_add_base(struct buf *out, const char *base)
{
	size_t len = strlen(base);

	while (len && base[len - 1] == '/')
		len--;
	return buf_add(out, base, len);
}

char *url_take(struct buf *b)
{
	char *s = b->data ? b->data : text_dup("");

	buf_init(b, b->max);
	return s;
}

/*
 * As much of RFC 3986 as decides whose host a URL names.  Doubt means no: a
 * token goes where the URL leads.
 */
#include "azure/url.h"

#include <stdint.h>
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

/* ---- addresses ---- */

bool url_ipv4(const char *s, size_t len, unsigned char to[static 4])
{
	const char *end = s + len;

	for (int i = 0; i < 4; i++) {
		unsigned n = 0;
		const char *from = s;

		for (; s < end && *s >= '0' && *s <= '9' && s - from < 3; s++)
			n = n * 10 + (unsigned)(*s - '0');
		/* Some read a leading zero as octal. */
		if (s == from || n > 255 || (*from == '0' && s - from > 1))
			return false;
		to[i] = (unsigned char)n;
		if (i < 3 && (s == end || *s++ != '.'))
			return false;
	}
	return s == end;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One to four digits, into two bytes. */
static bool take_group(const char **s, const char *end, unsigned char *to)
{
	unsigned n = 0;
	int digits = 0;

	for (; *s < end && digits < 4 && hex_digit(**s) >= 0; digits++)
		n = n * 16 + (unsigned)hex_digit(*(*s)++);
	to[0] = (unsigned char)(n >> 8);
	to[1] = (unsigned char)n;
	return digits > 0;
}

/* The bytes behind the gap belong at the end. */
static bool close_gap(unsigned char to[static 16], size_t n, size_t gap)
{
	size_t tail = n - gap;

	memmove(to + 16 - tail, to + gap, tail);
	memset(to + gap, 0, 16 - n);
	return true;
}

bool url_ipv6(const char *s, size_t len, unsigned char to[static 16])
{
	const char *end = s + len;
	size_t n = 0, gap = SIZE_MAX;

	memset(to, 0, 16);
	if (len > 1 && s[0] == ':' && s[1] == ':') {
		gap = 0;
		s += 2;
	}
	while (s < end) {
		if (n <= 12 && url_ipv4(s, (size_t)(end - s), to + n)) {
			n += 4;
			break;
		}
		if (n == 16 || !take_group(&s, end, to + n))
			return false;
		n += 2;
		if (s == end)
			break;
		if (*s++ != ':' || s == end)
			return false;
		if (*s != ':')
			continue;
		if (gap != SIZE_MAX)
			return false;
		gap = n;
		s++;
	}
	if (gap == SIZE_MAX)
		return n == 16;
	return n < 16 && close_gap(to, n, gap);
}

/* ---- hosts ---- */

/* How long the host is that s begins with, its brackets included; 0: it is
 * none.  What a bracket holds is an address of IPv6 (RFC 3986 section 3.2.2),
 * without a zone: that means something on this machine only. */
static size_t host_length(const char *s)
{
	unsigned char address[16];
	size_t len = 0;

	if (*s == '[') {
		len = strcspn(s, "]");
		return s[len] && url_ipv6(s + 1, len - 1, address) ? len + 1
								   : 0;
	}
	while (is_alnum(s[len]) || s[len] == '.' || s[len] == '-')
		len++;
	return len;
}

bool url_host(const char *s, char host[static URL_HOST_MAX], int *port,
	      const char **rest)
{
	size_t len = host_length(s);

	if (!len || len >= URL_HOST_MAX)
		return false;
	memcpy(host, s, len);
	host[len] = '\0';
	text_lower(host);
	*rest = s + len;
	return take_port(rest, port);
}

bool url_split(struct url_parts *u, const char *url)
{
	*u = (struct url_parts){ .https = text_prefix(url, "https://") };
	if (!u->https && !text_prefix(url, "http://"))
		return false;
	u->port = u->https ? 443 : 80;
	/* What ends the host decides whose it is: "a@b" and "a\b" must not
	 * pass for "a". */
	return url_host(strstr(url, "://") + 3, u->host, &u->port, &u->rest) &&
	       (!*u->rest || strchr("/?#", *u->rest));
}

bool url_same_host(const char *a, const char *b)
{
	unsigned char one[16], other[16];

	if (a[0] != '[' || b[0] != '[')
		return text_same(a, b);
	/* "[::1]" and "[0:0:0:0:0:0:0:1]" are the same address. */
	return url_ipv6(a + 1, strcspn(a + 1, "]"), one) &&
	       url_ipv6(b + 1, strcspn(b + 1, "]"), other) &&
	       !memcmp(one, other, sizeof(one));
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

bool url_is_base(const char *url)
{
	struct url_parts u;

	return url_is_clean(url) && url_split(&u, url) &&
	       !strpbrk(u.rest, "?#");
}

bool url_is_escaped(const char *url)
{
	static const char hex[] = "0123456789abcdefABCDEF";

	while ((url = strchr(url, '%')))
		if (strspn(++url, hex) < 2)
			return false;
	return true;
}

static bool is_unreserved(char c)
{
	return is_alnum(c) || (c && strchr("-._~", c));
}

static bool add_byte(struct buf *out, unsigned char c, bool plain)
{
	return plain ? buf_add(out, &c, 1) : buf_printf(out, "%%%02X", c);
}

bool url_add_encoded(struct buf *out, const char *s, size_t len)
{
	bool ok = true;

	for (size_t i = 0; i < len && ok; i++)
		ok = add_byte(out, (unsigned char)s[i], is_unreserved(s[i]));
	return ok;
}

/* What a path has besides (RFC 3986 section 3.3: pchar, and the slash). */
static bool is_of_path(char c)
{
	return is_unreserved(c) || (c && strchr("!$&'()*+,;=:@/", c));
}

bool url_add_path(struct buf *out, const char *path, size_t len)
{
	bool ok = true;

	for (size_t i = 0; i < len && ok; i++) {
		char c = path[i];
		int high = -1, low = -1;

		if (c == '%' && len - i > 2) {
			high = hex_digit(path[i + 1]);
			low = hex_digit(path[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			c = (char)(high * 16 + low);
			i += 2;
		}
		ok = add_byte(out, (unsigned char)c, is_of_path(c));
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

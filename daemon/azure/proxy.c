/* Which proxy, and for whom: curl's rules, on plain values. */
#include "azure/proxy.h"

#include <stdlib.h>
#include <string.h>

#include "azure/url.h"
#include "base/text.h"

#define DIGITS "0123456789"
#define NAME_CHARS                            \
	DIGITS "abcdefghijklmnopqrstuvwxyz-_" \
	       "ABCDEFGHIJKLMNOPQRSTUVWXYZ."

static const struct {
	const char *prefix;
	int port;
} schemes[] = {
	{ "http://", 1080 },	{ "https://", 443 },   { "socks4://", 1080 },
	{ "socks4a://", 1080 }, { "socks5://", 1080 }, { "socks5h://", 1080 },
};

/* ---- reading one ---- */

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at;
	char low[2] = { c, '\0' };

	text_lower(low);
	at = c ? strchr(digits, low[0]) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* The len bytes at s without their percent-encoding; NULL when that is wrong,
 * or hides a control character. */
static char *decode(const char *s, size_t len)
{
	char *out = text_alloc(len + 1, 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '%') {
			int high = i + 2 < len ? hex_digit(s[i + 1]) : -1;
			int low = high >= 0 ? hex_digit(s[i + 2]) : -1;

			/* One that is none becomes no character at all. */
			c = low >= 0 ? (unsigned char)(high * 16 + low) : 0;
			i += 2;
		}
		if (c < 0x20 || c == 0x7f) {
			text_wipe_free(out);
			return NULL;
		}
		out[n++] = (char)c;
	}
	return out;
}

static bool read_user(struct proxy *p, const char *s, size_t len)
{
	const char *colon = memchr(s, ':', len);
	size_t user = colon ? (size_t)(colon - s) : len;

	p->user = decode(s, user);
	if (colon)
		p->password = decode(colon + 1, len - user - 1);
	return p->user && p->user[0] && (!colon || p->password);
}

static bool wrong(struct fault *f, const char *what)
{
	return fault_set(f, FAULT_INVALID, 0, "%s", what);
}

static bool take(struct proxy *p, const char *text, struct fault *f)
{
	const char *prefix = schemes[0].prefix, *at, *rest;
	int port = schemes[0].port;
	char host[URL_HOST_MAX];

	if (strlen(text) > PROXY_URL_MAX)
		return wrong(f, "it is longer than 1024 bytes");
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (!text_prefix(text, schemes[i].prefix))
			continue;
		prefix = schemes[i].prefix;
		port = schemes[i].port;
		text += strlen(prefix);
		break;
	}
	if (strstr(text, "://"))
		return wrong(f, "a proxy is spoken to by http, https, socks4, "
				"socks4a, socks5 or socks5h");
	at = strrchr(text, '@');
	if (at && !read_user(p, text, (size_t)(at - text)))
		return wrong(f, "the user and password before its '@' cannot "
				"be understood: a sign that has a meaning in "
				"URLs is written %XX");
	text = at ? at + 1 : text;
	if (!url_host(text, host, &port, &rest) || (*rest && strcmp(rest, "/")))
		return wrong(f, "what it says is no HOST:PORT, such as "
				"\"http://proxy.example:3128\"");
	p->url = text_printf("%s%s:%d", prefix, host, port);
	return true;
}

bool proxy_read(struct proxy *p, const char *text, struct fault *f)
{
	if (take(p, text, f))
		return true;
	proxy_free(p);
	return false;
}

/* ---- who is asked without it ---- */

/* The address that is written in the len bytes, with or without brackets; how
 * many bytes it has, 0 when it is none. */
static size_t address(const char *s, size_t len, unsigned char to[static 16])
{
	if (len > 2 && s[0] == '[' && s[len - 1] == ']') {
		s++;
		len -= 2;
	}
	if (url_ipv4(s, len, to))
		return 4;
	return url_ipv6(s, len, to) ? 16 : 0;
}

/* The bits after the slash; -1 when they are none. */
static int mask_bits(const char *s, size_t len, size_t bytes)
{
	int bits = 0;

	if (!len || len > 3 || strspn(s, DIGITS) < len)
		return -1;
	for (size_t i = 0; i < len; i++)
		bits = bits * 10 + (s[i] - '0');
	return bits <= (int)bytes * 8 ? bits : -1;
}

static bool same_bits(const unsigned char *a, const unsigned char *b, int bits)
{
	int whole = bits / 8, left = bits % 8;

	return !memcmp(a, b, (size_t)whole) &&
	       (!left || (a[whole] ^ b[whole]) >> (8 - left) == 0);
}

/* An entry against the host's address. */
static bool holds_address(const char *entry, size_t len,
			  const unsigned char *host, size_t bytes)
{
	const char *slash = memchr(entry, '/', len);
	size_t part = slash ? (size_t)(slash - entry) : len;
	unsigned char net[16];
	int bits = (int)bytes * 8;

	if (address(entry, part, net) != bytes)
		return false;
	if (slash)
		bits = mask_bits(slash + 1, len - part - 1, bytes);
	return bits >= 0 && same_bits(net, host, bits);
}

/* An entry against the host's name: itself, or one above it. */
static bool holds_name(const char *entry, size_t len, const char *host)
{
	size_t all = strlen(host);

	if (len && entry[0] == '.') {
		entry++;
		len--;
	}
	if (len && entry[len - 1] == '.')
		len--;
	if (all && host[all - 1] == '.')
		all--;
	return len && all >= len &&
	       !strncasecmp(host + all - len, entry, len) &&
	       (all == len || host[all - len - 1] == '.');
}

bool proxy_is_for(const struct proxy *p, const char *url)
{
	const char *s = p->without ? p->without : "";
	unsigned char bytes[16];
	struct url_parts u;
	size_t n, len;

	if (!p->url || !url_split(&u, url))
		return false;
	n = address(u.host, strlen(u.host), bytes);
	for (; *s; s += len) {
		s += strspn(s, ", \t");
		len = strcspn(s, ", \t");
		if (len == 1 && *s == '*')
			return false;
		if (n ? holds_address(s, len, bytes, n)
		      : holds_name(s, len, u.host))
			return false;
	}
	return true;
}

bool proxy_check_without(const char *entry, struct fault *f)
{
	const char *slash = strchr(entry, '/');
	size_t len = slash ? (size_t)(slash - entry) : strlen(entry);
	unsigned char bytes[16];
	size_t n = address(entry, len, bytes);

	if (!strcmp(entry, "*") ||
	    (n && (!slash || mask_bits(slash + 1, strlen(slash + 1), n) >= 0)))
		return true;
	if (slash)
		return wrong(f, "a network is written as an address and its "
				"bits, such as \"10.0.0.0/8\"");
	if (strchr(entry, '*'))
		return wrong(f, "a name stands for all names below it without "
				"a '*': write \".example.com\"");
	if (strchr(entry, ':'))
		return wrong(f, "a host stands without a port");
	return (*entry && entry[strspn(entry, NAME_CHARS)] == '\0' &&
		strspn(entry, ".") < strlen(entry)) ||
	       wrong(f, "an entry is a host name, an address, a network such "
			"as \"10.0.0.0/8\", or \"*\"");
}

/* ---- its life ---- */

void proxy_copy(struct proxy *to, const struct proxy *p)
{
	*to = (struct proxy){ .url = text_dup(p->url),
			      .user = text_dup(p->user),
			      .password = text_dup(p->password),
			      .without = text_dup(p->without),
			      .from = p->from };
}

void proxy_free(struct proxy *p)
{
	free(p->url);
	text_wipe_free(p->user);
	text_wipe_free(p->password);
	free(p->without);
	*p = (struct proxy){ .url = NULL };
}

/*
 * url: the little that has to be known about URLs here: whose host one names,
 * whether it may be sent as it is, and percent-encoding (RFC 3986).
 */
#ifndef KEYROTD_AZURE_URL_H
#define KEYROTD_AZURE_URL_H

#include <stdbool.h>

#include "base/buf.h"

#define URL_HOST_MAX 256
#define URL_MAX 8192 /* bytes; Azure's own reach 4 KB */

struct url_parts {
	bool https; /* else http */
	/* lower case: letters, digits, "-" and ".", or an IPv6 address in its
	 * brackets */
	char host[URL_HOST_MAX];
	int port;	  /* 443 or 80 when the URL names none */
	const char *rest; /* in the URL: from "/", "?" or "#" on, or "" */
};

/*
 * Split an absolute http or https URL.  False for anything else: user info,
 * a port outside 1..65535, an odd character in the host, an IPv6 address that
 * is none or has a zone.
 */
bool url_split(struct url_parts *u, const char *url);

/* HOST[:PORT] at the beginning of s, the host as above; *port is left alone
 * when there is none, *rest is what follows.  False as above. */
bool url_host(const char *s, char host[static URL_HOST_MAX], int *port,
	      const char **rest);

/* True when both are the same host, without case; addresses of IPv6 in however
 * many zeros they are written.  Hosts as url_split has them. */
bool url_same_host(const char *a, const char *b);

/* The len bytes at s as an address (RFC 3986 section 3.2.2, IPv4address and
 * IPv6address without brackets), into its bytes in network order. */
bool url_ipv4(const char *s, size_t len, unsigned char to[static 4]);
bool url_ipv6(const char *s, size_t len, unsigned char to[static 16]);

/* True when the URL is visible ASCII of at most URL_MAX bytes. */
bool url_is_clean(const char *url);

/* True when a path can follow the URL: http or https, clean, and without a
 * query or a fragment. */
bool url_is_base(const char *url);

/* True when two hexadecimal digits follow each % (RFC 3986 section 2.1). */
bool url_is_escaped(const char *url);

/* Append s percent-encoded but for RFC 3986's unreserved characters, which
 * is right in a path segment, a query value and a form alike. */
bool url_add_encoded(struct buf *out, const char *s, size_t len);

/* Append a path of len bytes in the one form that all of its spellings have
 * (RFC 3986 section 6.2.2): each %XX is its byte, which is written as it is
 * where that may be in a path, and as %XX with upper-case digits elsewhere.
 * Without two digits behind it a % stands for itself. */
bool url_add_path(struct buf *out, const char *path, size_t len);

/* Append a base URL without the slashes at its end. */
bool url_add_base(struct buf *out, const char *base);

/* The finished buffer as a string of its own (the caller frees it), which
 * takes the buffer's memory and leaves the buffer empty. */
char *url_take(struct buf *b);

#endif

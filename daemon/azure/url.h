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
	bool https;		 /* else http */
	char host[URL_HOST_MAX]; /* lower case, letters, digits, "-", "." */
	int port;		 /* 443 or 80 when the URL names none */
	const char *rest; /* in the URL: from "/", "?" or "#" on, or "" */
};

/*
 * Split an absolute http or https URL.  False for anything else: user info,
 * an IPv6 literal, a port outside 1..65535, an odd character in the host.
 */
bool url_split(struct url_parts *u, const char *url);

/* True when the URL is visible ASCII of at most URL_MAX bytes. */
bool url_is_clean(const char *url);

/* Append s percent-encoded but for RFC 3986's unreserved characters, which
 * is right in a path segment, a query value and a form alike. */
bool url_add_encoded(struct buf *out, const char *s, size_t len);

/* Append a base URL without the slashes at its end. */
bool url_add_base(struct buf *out, const char *base);

/* The finished buffer as a string of its own (the caller frees it), which
 * takes the buffer's memory and leaves the buffer empty. */
char *url_take(struct buf *b);

#endif

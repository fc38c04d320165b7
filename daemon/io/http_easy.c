/* http_easy: one transfer's options and callbacks (curl_easy_setopt(3)). */
#include <curl/curl.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "io/http_internal.h"

#if LIBCURL_VERSION_NUM < 0x075700
#error "libcurl 7.87 or later is needed (CURLOPT_QUICK_EXIT)"
#endif
_Static_assert(HTTP_ERROR_SIZE >= CURL_ERROR_SIZE, "CURLOPT_ERRORBUFFER(3)");

/* ---- callbacks: no call of libcurl in here ---- */

static size_t on_body(char *data, size_t one, size_t len, void *arg)
{
	struct http_transfer *t = arg;

	(void)one;
	if (buf_add(&t->answer.body, data, len))
		return len;
	fault_set(&t->answer.fault, FAULT_INVALID, 0,
		  "The answer of %s was dropped: it is larger than %zu bytes",
		  t->where, t->answer.body.max);
	return 0;
}

static size_t on_header(char *line, size_t one, size_t len, void *arg)
{
	struct http_transfer *t = arg;

	(void)one;
	return headers_line(&t->headers, &t->answer, line, len, t->where,
			    &t->answer.fault)
		       ? len
		       : 0;
}

/*
 * CURLOPT_PREREQFUNCTION(3): there is a connection and the request goes out
 * next.  libcurl repeats a request of its own accord when a kept connection
 * turns out to be dead; what is no mere reading must not be repeated unseen,
 * since the server may have carried it out (RFC 9110 section 9.2.2).  Of a
 * server that refuses each stream (RFC 9113 section 8.7) it would ask five
 * times more, at once and beside all budgets: once is enough.
 *
 * It is the last moment to hold a request back.
 */
static int on_request(void *arg, char *ip, char *local_ip, int port,
		      int local_port)
{
	struct http_transfer *t = arg;

	(void)local_ip;
	(void)port;
	(void)local_port;
	if (t->again || (t->begun && !exchange_is_reading(t->method))) {
		t->repeated = true;
		return CURL_PREREQFUNC_ABORT;
	}
	if (t->may && !t->may(t->arg)) {
		t->answer.vetoed = true;
		return CURL_PREREQFUNC_ABORT;
	}
	text_copy(t->answer.peer, sizeof(t->answer.peer), ip);
	t->answer.proxied = t->proxied;
	t->again = t->begun;
	t->begun = true;
	return CURL_PREREQFUNC_OK;
}

/* libcurl's own sockets are not close-on-exec. */
static curl_socket_t on_open(void *arg, curlsocktype purpose,
			     struct curl_sockaddr *a)
{
	(void)arg;
	(void)purpose;
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

long http_easy_slow_s(const struct http_transfer *t)
{
	long s = t->multi->o.total_ms * 3 / 4000;

	return s > 0 ? s : 1;
}

static CURLcode set_limits(CURL *e, const struct http_transfer *t)
{
	const struct http_multi *m = t->multi;
	CURLcode rc = CURLE_OK;

#define SET(option, value)                                       \
	do {                                                     \
		if (rc == CURLE_OK)                              \
			rc = curl_easy_setopt(e, option, value); \
	} while (0)
	SET(CURLOPT_CONNECTTIMEOUT_MS, m->o.connect_ms);
	SET(CURLOPT_TIMEOUT_MS, m->o.total_ms);
	SET(CURLOPT_LOW_SPEED_LIMIT, (long)HTTP_SLOW_BYTES);
	SET(CURLOPT_LOW_SPEED_TIME, http_easy_slow_s(t));
	SET(CURLOPT_NOSIGNAL, 1L);
	/* Without it the end of a transfer waits for its DNS thread. */
	SET(CURLOPT_QUICK_EXIT, 1L);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	/* A kept connection is good as long as the server keeps it: probes
	 * tell when it is gone, and libcurl looks before it takes one.  (To
	 * libcurl 7.88 none at all is one second.) */
	SET(CURLOPT_MAXAGE_CONN, (long)HTTP_KEPT_S);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_TCP_KEEPIDLE, 45L);
	SET(CURLOPT_TCP_KEEPINTVL, 15L);
	SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
	/* Whoever is started starts now, also if that costs a connection. */
	SET(CURLOPT_PIPEWAIT, 0L);
	return rc;
}

/*
 * The system's bundle is kept parsed in memory by libcurl, but only when no
 * folder of certificates is to be looked at as well.
 */
static CURLcode set_trust(CURL *e, const struct http_transfer *t)
{
	const char *ca_file = t->multi->o.ca_file;
	CURLcode rc = CURLE_OK;

	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (ca_file)
		SET(CURLOPT_CAINFO, ca_file);
	if (ca_file || t->multi->bundled)
		SET(CURLOPT_CAPATH, (char *)NULL);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	SET(CURLOPT_PROTOCOLS_STR, t->local ? "http,https" : "https");
	return rc;
}

/*
 * Said in full for each transfer: with nothing said libcurl would look into
 * the environment, where a local service might have a proxy, too.  A proxy that
 * is spoken to over TLS is trusted as servers are: one that opens connections
 * to look into them has its CA in the same file.
 */
static CURLcode set_proxy(CURL *e, const struct http_transfer *t)
{
	const struct proxy *p = t->proxied ? t->multi->o.proxy : NULL;
	const char *ca_file = t->multi->o.ca_file;
	CURLcode rc = CURLE_OK;

	SET(CURLOPT_PROXY, p ? p->url : "");
	SET(CURLOPT_NOPROXY, p ? "" : "*");
	if (!p)
		return rc;
	SET(CURLOPT_PROXYUSERNAME, p->user);
	SET(CURLOPT_PROXYPASSWORD, p->password);
	SET(CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (ca_file) {
		SET(CURLOPT_PROXY_CAINFO, ca_file);
		SET(CURLOPT_PROXY_CAPATH, (char *)NULL);
	}
	return rc;
}

static CURLcode set_request(CURL *e, struct http_transfer *t)
{
	CURLcode rc = CURLE_OK;

	/* A proxy is told, too; servers find it among our lines. */
	if (t->proxied)
		SET(CURLOPT_USERAGENT, t->multi->o.user_agent);
	if (t->body) {
		/* Not copied by libcurl: t->body lives as long as e does. */
		SET(CURLOPT_POSTFIELDS, t->body);
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(t->body));
	} else if (!strcmp(t->method, "POST")) {
		SET(CURLOPT_POSTFIELDS, "");
	}
	/* Whoever only renames a GET waits for a body that never comes. */
	if (!strcmp(t->method, "HEAD"))
		SET(CURLOPT_NOBODY, 1L);
	else if (strcmp(t->method, t->body ? "POST" : "GET") != 0)
		SET(CURLOPT_CUSTOMREQUEST, t->method);
	return rc;
}

static CURLcode set_callbacks(CURL *e)
{
	CURLcode rc = CURLE_OK;

	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_PREREQFUNCTION, on_request);
	return rc;
}

/* What points into the transfer, and what is its server's. */
static CURLcode set_own(CURL *e, struct http_transfer *t)
{
	CURLcode rc = CURLE_OK;

	SET(CURLOPT_SHARE, http_share_of(t->multi->share, t->where));
	SET(CURLOPT_URL, t->url);
	SET(CURLOPT_HTTPHEADER, t->head);
	SET(CURLOPT_PRIVATE, t);
	SET(CURLOPT_ERRORBUFFER, t->error);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_HEADERDATA, t);
	SET(CURLOPT_PREREQDATA, t);
	return rc;
#undef SET
}

int http_easy_prepare(void *e, struct http_transfer *t)
{
	CURLcode rc = set_limits(e, t);

	if (rc == CURLE_OK)
		rc = set_trust(e, t);
	if (rc == CURLE_OK)
		rc = set_proxy(e, t);
	if (rc == CURLE_OK)
		rc = set_request(e, t);
	if (rc == CURLE_OK)
		rc = set_callbacks(e);
	if (rc == CURLE_OK)
		rc = set_own(e, t);
	return (int)rc;
}

int http_easy_again(void *e, struct http_transfer *t)
{
	return (int)set_own(e, t);
}

void http_easy_leave(void *e)
{
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(e, CURLOPT_PRIVATE, NULL);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, NULL);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, NULL);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, NULL);
	curl_easy_setopt(e, CURLOPT_PREREQDATA, NULL);
}

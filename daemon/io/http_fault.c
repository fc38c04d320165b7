/* http_fault: libcurl's codes (libcurl-errors(3)) sorted and explained. */
#include <curl/curl.h>
#include <string.h>
#include <strings.h>

#include "io/http_internal.h"

void http_fault_init(struct trouble *w, const struct http_transfer *t,
		     enum trouble_kind kind, const char *detail)
{
	memset(w, 0, sizeof(*w));
	w->kind = kind;
	w->where = t->where;
	w->method = t->method;
	w->ca_file = t->multi ? t->multi->o.ca_file : NULL;
	w->detail = detail;
	w->slow_bytes = HTTP_SLOW_BYTES;
	if (!t->multi || !t->proxied)
		return;
	w->proxy = t->multi->o.proxy->url;
	w->proxy_from = t->multi->o.proxy->from;
	w->proxy_user = t->multi->o.proxy->user != NULL;
}

static const struct {
	CURLcode code;
	enum trouble_kind kind;
} kinds[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, TROUBLE_RESOLVE },
	{ CURLE_COULDNT_RESOLVE_PROXY, TROUBLE_PROXY_NAME },
	{ CURLE_PROXY, TROUBLE_PROXY },
	{ CURLE_COULDNT_CONNECT, TROUBLE_CONNECT },
	{ CURLE_INTERFACE_FAILED, TROUBLE_CONNECT },
	{ CURLE_SSL_CONNECT_ERROR, TROUBLE_TLS },
	{ CURLE_PEER_FAILED_VERIFICATION, TROUBLE_CERTIFICATE },
	{ CURLE_SSL_ISSUER_ERROR, TROUBLE_CERTIFICATE },
	{ CURLE_SSL_INVALIDCERTSTATUS, TROUBLE_CERTIFICATE },
	{ CURLE_SSL_CACERT_BADFILE, TROUBLE_CA_FILE },
	{ CURLE_SSL_CERTPROBLEM, TROUBLE_CA_FILE },
	{ CURLE_OPERATION_TIMEDOUT, TROUBLE_TIMEOUT },
	{ CURLE_UNSUPPORTED_PROTOCOL, TROUBLE_URL },
	{ CURLE_URL_MALFORMAT, TROUBLE_URL },
	{ CURLE_LOGIN_DENIED, TROUBLE_URL },
	{ CURLE_WEIRD_SERVER_REPLY, TROUBLE_NOT_HTTP },
	{ CURLE_OUT_OF_MEMORY, TROUBLE_LOCAL },
	{ CURLE_FAILED_INIT, TROUBLE_LOCAL },
	{ CURLE_BAD_FUNCTION_ARGUMENT, TROUBLE_LOCAL },
	{ CURLE_NOT_BUILT_IN, TROUBLE_LOCAL },
	{ CURLE_SSL_ENGINE_INITFAILED, TROUBLE_LOCAL },
	{ CURLE_SSL_CIPHER, TROUBLE_LOCAL },
};

/* A proxy's answer to CONNECT; 0: none came. */
static long connect_status(const struct http_transfer *t)
{
	long status = 0;

	if (t->easy && t->proxied)
		curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	return status;
}

/*
 * libcurl has one code for a server and for a proxy that refuse.  Before there
 * is a tunnel there is only the proxy, and what goes wrong is about it.
 */
static bool is_proxy_trouble(const struct http_transfer *t)
{
	long status = connect_status(t);

	return t->proxied && !t->begun && (status < 200 || status > 299);
}

static enum trouble_kind sort(const struct http_transfer *t, CURLcode rc)
{
	enum trouble_kind kind = TROUBLE_LOST;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].code == rc)
			kind = kinds[i].kind;
	if (t->answer.vetoed)
		return TROUBLE_UNWANTED;
	if (t->repeated)
		return TROUBLE_NOT_REPEATED;
	/* A header line without an end: libcurl keeps no more than 100 KiB of
	 * one (CURL_MAX_HTTP_HEADER) and says that memory ran out. */
	if (t->begun && rc == CURLE_OUT_OF_MEMORY)
		return TROUBLE_HEADERS;
	/* libcurl's way to turn down HTTP/0.9 */
	if (t->begun && (kind == TROUBLE_URL || kind == TROUBLE_LOCAL))
		return TROUBLE_NOT_HTTP;
	if ((kind == TROUBLE_CONNECT || kind == TROUBLE_LOST ||
	     kind == TROUBLE_TLS || kind == TROUBLE_NOT_HTTP) &&
	    is_proxy_trouble(t))
		return TROUBLE_PROXY;
	if (kind == TROUBLE_TIMEOUT &&
	    !strncmp(t->error, "Operation too slow", 18))
		return TROUBLE_SLOW;
	return kind;
}

int64_t http_fault_time(void *easy, int what)
{
	curl_off_t us = 0;

	curl_easy_getinfo(easy, (CURLINFO)what, &us);
	return us;
}

/*
 * libcurl tells the time of the connection only when TLS is up as well, but
 * the local port as soon as TCP is.
 */
static enum trouble_phase phase(const struct http_transfer *t)
{
	long port = 0;

	curl_easy_getinfo(t->easy, CURLINFO_LOCAL_PORT, &port);
	if (t->begun)
		return http_fault_time(t->easy, CURLINFO_STARTTRANSFER_TIME_T) >
				       0
			       ? TROUBLE_RECEIVING
			       : TROUBLE_WAITING;
	if (http_fault_time(t->easy, CURLINFO_NAMELOOKUP_TIME_T) == 0)
		return TROUBLE_RESOLVING;
	return port == 0 ? TROUBLE_CONNECTING : TROUBLE_HANDSHAKE;
}

/* curl_easy_getinfo(3): before the handle goes back. */
void http_fault_explain(const struct http_transfer *t, int code,
			struct trouble *w)
{
	const struct http_options *o = &t->multi->o;
	CURLcode rc = (CURLcode)code;
	long os_error = 0;

	http_fault_init(w, t, sort(t, rc),
			t->error[0] ? t->error : curl_easy_strerror(rc));
	w->proxy_status = connect_status(t);
	w->lookup_ms =
		(long)(http_fault_time(t->easy, CURLINFO_TOTAL_TIME_T) / 1000);
	curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &w->verify);
	if (w->kind == TROUBLE_CONNECT || w->kind == TROUBLE_PROXY)
		curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &os_error);
	w->os_error = (int)os_error;
	w->phase = phase(t);
	w->limit_ms = o->total_ms;
	if (w->phase < TROUBLE_WAITING && o->connect_ms < o->total_ms)
		w->limit_ms = o->connect_ms;
	if (w->kind == TROUBLE_SLOW)
		w->limit_ms = http_easy_slow_s(t) * 1000;
}

/*
 * Turns what the network and TLS report into sentences that name the
 * server, the cause and what helps.
 */
#include "io/trouble.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "azure/cloud.h"
#include "azure/exchange.h"
#include "base/text.h"

/* Numbers of openssl-verify(1), "Diagnostics", with what helps. */
struct verdict {
	long number;
	const char *says;
	const char *remedy;
};

static const struct verdict verdicts[] = {
	{ 2, "its certificate's issuer is unknown", NULL },
	{ 9, "its certificate is not valid yet",
	  "check this host's clock, then the server's certificate" },
	{ 10, "its certificate has expired",
	  "check this host's clock, then the server's certificate" },
	{ 18, "its certificate is self-signed", NULL },
	{ 19, "its chain ends in an unknown root certificate", NULL },
	{ 20, "its certificate's issuer is unknown", NULL },
	{ 21, "its certificate's issuer is unknown", NULL },
	{ 23, "its certificate was revoked",
	  "the server needs a new certificate" },
	{ 62, "its certificate is for another name",
	  "check the address, and DNS or a proxy that leads elsewhere" },
};

/* "10 s", or "250 ms" where seconds would hide something. */
static const char *span(char dst[static 32], long ms)
{
	if (ms % 1000 == 0)
		snprintf(dst, 32, "%ld s", ms / 1000);
	else
		snprintf(dst, 32, "%ld ms", ms);
	return dst;
}

/* strerror(3) within a sentence: "connection refused" */
static const char *reason(char dst[static 128], const struct trouble *t)
{
	const char *s = t->os_error ? strerror(t->os_error) : t->detail;

	text_copy(dst, 128, *s ? s : "no connection");
	if (dst[0] && !(dst[1] >= 'A' && dst[1] <= 'Z'))
		dst[0] = (char)tolower((unsigned char)dst[0]);
	return dst;
}

static void tell_certificate(const struct trouble *t, struct fault *f)
{
	const struct verdict *v = NULL;
	const char *remedy = NULL;
	char ca[320] = "the system's certificate store, or name it as ca-file";

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (verdicts[i].number == t->verify)
			v = &verdicts[i];
	/* The library looks at the name itself, after OpenSSL has found nothing
	 * amiss; meanwhile its words may have become those of the farewell. */
	if (!v && (strstr(t->detail, "subject name") ||
		   strstr(t->detail, "Recv failure") ||
		   strstr(t->detail, "Send failure")))
		v = &verdicts[sizeof(verdicts) / sizeof(verdicts[0]) - 1];
	if (t->ca_file)
		text_copy(ca, sizeof(ca), t->ca_file);
	if (v)
		remedy = v->remedy;
	/* The server can mend that, and many wait for it: an outage like any
	 * other. */
	fault_set(
		f, FAULT_TRANSIENT, 0, "Could not trust %s%s%s: %s; %s%s",
		t->where, t->proxy ? " through the proxy " : "",
		t->proxy ? t->proxy : "", v ? v->says : t->detail,
		remedy ? remedy
		       : "if a proxy or firewall on the way opens TLS to look "
			 "into it, or this is meant otherwise, add its CA to ",
		remedy ? "" : ca);
}

static void tell_timeout(const struct trouble *t, struct fault *f)
{
	char limit[32];

	span(limit, t->limit_ms);
	if (t->proxy && !t->proxy_status && t->phase <= TROUBLE_HANDSHAKE) {
		fault_set(
			f, FAULT_TRANSIENT, 0,
			"Could not reach %s: the proxy %s (from %s) made no tunnel within %s; check its name and port, and the way to it",
			t->where, t->proxy, t->proxy_from, limit);
		return;
	}
	switch (t->phase) {
	case TROUBLE_RESOLVING:
		fault_set(
			f, FAULT_TRANSIENT, 0,
			"Could not reach %s: its name was not resolved within %s; check this host's DNS",
			t->where, limit);
		break;
	case TROUBLE_CONNECTING:
		fault_set(
			f, FAULT_TRANSIENT, 0,
			"Could not reach %s: no connection within %s; check routes and firewalls, and whether it needs https-proxy",
			t->where, limit);
		break;
	case TROUBLE_HANDSHAKE:
		fault_set(
			f, FAULT_TRANSIENT, 0,
			"Could not reach %s: the TLS handshake did not end within %s",
			t->where, limit);
		break;
	case TROUBLE_WAITING:
		fault_set(f, FAULT_TRANSIENT, 0, "%s did not answer within %s",
			  t->where, limit);
		break;
	case TROUBLE_RECEIVING:
		fault_set(f, FAULT_TRANSIENT, 0,
			  "%s did not finish its answer within %s", t->where,
			  limit);
		break;
	}
}

/* Longer than a first server of resolv.conf(5) is waited for: none answered. */
#define LOOKUP_LONG_MS 4000

/* Private links make the name of a vault one that only some networks know. */
static void tell_resolve(const struct trouble *t, struct fault *f)
{
	const char *vault =
		cloud_of_vault(t->where)
			? "; if the vault exists under that name, its private DNS zone may not be linked to this host's network"
			: "";

	if (t->lookup_ms >= LOOKUP_LONG_MS)
		fault_set(
			f, FAULT_TRANSIENT, 0,
			"Could not reach %s: the name servers of this host did not answer for its name within %ld s; check resolv.conf and the way to them%s",
			t->where, t->lookup_ms / 1000, vault);
	else
		fault_set(
			f, FAULT_TRANSIENT, 0,
			"Could not reach %s: its name has no address, or no name server can be asked; check the name and this host's DNS%s",
			t->where, vault);
}

/* What helps with an errno of connect(2). */
static const char *connect_remedy(int os_error)
{
	switch (os_error) {
	case ECONNREFUSED:
		return "; nothing listens there, or a firewall turns it away: check the address and port";
	case ENETUNREACH:
	case EHOSTUNREACH:
		return "; check this host's routes, and whether it needs https-proxy";
	case ETIMEDOUT:
		return "; check routes and firewalls, and whether it needs https-proxy";
	case EACCES:
	case EPERM:
		return "; a firewall of this host, or its unit's sandbox, forbids it";
	case EADDRNOTAVAIL:
		return "; this host has no address, or no port left, to come from";
	default:
		return "";
	}
}

/* What OpenSSL says of a handshake that came to nothing, and what it means. */
static const struct {
	const char *says, *means;
} handshakes[] = {
	{ "wrong version number",
	  "what answers there does not speak TLS: check the port, and what "
	  "stands between" },
	{ "unsupported protocol",
	  "it offers no TLS 1.2 or later, which is the least that is used" },
	{ "protocol version",
	  "it offers no TLS 1.2 or later, which is the least that is used" },
	{ "reset by peer",
	  "it was cut off during the handshake, as firewalls do that look for "
	  "names: have it allowed there" },
	{ "SSL_ERROR_SYSCALL",
	  "it was cut off during the handshake, as firewalls do that look for "
	  "names: have it allowed there" },
	{ "unexpected eof",
	  "it was cut off during the handshake, as firewalls do that look for "
	  "names: have it allowed there" },
};

static void tell_handshake(const struct trouble *t, struct fault *f)
{
	const char *means = NULL;
	size_t len = strlen(t->detail);

	while (len && t->detail[len - 1] == ' ')
		len--;
	for (size_t i = 0; i < sizeof(handshakes) / sizeof(handshakes[0]); i++)
		if (!means && strcasestr(t->detail, handshakes[i].says))
			means = handshakes[i].means;
	fault_set(f, FAULT_TRANSIENT, t->os_error,
		  "Could not reach %s: the TLS handshake failed (%.*s)%s%s",
		  t->where, (int)len, t->detail, means ? "; " : "",
		  means ? means : "");
}

static void tell_reach(const struct trouble *t, struct fault *f)
{
	char why[128];

	if (t->kind == TROUBLE_RESOLVE) {
		tell_resolve(t, f);
	} else if (t->kind == TROUBLE_TLS) {
		tell_handshake(t, f);
	} else {
		reason(why, t);
		fault_set(f, FAULT_TRANSIENT, t->os_error,
			  "Could not reach %s: %s%s", t->where, why,
			  connect_remedy(t->os_error));
	}
}

static void tell_broken(const struct trouble *t, struct fault *f)
{
	char limit[32];

	if (t->kind == TROUBLE_SLOW)
		fault_set(f, FAULT_TRANSIENT, 0,
			  "%s sent less than %ld bytes a second for %s",
			  t->where, t->slow_bytes, span(limit, t->limit_ms));
	else if (t->kind == TROUBLE_NOT_REPEATED &&
		 exchange_is_reading(t->method))
		fault_set(
			f, FAULT_TRANSIENT, 0,
			"%s twice closed the connection, or refused the request, without an answer",
			t->where);
	else if (t->kind == TROUBLE_NOT_REPEATED)
		fault_set(
			f, FAULT_TRANSIENT, 0,
			"%s closed the connection, or refused the request, without an answer; the %s may have been carried out and was not sent again",
			t->where, t->method);
	else if (t->kind == TROUBLE_HEADERS)
		fault_set(
			f, FAULT_INVALID, 0,
			"The answer of %s was dropped: its headers are larger than what is read (one line goes on without an end)",
			t->where);
	else if (t->kind == TROUBLE_NOT_HTTP)
		fault_set(f, FAULT_INVALID, 0,
			  "%s answered with something that is not HTTP (%s)",
			  t->where, t->detail);
	else
		fault_set(
			f, FAULT_TRANSIENT, t->os_error,
			"The connection to %s broke before the answer was complete (%s)",
			t->where,
			t->os_error ? strerror(t->os_error) : t->detail);
}

static void tell_local(const struct trouble *t, struct fault *f)
{
	if (t->kind == TROUBLE_CA_FILE)
		fault_set(
			f, FAULT_LOCAL, 0,
			"Could not check %s: the CA file %s cannot be used (%s)",
			t->where, t->ca_file ? t->ca_file : "of the system",
			t->detail);
	else if (t->kind == TROUBLE_URL)
		fault_set(
			f, FAULT_LOCAL, 0,
			"Nothing was sent to %s: only a well-formed https address is asked (%s)",
			t->where, t->detail);
	else if (t->kind == TROUBLE_UNWANTED)
		fault_set(
			f, FAULT_LOCAL, 0,
			"The %s to %s was not sent: when its turn came it was not wanted any more",
			t->method, t->where);
	else
		fault_set(
			f, FAULT_LOCAL, 0,
			"The request to %s could not be carried out on this host: %s",
			t->where, t->detail);
}

void trouble_tell(const struct trouble *t, struct fault *f)
{
	switch (t->kind) {
	case TROUBLE_CERTIFICATE:
		tell_certificate(t, f);
		break;
	case TROUBLE_TIMEOUT:
		tell_timeout(t, f);
		break;
	case TROUBLE_PROXY:
	case TROUBLE_PROXY_NAME:
		trouble_proxy(t, f);
		break;
	case TROUBLE_RESOLVE:
	case TROUBLE_CONNECT:
	case TROUBLE_TLS:
		tell_reach(t, f);
		break;
	case TROUBLE_SLOW:
	case TROUBLE_LOST:
	case TROUBLE_NOT_REPEATED:
	case TROUBLE_NOT_HTTP:
	case TROUBLE_HEADERS:
		tell_broken(t, f);
		break;
	case TROUBLE_CA_FILE:
	case TROUBLE_UNWANTED:
	case TROUBLE_URL:
	case TROUBLE_LOCAL:
	case TROUBLE_KINDS:
		tell_local(t, f);
		break;
	}
}

enum answer_step trouble_step(const struct trouble *t)
{
	static const enum answer_step phases[] = {
		[TROUBLE_RESOLVING] = STEP_NAME,
		[TROUBLE_CONNECTING] = STEP_CONNECT,
		[TROUBLE_HANDSHAKE] = STEP_TLS,
		[TROUBLE_WAITING] = STEP_ANSWER,
		[TROUBLE_RECEIVING] = STEP_ANSWER,
	};

	switch (t->kind) {
	case TROUBLE_RESOLVE:
		return STEP_NAME;
	case TROUBLE_PROXY:
	case TROUBLE_PROXY_NAME:
		return STEP_PROXY;
	case TROUBLE_CONNECT:
		return t->proxy ? STEP_PROXY : STEP_CONNECT;
	case TROUBLE_TLS:
	case TROUBLE_CERTIFICATE:
	case TROUBLE_CA_FILE:
		return STEP_TLS;
	case TROUBLE_TIMEOUT:
	case TROUBLE_LOST:
		return phases[t->phase];
	case TROUBLE_SLOW:
	case TROUBLE_NOT_REPEATED:
	case TROUBLE_NOT_HTTP:
	case TROUBLE_HEADERS:
		return STEP_ANSWER;
	case TROUBLE_UNWANTED:
	case TROUBLE_URL:
	case TROUBLE_LOCAL:
	case TROUBLE_KINDS:
		break;
	}
	return STEP_LOCAL;
}

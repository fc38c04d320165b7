/* What goes wrong on the way to a proxy, or there: each has its own remedy, and
 * another person to turn to than trouble with Azure. */
#include <string.h>

#include "base/text.h"
#include "io/trouble.h"

/* What a status says in answer to CONNECT (RFC 9110 section 9.3.6), and what
 * helps. */
static const struct {
	long status;
	const char *says, *remedy;
} refusals[] = {
	{ 400, "does not understand the request",
	  "is it an HTTP proxy that lets CONNECT through?" },
	{ 403, "does not let this host reach it",
	  "have the address allowed there, or name its host in no-proxy if it "
	  "is reached directly" },
	{ 405, "does not do CONNECT",
	  "an HTTP proxy that lets CONNECT through is needed" },
	{ 429, "asks to slow down", "it is tried again in a while" },
	{ 502, "could not reach it either",
	  "see to the proxy's own DNS and way out" },
	{ 503, "has no way to it now",
	  "see to the proxy's own DNS and way out" },
	{ 504, "got no answer from it",
	  "see to the proxy's own DNS and way out" },
};

/* CONNECT was answered, and not with a tunnel. */
static void tell_refusal(const struct trouble *t, struct fault *f)
{
	const char *says = "refused it", *remedy = "its log tells why";

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (refusals[i].status != t->proxy_status)
			continue;
		says = refusals[i].says;
		remedy = refusals[i].remedy;
	}
	if (t->proxy_status == 407 && t->proxy_user) {
		says = "does not accept the user and password";
		remedy = "correct them where the proxy is named";
	} else if (t->proxy_status == 407) {
		says = "wants a user and password";
		remedy = "write them as http://USER:PASSWORD@HOST:PORT where "
			 "the proxy is named";
	}
	/* Whoever runs the proxy can mend all of these at any time. */
	fault_set(
		f, FAULT_TRANSIENT, (int)t->proxy_status,
		"Could not reach %s: the proxy %s (from %s) %s (HTTP %ld); %s",
		t->where, t->proxy, t->proxy_from, says, t->proxy_status,
		remedy);
}

/* It was reached, and went away or spoke something else. */
static const char *spoken(const struct trouble *t)
{
	if (t->phase >= TROUBLE_HANDSHAKE && t->kind == TROUBLE_PROXY &&
	    !t->os_error)
		return "; is it an HTTP proxy?";
	return "";
}

void trouble_proxy(const struct trouble *t, struct fault *f)
{
	if (t->proxy_status >= 300)
		tell_refusal(t, f);
	else if (t->kind == TROUBLE_PROXY_NAME)
		fault_set(
			f, FAULT_TRANSIENT, 0,
			"Could not reach %s: the name of the proxy %s (from %s) has no address, or DNS does not answer; check the name and this host's DNS",
			t->where, t->proxy, t->proxy_from);
	else
		fault_set(
			f, FAULT_TRANSIENT, t->os_error,
			"Could not reach %s: no tunnel through the proxy %s (from %s): %s%s; check that name and port, or name the host in no-proxy if it is reached directly",
			t->where, t->proxy, t->proxy_from,
			t->os_error ? strerror(t->os_error) : t->detail,
			spoken(t));
}

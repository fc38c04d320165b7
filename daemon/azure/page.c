/* Somebody else's page in the place of an answer. */
#include "azure/page.h"

#include <stdio.h>
#include <string.h>

#include "azure/call_text.h"
#include "azure/url.h"
#include "base/text.h"

/* A page begins with a tag, whatever its Content-Type says. */
static bool is_html(const struct answer *a)
{
	const char *s = buf_str(&a->body);

	if (!strncmp(s, "\xef\xbb\xbf", 3))
		s += 3;
	s += strspn(s, " \t\r\n");
	return text_prefix(s, "<!doctype html") || text_prefix(s, "<html") ||
	       text_prefix(s, "<head") || text_prefix(s, "<body") ||
	       text_prefix(s, "<script") || text_prefix(s, "<!--");
}

static bool is_redirection(const struct answer *a)
{
	return a->status >= 300 && a->status <= 399 &&
	       a->headers[ANSWER_LOCATION];
}

static bool is_local(const struct call *call)
{
	return call->kind == CALL_TOKEN && call->credential &&
	       call->credential->kind == CREDENTIAL_MANAGED_IDENTITY;
}

/* RFC 6585 section 6: it is never the one who was asked that says so. */
static bool wants_login(const struct answer *a)
{
	return a->status == 511;
}

bool page_stands_in(const struct call *call, const struct answer *a)
{
	if (a->fault.kind != FAULT_NONE)
		return false;
	if (wants_login(a))
		return true;
	if (a->status >= 500)
		return false;
	/* That no such thing is there may be another cloud's own word, and an
	 * update has words of its own. */
	if (is_local(call) && (a->status == 404 || a->status == 410))
		return false;
	/* A vault's challenge counts, whatever comes with it. */
	return is_redirection(a) ||
	       (is_html(a) && !a->headers[ANSWER_WWW_AUTHENTICATE]);
}

/* What came, to go on from "HTTP 302". */
static void say_what(const struct answer *a, char *dst, size_t size)
{
	const char *location = a->headers[ANSWER_LOCATION];
	struct url_parts u;

	if (wants_login(a))
		text_copy(dst, size, ", for a network wants a login first");
	else if (is_redirection(a) && url_split(&u, location))
		snprintf(dst, size, ", but it leads to %s instead of answering",
			 u.host);
	else if (is_redirection(a))
		text_copy(dst, size,
			  ", but it leads elsewhere instead of answering");
	else
		text_copy(dst, size,
			  ", but a page for people (HTML) came in place of an "
			  "answer");
}

void page_fault(const struct call *call, const struct answer *a,
		struct fault *f)
{
	static const char *const services[] = {
		[IDENTITY_AUTO] = "the metadata service",
		[IDENTITY_IMDS] = "the metadata service",
		[IDENTITY_APP_SERVICE] = "the token service of App Service",
		[IDENTITY_ARC] = "the Azure Arc agent",
		[IDENTITY_FABRIC] = "the token service of Service Fabric",
	};
	char what[URL_HOST_MAX + 64];

	say_what(a, what, sizeof(what));
	if (is_local(call))
		call_fault(call, f, FAULT_TRANSIENT, a->status,
			   "HTTP %d%s: this is not %s but something on this "
			   "host or its network that answers in its place, "
			   "such as a transparent proxy; let plain HTTP to it "
			   "pass",
			   a->status, what, services[call->credential->source]);
	else
		call_fault(call, f, FAULT_TRANSIENT, a->status,
			   "HTTP %d%s: this is not Azure but what stands "
			   "before it, such as a proxy, a firewall or a "
			   "network that wants a login; check https-proxy and "
			   "this host's way out",
			   a->status, what);
}

bool page_is(const struct fault *f)
{
	return f->kind == FAULT_TRANSIENT && f->code >= 200 && f->code < 500 &&
	       f->code != 408 && !f->azure_code[0] && !f->inner_code[0];
}

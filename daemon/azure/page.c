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

bool page_stands_in(const struct call *call, const struct answer *a)
{
	if (a->fault.kind != FAULT_NONE || is_local(call) || a->status >= 500)
		return false;
	/* A vault's challenge counts, whatever comes with it. */
	return is_redirection(a) ||
	       (is_html(a) && !a->headers[ANSWER_WWW_AUTHENTICATE]);
}

void page_fault(const struct call *call, const struct answer *a,
		struct fault *f)
{
	const char *location = a->headers[ANSWER_LOCATION];
	char what[URL_HOST_MAX + 64] = "a page for people (HTML) came in place "
				       "of an answer";
	struct url_parts u;

	if (is_redirection(a) && url_split(&u, location))
		snprintf(what, sizeof(what),
			 "it leads to %s instead of answering", u.host);
	else if (is_redirection(a))
		text_copy(what, sizeof(what),
			  "it leads elsewhere instead of answering");
	call_fault(call, f, FAULT_TRANSIENT, a->status,
		   "HTTP %d, but %s: this is not Azure but what stands before "
		   "it, such as a proxy, a firewall or a network that wants a "
		   "login; check https-proxy and this host's way out",
		   a->status, what);
}

bool page_is(const struct fault *f)
{
	return f->kind == FAULT_TRANSIENT && f->code >= 200 && f->code < 500 &&
	       f->code != 408 && !f->azure_code[0] && !f->inner_code[0];
}

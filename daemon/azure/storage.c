/* Storage is asked like no other service of Azure: by version and date in
 * headers, and it refuses in XML. */
#include "azure/storage.h"

#include <stdio.h>
#include <string.h>

#include "azure/call_text.h"
#include "azure/challenge.h"
#include "azure/unauthorized.h"
#include "azure/url.h"
#include "base/text.h"
#include "base/xml.h"

#define VERSION "2021-12-02"
#define MESSAGE_MAX 4096 /* bytes of what an error says */

/* ---- asking ---- */

bool storage_request(const struct cloud *cloud, const struct call *call,
		     enum storage_service service, const char *method,
		     const char *below, int64_t wall_ms, size_t max_body,
		     struct exchange *x, struct fault *f)
{
	const char *url = call->url ? call->url : "";
	const char *wrong = storage_url_wrong(cloud, url, service);
	char date[32];

	if (!wrong && strlen(url) + strlen(below) > URL_MAX)
		wrong = "would be too long";
	if (wrong) {
		call_fault(call, f, FAULT_INVALID, 0, "its address %s", wrong);
		return false;
	}
	text_http_date(date, sizeof(date), call->at > 0 ? call->at : wall_ms);
	exchange_get(x, text_printf("%s%s", url, below), max_body);
	x->method = method;
	x->accept = "application/xml";
	/* What creates something says how long it is, be it nothing. */
	if (!strcmp(method, "PUT")) {
		x->body = text_dup("");
		x->content_type = "application/octet-stream";
	}
	return exchange_add_field(x, "x-ms-version: ", VERSION) &&
	       exchange_add_field(x, "x-ms-date: ", date);
}

/* ---- refusals ---- */

/* <Error><Code>...</Code><Message>...</Message></Error> */
static void begin(void *arg, unsigned depth, const char *name)
{
	(void)arg;
	(void)depth;
	(void)name;
}

static void end(void *arg, unsigned depth, const char *name, const char *text)
{
	struct problem *p = arg;

	if (depth != 2)
		return;
	if (!strcmp(name, "Code") && !p->code[0])
		problem_code(p, text);
	else if (!strcmp(name, "Message") ||
		 /* comes behind it, and says more */
		 !strcmp(name, "AuthenticationErrorDetail"))
		problem_message(p, text);
}

static void read_body(const struct answer *a, struct problem *p)
{
	const struct xml_sight sight = { begin, end, p };
	struct fault f;

	/* The header has told the code; a body that is none tells nothing. */
	xml_read(buf_str(&a->body), a->body.len, MESSAGE_MAX, &sight, &f);
}

/* With a token that was revoked or has run out Storage says 403, where others
 * say 401; what cures it is a new one all the same. */
static const char *const auth_codes[] = {
	"AuthenticationFailed",
	"InvalidAuthenticationInfo",
	"NoAuthenticationInformation",
};

void storage_refuse(const struct cloud *cloud, const struct call *call,
		    const struct answer *a, struct problem *p, struct reply *r)
{
	const char *code = a->headers[ANSWER_ERROR_CODE];
	const char *header = a->headers[ANSWER_WWW_AUTHENTICATE];
	struct challenge c;

	(void)cloud;
	if (code)
		problem_code(p, code);
	read_body(a, p);
	for (size_t i = 0; i < sizeof(auth_codes) / sizeof(*auth_codes); i++)
		if (text_same(p->code, auth_codes[i]))
			p->kind = FAULT_AUTH;
	if (p->status == 401 && header && challenge_parse(&c, header))
		unauthorized_read(call, &c, p, r);
	/* Of what nobody may see without a token it may say anything. */
	if (call->bare && !r->challenge_tenant[0] && !p->hint)
		p->hint = "the answer names no tenant to get a token of: give "
			  "the credential its tenant";
}

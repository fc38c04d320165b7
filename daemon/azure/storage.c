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
#define LOWER "abcdefghijklmnopqrstuvwxyz0123456789-"
#define MESSAGE_MAX 4096 /* bytes of what an error says */
#define BLOB_MAX 1024	 /* bytes of a blob's name */

/* ---- where it may be ---- */

bool storage_host(const char *url, char *dst, size_t size)
{
	struct url_parts u;
	const char *from, *colon;
	int len;

	if (!url_split(&u, url))
		return false;
	from = strstr(url, "://") + 3;
	colon = u.rest;
	while (colon > from && colon[-1] >= '0' && colon[-1] <= '9')
		colon--;
	/* The default port is not named, so that one host is one. */
	if (colon > from && colon[-1] == ':' && u.port != 443)
		len = snprintf(dst, size, "%s:%d", u.host, u.port);
	else
		len = snprintf(dst, size, "%s", u.host);
	return len > 0 && (size_t)len < size;
}

/* A container's or a queue's: 3 to 63 of these characters, and a hyphen only
 * between two others. */
static bool is_name(const char *s, size_t len)
{
	return len >= 3 && len <= 63 && strspn(s, LOWER) >= len &&
	       s[0] != '-' && s[len - 1] != '-' && !memmem(s, len, "--", 2);
}

/* Whoever sends "." or ".." sends something else. */
static bool has_dots(const char *path)
{
	for (const char *s = path; (s = strstr(s, "/.")); s++) {
		size_t dots = strspn(s + 1, ".");

		if (dots <= 2 && (!s[1 + dots] || s[1 + dots] == '/'))
			return true;
	}
	return false;
}

static const char *blob_wrong(const char *path)
{
	size_t len = strcspn(path, "/");
	const char *blob = path + len + (path[len] == '/');

	if (!*blob)
		return "names no blob: https://HOST/CONTAINER/BLOB is wanted";
	if (!is_name(path, len))
		return "names no container: its name has 3 to 63 lower-case "
		       "letters, digits and single hyphens";
	if (strlen(blob) > BLOB_MAX || blob[strlen(blob) - 1] == '/')
		return "names no blob: its name has at most 1024 characters "
		       "and no slash at its end";
	return NULL;
}

static const char *queue_wrong(const char *path)
{
	if (strchr(path, '/'))
		return "is not of the form https://HOST/QUEUE";
	if (!is_name(path, strlen(path)))
		return "names no queue: its name has 3 to 63 lower-case "
		       "letters, digits and single hyphens";
	return NULL;
}

/* "account.queue.core.windows.net", where a blob is wanted. */
static bool is_of_other(const char *host, enum storage_service service)
{
	const char *dot = strchr(host, '.');

	return dot &&
	       text_prefix(dot, service == STORAGE_BLOB ? ".queue." : ".blob.");
}

const char *storage_url_wrong(const struct cloud *cloud, const char *url,
			      enum storage_service service)
{
	char host[KEYID_HOST_MAX];
	struct url_parts u;

	if (!url_is_base(url) || !url_split(&u, url) || !u.https)
		return "is not an https:// address without a query";
	if (!storage_host(url, host, sizeof(host)) ||
	    !cloud_has_storage(cloud, host))
		return "is of a host that is no storage account of the "
		       "configured cloud";
	if (is_of_other(host, service))
		return service == STORAGE_BLOB
			       ? "is that of a queue, and a blob is wanted"
			       : "is that of a blob, and a queue is wanted";
	if (has_dots(u.rest))
		return "has a dot alone in its path";
	url = u.rest + (*u.rest == '/');
	return service == STORAGE_BLOB ? blob_wrong(url) : queue_wrong(url);
}

/* Up to one of these characters. */
static void take(char *dst, size_t size, const char *s, const char *ends)
{
	size_t len = strcspn(s, ends);

	len = len < size ? len : size - 1;
	memcpy(dst, s, len);
	dst[len] = '\0';
}

void storage_names(const char *url, char *account, size_t account_size,
		   char *name, size_t name_size)
{
	struct url_parts u;

	account[0] = name[0] = '\0';
	if (!url_split(&u, url))
		return;
	take(account, account_size, u.host, ".");
	take(name, name_size, u.rest + (*u.rest == '/'), "/?#");
}

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

/* http_transfer: the copy of a request that lives as long as its transfer. */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/http_internal.h"

#define SECRET_ROOM 16384 /* so that a token's buffer need not move */

/* libcurl sends lines as they are: a line end would begin another header. */
static bool has_controls(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return true;
	return false;
}

static void add_header(struct http_transfer *t, const char *name,
		       const char *value)
{
	char *line = text_printf("%s%s", name, value);
	struct curl_slist *head = curl_slist_append(t->head, line);

	text_wipe_free(line);
	if (!head)
		abort(); /* as text_alloc does when memory runs out */
	t->head = head;
	t->unfit |= has_controls(value);
}

/* Azure keeps our id in its own logs, and sends it back when it is asked to.
 * Sources: Azure/azure-resource-manager-rpc:v1.0/common-api-details.md;
 * AzureAD/microsoft-authentication-library-for-dotnet:OAuth2Header. */
static void add_request_id(struct http_transfer *t, const struct exchange *x,
			   const char *request_id)
{
	if (!request_id)
		return;
	add_header(t,
		   x->entra ? "client-request-id: "
			    : "x-ms-client-request-id: ",
		   request_id);
	add_header(t,
		   x->entra ? "return-client-request-id: "
			    : "x-ms-return-client-request-id: ",
		   "true");
}

static void add_headers(struct http_transfer *t, const struct exchange *x,
			const char *bearer, const char *request_id)
{
	add_header(t, "Accept: ", "application/json");
	if (x->body && x->content_type)
		add_header(t, "Content-Type: ", x->content_type);
	if (x->metadata)
		add_header(t, "Metadata: ", "true");
	add_request_id(t, x, request_id);
	if (x->proof)
		add_header(t, x->proof_name, x->proof);
	if (bearer)
		add_header(t, "Authorization: Bearer ", bearer);
}

/* A buffer that grows leaves copies behind: make room for a token at once. */
static void make_room(struct buf *b)
{
	static const char zeros[SECRET_ROOM];

	buf_add(b, zeros, b->max < SECRET_ROOM ? b->max : SECRET_ROOM);
	buf_reset(b);
}

struct http_transfer *http_transfer_new(const struct exchange *x,
					const char *bearer,
					const char *request_id)
{
	struct http_transfer *t = text_alloc(1, sizeof(*t));

	t->method = x->method;
	t->url = text_dup(x->url ? x->url : "");
	t->body = text_dup(x->body);
	t->local = x->metadata || x->local;
	t->secret = x->secret_answer;
	t->answer.fault = fault_none();
	buf_init(&t->answer.body, x->max_body);
	if (t->secret)
		make_room(&t->answer.body);
	add_headers(t, x, bearer, request_id);
	return t;
}

static char *url_part(CURLU *u, CURLUPart part)
{
	char *from = NULL;
	char *copy = NULL;

	if (curl_url_get(u, part, &from, CURLU_DEFAULT_PORT) == CURLUE_OK)
		copy = text_dup(from);
	curl_free(from);
	return copy ? copy : text_dup("");
}

bool http_transfer_locate(struct http_transfer *t)
{
	CURLU *u = curl_url();
	char *host, *port;

	if (!u || curl_url_set(u, CURLUPART_URL, t->url, 0) != CURLUE_OK) {
		curl_url_cleanup(u);
		t->where = text_dup("an address that is not a URL");
		return false;
	}
	host = url_part(u, CURLUPART_HOST);
	port = url_part(u, CURLUPART_PORT);
	curl_url_cleanup(u);
	t->where = text_printf("%s:%s", host, port);
	free(host);
	free(port);
	return true;
}

/*
 * What is ours is wiped: lines and body.  libcurl copies both into a buffer of
 * its own while it sends them, and OpenSSL into a record; both take their
 * memory from base/wiping, so that a copy is wiped when they give it back:
 * libcurl's with the request, OpenSSL's is overwritten by the next record, and
 * wiped with the connection.  Under HTTP/2 nghttp2 has another copy, may keep a
 * line in its table of headers while the connection lives, and frees both as
 * they are; so the process's memory is closed to others, and dumps no core
 * (daemon.c).
 */
static void free_headers(struct curl_slist *head)
{
	for (struct curl_slist *s = head; s; s = s->next)
		text_wipe(s->data, strlen(s->data)); /* one holds the token */
	curl_slist_free_all(head);
}

void http_transfer_free(struct http_transfer *t)
{
	free_headers(t->head);
	text_wipe_free(t->body);
	free(t->url);
	free(t->where);
	if (t->secret)
		answer_wipe(&t->answer);
	else
		answer_free(&t->answer);
	free(t);
}

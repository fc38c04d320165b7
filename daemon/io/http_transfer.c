/* http_transfer: the copy of a request that lives as long as its transfer. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/http_internal.h"

#define SECRET_ROOM 16384 /* so that a token's buffer need not move */

/* Of a request's header: those of every request, and its own. */
#define LINES_MAX (8 + EXCHANGE_FIELDS)

/* What is to be sent: nothing of it is a copy yet. */
struct lines {
	struct line {
		const char *name, *value;
		size_t name_len, value_len;
	} all[LINES_MAX];
	size_t n, size;
	char *bearer; /* a whole line, which others hold, too; NULL: none */
};

static void add_header(struct lines *l, const char *name, const char *value)
{
	struct line *line = &l->all[l->n++];

	*line = (struct line){ name, value, strlen(name), strlen(value) };
	l->size += sizeof(struct curl_slist) + line->name_len +
		   line->value_len + 1;
}

/* Azure keeps our id in its own logs, and sends it back when it is asked to.
 * Sources: Azure/azure-resource-manager-rpc:v1.0/common-api-details.md;
 * AzureAD/microsoft-authentication-library-for-dotnet:OAuth2Header. */
static void add_request_id(struct lines *l, const struct exchange *x,
			   const char *request_id)
{
	if (!request_id)
		return;
	add_header(l,
		   x->entra ? "client-request-id: "
			    : "x-ms-client-request-id: ",
		   request_id);
	add_header(l,
		   x->entra ? "return-client-request-id: "
			    : "x-ms-return-client-request-id: ",
		   "true");
}

/* Who is asked, as HOST:PORT: no longer than the URL, or than this. */
#define WHERE_ROOM 48

/* The list, its lines, the URL and who is asked are one block: made at once,
 * wiped at once.  The line with the token is nobody's copy. */
static void make_head(struct http_transfer *t, const struct lines *l,
		      const char *url)
{
	size_t url_size = strlen(url) + 1;
	size_t nodes = l->n + (l->bearer != NULL);
	struct curl_slist *node;
	char *to;

	t->where_size = url_size + WHERE_ROOM;
	t->head_size = l->size + url_size + t->where_size;
	node = text_room(t->head_size);
	to = (char *)(node + nodes);
	t->head = node;
	for (size_t i = 0; i < l->n; i++) {
		const struct line *line = &l->all[i];

		node[i].data = to;
		node[i].next = i + 1 < nodes ? &node[i + 1] : NULL;
		memcpy(to, line->name, line->name_len);
		to += line->name_len;
		memcpy(to, line->value, line->value_len + 1);
		to += line->value_len + 1;
		t->unfit |= !headers_fit(line->value, line->value_len);
	}
	if (l->bearer)
		node[l->n] = (struct curl_slist){ .data = l->bearer };
	t->url = memcpy(to, url, url_size);
	t->where = to + url_size;
	*t->where = '\0';
}

static void add_headers(struct http_transfer *t, const struct exchange *x,
			const char *agent, const char *request_id)
{
	struct lines l = { .n = 0 };

	if (agent)
		add_header(&l, "User-Agent: ", agent);

	add_header(&l, "Accept: ", x->accept ? x->accept : "application/json");
	if (x->body && x->content_type)
		add_header(&l, "Content-Type: ", x->content_type);
	if (x->metadata)
		add_header(&l, "Metadata: ", "true");
	for (size_t i = 0; i < x->n_fields; i++)
		add_header(&l, x->fields[i].name, x->fields[i].value);
	add_request_id(&l, x, request_id);
	if (x->proof)
		add_header(&l, x->proof_name, x->proof);
	if (t->bearer) {
		l.bearer = bearer_line(t->bearer);
		l.size += sizeof(struct curl_slist);
		t->unfit = !bearer_fit(t->bearer);
	}
	make_head(t, &l, x->url ? x->url : "");
}

/* A buffer that grows leaves copies behind: make room for a token at once. */
static void make_room(struct buf *b)
{
	static const char zeros[SECRET_ROOM];

	buf_add(b, zeros, b->max < SECRET_ROOM ? b->max : SECRET_ROOM);
	buf_reset(b);
}

struct http_transfer *http_transfer_new(const struct exchange *x,
					const char *agent,
					struct bearer *bearer,
					const char *request_id)
{
	struct http_transfer *t = text_alloc(1, sizeof(*t));

	t->method = x->method;
	t->body = text_dup(x->body);
	t->local = x->metadata || x->local;
	t->secret = x->secret_answer;
	t->answer.fault = fault_none();
	buf_init(&t->answer.body, x->max_body);
	if (t->secret)
		make_room(&t->answer.body);
	t->bearer = bearer_hold(bearer);
	add_headers(t, x, agent, request_id);
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

/* The digits of a port, 0: it is none, or not told in the usual way. */
static size_t port_digits(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return *s != '0' && n <= 5 && strtol(s, NULL, 10) <= 65535 ? n : 0;
}

/*
 * How nearly all URLs are: a name in lower case with or without a port, and
 * then nothing that is not printed.  They are not parsed twice: libcurl does
 * so anyway, once it sends.  A name that ends in a number may be an address
 * in a form of its own.  False: not seen at a glance.
 */
static bool locate_plain(struct http_transfer *t)
{
	static const char prefix[] = "https://";
	const char *host = t->url + sizeof(prefix) - 1, *last, *rest, *c;
	size_t len;

	if (strncmp(t->url, prefix, sizeof(prefix) - 1) != 0)
		return false;
	len = strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-.");
	last = memrchr(host, '.', len);
	last = last ? last + 1 : host;
	if (!len || last == host + len || (*last >= '0' && *last <= '9'))
		return false;
	rest = host + len;
	if (*rest == ':') {
		size_t digits = port_digits(rest + 1);

		if (!digits)
			return false;
		rest += 1 + digits;
	}
	if (*rest != '/')
		return false;
	for (c = rest; *c > 0x20 && *c < 0x7f;)
		c++;
	if (*c)
		return false;
	snprintf(t->where, t->where_size, "%.*s%s", (int)(rest - host), host,
		 rest == host + len ? ":443" : "");
	return true;
}

bool http_transfer_locate(struct http_transfer *t)
{
	CURLU *u;
	char *host, *port;

	if (locate_plain(t))
		return true;
	u = curl_url();
	if (!u || curl_url_set(u, CURLUPART_URL, t->url, 0) != CURLUE_OK) {
		curl_url_cleanup(u);
		text_copy(t->where, t->where_size,
			  "an address that is not a URL");
		return false;
	}
	host = url_part(u, CURLUPART_HOST);
	port = url_part(u, CURLUPART_PORT);
	curl_url_cleanup(u);
	snprintf(t->where, t->where_size, "%s:%s", host, port);
	free(host);
	free(port);
	return true;
}

/*
 * What is ours is wiped: lines and body, and the token by who holds it last.
 * libcurl copies all into a buffer of its own while it sends them, and OpenSSL
 * into a record; both take their memory from base/wiping, so that a copy is
 * wiped when they give it back: libcurl's with the request, OpenSSL's is
 * overwritten by the next record, and wiped with the connection.  Under HTTP/2
 * nghttp2 has another copy, may keep a line in its table of headers while the
 * connection lives, and frees both as they are; so the process's memory is
 * closed to others, and dumps no core (daemon.c).
 */
void http_transfer_free(struct http_transfer *t)
{
	bearer_let_go(t->bearer);
	text_wipe(t->head, t->head_size); /* a line may hold a proof */
	free(t->head);
	text_wipe_free(t->body);
	if (t->secret)
		answer_wipe(&t->answer);
	else
		answer_free(&t->answer);
	free(t);
}

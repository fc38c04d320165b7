/* Reads the head of an HTTP request: its line, and of its fields those two that
 * matter. */
#include "ctl/request.h"

#include <string.h>
#include <strings.h>

#define TOKEN                       \
	"!#$%&'*+-.^_`|~0123456789" \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define OPENMETRICS "application/openmetrics-text"

/* A piece of the head. */
struct part {
	const char *at;
	size_t len;
};

static bool is(struct part p, const char *word)
{
	return p.len == strlen(word) && !memcmp(p.at, word, p.len);
}

/* RFC 9112 section 2.2: a lone LF may be taken for the end of a line. */
size_t request_length(const char *text, size_t len)
{
	size_t line = 0; /* bytes of the line so far, without CR */

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n') {
			if (line == 0)
				return i + 1;
			line = 0;
		} else if (text[i] != '\r' || line > 0) {
			line++;
		}
	}
	return 0;
}

/* The next line without its end; false: there is none, or bytes in it that no
 * line has (section 2.2, RFC 9110 section 5.5). */
static bool next_line(struct part *rest, struct part *line)
{
	const char *end = memchr(rest->at, '\n', rest->len);

	if (!end)
		return false;
	*line = (struct part){ rest->at, (size_t)(end - rest->at) };
	rest->len -= line->len + 1;
	rest->at = end + 1;
	if (line->len && line->at[line->len - 1] == '\r')
		line->len--;
	for (size_t i = 0; i < line->len; i++) {
		unsigned char c = (unsigned char)line->at[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* What stands before the next blank, which is passed. */
static bool next_word(struct part *line, struct part *word)
{
	const char *end = memchr(line->at, ' ', line->len);

	if (!end || end == line->at)
		return false;
	*word = (struct part){ line->at, (size_t)(end - line->at) };
	line->len -= word->len + 1;
	line->at = end + 1;
	return true;
}

static bool is_token(struct part p)
{
	for (size_t i = 0; i < p.len; i++)
		if (!p.at[i] || !strchr(TOKEN, p.at[i]))
			return false;
	return p.len > 0;
}

/* Section 3.2: the path of an origin form, or of the absolute form that a proxy
 * may send, without its query. */
static enum request_path path_of(struct part p)
{
	static const char scheme[] = "http://";
	const size_t n = sizeof(scheme) - 1;
	const char *end;

	if (p.len > n && !strncasecmp(p.at, scheme, n)) {
		end = memchr(p.at + n, '/', p.len - n);
		if (!end)
			return REQUEST_OTHER;
		p.len -= (size_t)(end - p.at);
		p.at = end;
	}
	end = memchr(p.at, '?', p.len);
	if (end)
		p.len = (size_t)(end - p.at);
	return is(p, "/metrics")   ? REQUEST_METRICS
	       : is(p, "/healthz") ? REQUEST_HEALTH
				   : REQUEST_OTHER;
}

/* Prometheus names it first where it likes it best, and not at all where not;
 * weights are not weighed. */
static bool names_openmetrics(struct part value)
{
	const size_t n = sizeof(OPENMETRICS) - 1;

	for (size_t i = 0; i + n <= value.len; i++)
		if (!strncasecmp(value.at + i, OPENMETRICS, n))
			return true;
	return false;
}

/* The fields; false: they are none, or not with one Host where there has to be
 * one (section 3.2). */
static bool read_fields(struct request *r, struct part rest, bool host_needed)
{
	unsigned hosts = 0;
	struct part line, name, value;
	const char *colon;

	while (next_line(&rest, &line)) {
		if (line.len == 0)
			return hosts == 1 || (hosts == 0 && !host_needed);
		colon = memchr(line.at, ':', line.len);
		if (!colon)
			return false;
		name = (struct part){ line.at, (size_t)(colon - line.at) };
		/* Also one that is folded, or has a blank before its colon. */
		if (!is_token(name))
			return false;
		value = (struct part){ colon + 1, line.len - name.len - 1 };
		if (name.len == 4 && !strncasecmp(name.at, "Host", 4))
			hosts++;
		else if (name.len == 6 && !strncasecmp(name.at, "Accept", 6))
			r->openmetrics |= names_openmetrics(value);
	}
	return false;
}

int request_read(struct request *r, const char *text, size_t len)
{
	struct part rest = { text, len }, line, method, target;
	bool get;

	*r = (struct request){ 0 };
	if (!next_line(&rest, &line) || !next_word(&line, &method) ||
	    !is_token(method))
		return 400;
	get = is(method, "GET");
	r->head = is(method, "HEAD");
	if (!next_word(&line, &target))
		return 400;
	if (target.len > REQUEST_PATH_MAX)
		return 414;
	if (line.len != 8 || memcmp(line.at, "HTTP/", 5) != 0)
		return 400;
	if (!is(line, "HTTP/1.1") && !is(line, "HTTP/1.0"))
		return 505;
	if (!read_fields(r, rest, is(line, "HTTP/1.1")))
		return 400;
	r->path = path_of(target);
	if (r->path == REQUEST_OTHER)
		return 404;
	return get || r->head ? 200 : 405;
}

const char *request_phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
		{ 200, "OK" },
		{ 400, "Bad Request" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 408, "Request Timeout" },
		{ 414, "URI Too Long" },
		{ 431, "Request Header Fields Too Large" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};

	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Error";
}

/*
 * Picks out of an answer's header lines the fields that somebody reads, and
 * forgets those of interim answers when the next status line comes.
 */
#include "io/headers.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

static void forget(struct answer *a)
{
	for (size_t i = 0; i < ANSWER_HEADERS; i++) {
		free(a->headers[i]);
		a->headers[i] = NULL;
	}
}

/* "HTTP/1.1 200 OK", "HTTP/2 200" (RFC 9112 section 4) */
static bool status_line(struct headers *h, struct answer *a, const char *line,
			size_t len)
{
	if (len < 6 || strncmp(line, "HTTP/", 5) != 0)
		return false;
	forget(a);
	h->ended = false;
	h->version = line[5] >= '1' && line[5] <= '9' ? line[5] - '0' : 1;
	return true;
}

static int find_name(const char *line, size_t len)
{
	for (int i = 0; i < ANSWER_HEADERS; i++) {
		const char *name = answer_header_names[i];
		size_t n = strlen(name);

		if (len > n && line[n] == ':' && !strncasecmp(line, name, n))
			return i;
	}
	return -1;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/*
 * The last value wins, except that challenges are a list which a server may
 * spread over several lines (RFC 9110 sections 5.3 and 11.6.1).
 */
static bool keep(struct answer *a, int which, const char *value, size_t len)
{
	char *old = a->headers[which];
	char *joined = text_ndup(value, len);

	if (old && which == ANSWER_WWW_AUTHENTICATE) {
		char *both = text_printf("%s, %s", old, joined);

		free(joined);
		joined = both;
	}
	free(old);
	a->headers[which] = joined;
	return strlen(joined) <= ANSWER_HEADER_MAX;
}

static bool field_line(struct answer *a, const char *line, size_t len,
		       const char *where, struct fault *f)
{
	int which = find_name(line, len);
	size_t from;

	if (which < 0)
		return true;
	from = strlen(answer_header_names[which]) + 1;
	while (from < len && is_space(line[from]))
		from++;
	while (len > from && is_space(line[len - 1]))
		len--;
	if (len - from <= ANSWER_HEADER_MAX &&
	    keep(a, which, line + from, len - from))
		return true;
	return fault_set(
		f, FAULT_INVALID, 0,
		"The answer of %s was dropped: its header %s is larger than %d bytes",
		where, answer_header_names[which], ANSWER_HEADER_MAX);
}

bool headers_line(struct headers *h, struct answer *a, const char *line,
		  size_t len, const char *where, struct fault *f)
{
	h->total += len;
	if (h->total > HEADERS_TOTAL_MAX)
		return fault_set(
			f, FAULT_INVALID, 0,
			"The answer of %s was dropped: its headers are larger than %u bytes",
			where, HEADERS_TOTAL_MAX);
	if (status_line(h, a, line, len) || h->ended)
		return true;
	while (len > 0 && is_space(line[len - 1]))
		len--;
	if (len == 0) {
		h->ended = true;
		return true;
	}
	return field_line(a, line, len, where, f);
}

/* Eight bytes at a time, for tokens are long: such a byte is below 0x20 or DEL,
 * and then a difference borrows from its highest bit, which was not set. */
bool headers_fit(const char *s, size_t len)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t found = 0, eight, del;

	for (; len >= sizeof(eight); s += sizeof(eight), len -= sizeof(eight)) {
		memcpy(&eight, s, sizeof(eight));
		del = eight ^ ones * 0x7f;
		found |= (eight - ones * 0x20) & ~eight;
		found |= (del - ones) & ~del;
	}
	if (found & ones * 0x80)
		return false;
	for (; len > 0; s++, len--)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

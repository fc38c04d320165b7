/* Undoes escapes in place: what is read never takes more room than it did. */
#include "base/spelling.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define BASE64_SHORTEST 11 /* letters; 8 bytes */

void spelling_init(struct spelling *s, const char *text, size_t len, bool plus)
{
	s->n = len;
	s->bytes = text_alloc(len + 1, 1);
	s->from = text_alloc(len + 1, sizeof(*s->from));
	s->to = text_alloc(len + 1, sizeof(*s->to));
	for (size_t i = 0; i < len; i++) {
		s->bytes[i] = text[i];
		if (plus && text[i] == '+')
			s->bytes[i] = ' ';
		s->from[i] = i;
		s->to[i] = i + 1;
	}
}

void spelling_free(struct spelling *s)
{
	text_wipe(s->bytes, s->n);
	free(s->bytes);
	free(s->from);
	free(s->to);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

/* Up to max digits; how many there were. */
static size_t number(const char *s, size_t n, size_t max, int base,
		     uint32_t *code)
{
	size_t i;

	*code = 0;
	for (i = 0; i < n && i < max && digit(s[i]) < base; i++)
		*code = *code * (uint32_t)base + (uint32_t)digit(s[i]);
	return i;
}

/* What stands at s is an escape of so many bytes; 0: it is none. */
static size_t escape_json(const char *s, size_t n, uint32_t *code)
{
	if (n > 1 && strchr("\"\\/", s[1]) && s[1] != '\0') {
		*code = (uint32_t)s[1];
		return 2;
	}
	if (n > 1 && s[1] == 'u' && number(s + 2, n - 2, 4, 16, code) == 4)
		return 6;
	if (n > 1 && s[1] == 'x' && number(s + 2, n - 2, 2, 16, code) == 2)
		return 4;
	return 0;
}

static size_t escape_html(const char *s, size_t n, uint32_t *code)
{
	static const struct {
		const char *name;
		char c;
	} names[] = { { "&amp;", '&' },
		      { "&lt;", '<' },
		      { "&gt;", '>' },
		      { "&quot;", '"' },
		      { "&apos;", '\'' } };
	bool hex = n > 2 && (s[2] == 'x' || s[2] == 'X');
	size_t digits, before = hex ? 3 : 2;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t len = strlen(names[i].name);

		*code = (uint32_t)names[i].c;
		if (n >= len && !memcmp(s, names[i].name, len))
			return len;
	}
	if (n < 4 || s[1] != '#')
		return 0;
	digits = number(s + before, n - before, 7, hex ? 16 : 10, code);
	before += digits;
	return digits && before < n && s[before] == ';' && *code <= 0xffff
		       ? before + 1
		       : 0;
}

static size_t escape(const char *s, size_t n, uint32_t *code)
{
	switch (*s) {
	case '%':
		return number(s + 1, n - 1, 2, 16, code) == 2 ? 3 : 0;
	case '\\':
		return escape_json(s, n, code);
	case '&':
		return escape_html(s, n, code);
	default:
		return 0;
	}
}

/* One character in UTF-8; no escape is as short as that. */
static size_t utf8(char *to, uint32_t code)
{
	if (code < 0x80) {
		to[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		to[0] = (char)(0xc0 | code >> 6);
		to[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	to[0] = (char)(0xe0 | code >> 12);
	to[1] = (char)(0x80 | (code >> 6 & 0x3f));
	to[2] = (char)(0x80 | (code & 0x3f));
	return 3;
}

bool spelling_undo(struct spelling *s)
{
	size_t to = 0, len, put;

	for (size_t i = 0; i < s->n; i += len) {
		size_t from = s->from[i], end;
		char byte = s->bytes[i];
		uint32_t code;

		len = escape(s->bytes + i, s->n - i, &code);
		if (len == 0) {
			len = put = 1;
			s->bytes[to] = byte;
		} else if (byte == '%' || s->bytes[i + 1] == 'x') {
			put = 1; /* a byte, not a character */
			s->bytes[to] = (char)code;
		} else {
			put = utf8(s->bytes + to, code);
		}
		end = s->to[i + len - 1];
		for (; put > 0; put--, to++) {
			s->from[to] = from;
			s->to[to] = end;
		}
	}
	len = s->n;
	s->n = to;
	return to < len;
}

/* The six bits of a letter, or -1. */
static int bits(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

bool spelling_base64(struct spelling *s)
{
	size_t to = 0, run;
	bool any = false;

	for (size_t i = 0; i < s->n; i += run + 1) {
		uint32_t last = 0;

		for (run = 0; i + run < s->n && bits(s->bytes[i + run]) >= 0;)
			run++;
		any |= run >= BASE64_SHORTEST;
		for (size_t k = 0; k < run && run >= BASE64_SHORTEST; k++) {
			last = last << 6 | (uint32_t)bits(s->bytes[i + k]);
			if (k % 4 == 0)
				continue;
			s->bytes[to] = (char)(last >> (6 - 2 * (k % 4)));
			s->from[to] = s->from[i + k - 1];
			s->to[to++] = s->to[i + k];
		}
		/* What parts two runs; no secret goes across. */
		if (i + run < s->n) {
			s->from[to] = s->from[i + run];
			s->to[to] = s->to[i + run];
			s->bytes[to++] = '\0';
		}
	}
	s->n = to;
	return any;
}

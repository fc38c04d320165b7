/* Undoes escapes in place: what is read never takes more room than it did. */
#include "base/spelling.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define BASE64_SHORTEST 11 /* letters; 8 bytes */

void spelling_init(struct spelling *s, const char *text, size_t len, bool plus,
		   bool way_back)
{
	s->n = s->whole = len;
	s->bytes = len < sizeof(s->brief) ? s->brief : text_alloc(len + 1, 1);
	memcpy(s->bytes, text, len);
	for (size_t i = 0; plus && i < len; i++)
		if (text[i] == '+')
			s->bytes[i] = ' ';
	s->from = s->to = NULL;
	if (!way_back)
		return;
	s->from = text_alloc(len + 1, sizeof(*s->from));
	s->to = text_alloc(len + 1, sizeof(*s->to));
	for (size_t i = 0; i < len; i++) {
		s->from[i] = i;
		s->to[i] = i + 1;
	}
}

void spelling_free(struct spelling *s)
{
	text_wipe(s->bytes, s->whole);
	if (s->bytes != s->brief)
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

/* put bytes at to are what stood from first up to, not with, last. */
static void stood(struct spelling *s, size_t to, size_t put, size_t first,
		  size_t last)
{
	size_t from, end;

	if (!s->from)
		return;
	from = s->from[first];
	end = s->to[last - 1];
	for (; put > 0; put--, to++) {
		s->from[to] = from;
		s->to[to] = end;
	}
}

/* Most texts hold none of what every escape begins with. */
static bool has_escapes(const struct spelling *s)
{
	return memchr(s->bytes, '%', s->n) || memchr(s->bytes, '\\', s->n) ||
	       memchr(s->bytes, '&', s->n);
}

bool spelling_undo(struct spelling *s)
{
	size_t to = 0, len, put;

	if (!has_escapes(s))
		return false;
	for (size_t i = 0; i < s->n; i += len) {
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
		stood(s, to, put, i, i + len);
		to += put;
	}
	len = s->n;
	s->n = to;
	return to < len;
}

/* The six bits of a letter and one more, 0: it is none.  By a table: whole
 * answers go through here. */
static const unsigned char letters[256] = {
	['A'] = 1,  ['B'] = 2,	['C'] = 3,  ['D'] = 4,	['E'] = 5,  ['F'] = 6,
	['G'] = 7,  ['H'] = 8,	['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12,
	['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18,
	['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
	['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30,
	['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36,
	['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
	['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
	['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54,
	['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60,
	['8'] = 61, ['9'] = 62, ['+'] = 63, ['-'] = 63, ['/'] = 64, ['_'] = 64,
};

static uint32_t letter(const struct spelling *s, size_t i)
{
	return letters[(unsigned char)s->bytes[i]];
}

/* A run of letters from first up to, not with, end, as what it stands for at
 * `to`, in front of it; the end of that. */
static size_t undo_run(struct spelling *s, size_t to, size_t first, size_t end)
{
	uint32_t last = 0;

	/* Four by four, as long as nobody asks where they stood. */
	for (; !s->from && end - first >= 4; first += 4) {
		last = (letter(s, first) - 1) << 18 |
		       (letter(s, first + 1) - 1) << 12 |
		       (letter(s, first + 2) - 1) << 6 |
		       (letter(s, first + 3) - 1);
		s->bytes[to++] = (char)(last >> 16);
		s->bytes[to++] = (char)(last >> 8);
		s->bytes[to++] = (char)last;
	}
	for (size_t i = first; i < end; i++) {
		size_t k = (i - first) % 4;

		last = last << 6 | (letter(s, i) - 1);
		if (k == 0)
			continue;
		s->bytes[to] = (char)(last >> (6 - 2 * k));
		stood(s, to++, 1, i - 1, i + 1);
	}
	return to;
}

bool spelling_base64(struct spelling *s)
{
	size_t to = 0, end;
	bool any = false;

	for (size_t i = 0; i < s->n; i = end + 1) {
		for (end = i; end < s->n && letter(s, end) > 0;)
			end++;
		if (end - i >= BASE64_SHORTEST) {
			any = true;
			to = undo_run(s, to, i, end);
		}
		/* What parts two runs; no secret goes across. */
		if (end < s->n) {
			stood(s, to, 1, end, end + 1);
			s->bytes[to++] = '\0';
		}
	}
	s->n = to;
	return any;
}

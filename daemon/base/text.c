#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DISTANCE_MAX 63

static void *checked(void *p, size_t size)
{
	if (p || !size)
		return p;
	fprintf(stderr, "keyrotd: out of memory (%zu bytes wanted)\n", size);
	abort();
}

void *text_alloc(size_t count, size_t size)
{
	/* At least one byte, so that NULL can only mean failure. */
	if (!count || !size)
		count = size = 1;
	return checked(calloc(count, size), size);
}

void *text_realloc(void *p, size_t count, size_t size)
{
	if (!count || !size)
		count = size = 1;
	return checked(reallocarray(p, count, size), size);
}

char *text_dup(const char *s)
{
	return s ? text_ndup(s, strlen(s)) : NULL;
}

char *text_ndup(const char *s, size_t len)
{
	char *copy = text_alloc(len + 1, 1);

	memcpy(copy, s, len);
	return copy;
}

char *text_printf(const char *fmt, ...)
{
	va_list ap;
	char *s = NULL;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&s, fmt, ap);
	va_end(ap);
	return checked(len < 0 ? NULL : s, 1);
}

bool text_copy(char *dst, size_t size, const char *src)
{
	size_t len = strlen(src);
	bool fits = len < size;

	if (!size)
		return false;
	if (!fits)
		len = size - 1;
	memcpy(dst, src, len);
	dst[len] = '\0';
	return fits;
}

/* tolower depends on the locale, names on the wire do not. */
static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool text_same(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	while (*a && lower(*a) == lower(*b))
		a++, b++;
	return lower(*a) == lower(*b);
}

bool text_prefix(const char *s, const char *prefix)
{
	for (; *prefix; s++, prefix++) {
		if (lower(*s) != lower(*prefix))
			return false;
	}
	return true;
}

bool text_suffix(const char *s, const char *suffix)
{
	size_t len = strlen(s), tail = strlen(suffix);

	return len >= tail && text_same(s + len - tail, suffix);
}

void text_lower(char *s)
{
	for (; *s; s++)
		*s = (char)lower(*s);
}

void text_wipe(void *p, size_t len)
{
	if (p && len)
		explicit_bzero(p, len);
}

void text_wipe_free(char *s)
{
	if (s)
		text_wipe(s, strlen(s));
	free(s);
}

/* The range of the second byte is what rules out overlong forms, surrogates
 * and code points past U+10FFFF (RFC 3629, section 4). */
static bool utf8_second(unsigned char lead, unsigned char c)
{
	switch (lead) {
	case 0xe0:
		return c >= 0xa0 && c <= 0xbf;
	case 0xed:
		return c >= 0x80 && c <= 0x9f;
	case 0xf0:
		return c >= 0x90 && c <= 0xbf;
	case 0xf4:
		return c >= 0x80 && c <= 0x8f;
	default:
		return c >= 0x80 && c <= 0xbf;
	}
}

/* How long the character of this first byte has to be, 0 for none. */
static size_t utf8_want(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

size_t text_utf8_len(const char *s, size_t len)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t want = len ? utf8_want(u[0]) : 0;

	if (want > len || (want > 1 && !utf8_second(u[0], u[1])))
		return 0;
	for (size_t i = 2; i < want; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
	}
	return want;
}

bool text_is_utf8(const char *s, size_t len)
{
	size_t n;

	for (size_t i = 0; i < len; i += n) {
		n = text_utf8_len(s + i, len - i);
		if (!n)
			return false;
	}
	return true;
}

static bool is_control(const char *s, size_t n)
{
	unsigned char c = (unsigned char)s[0];

	return (n == 1 && (c < 0x20 || c == 0x7f)) ||
	       (n == 2 && c == 0xc2 && (unsigned char)s[1] < 0xa0);
}

/* The last character of a line, cut by a buffer's end: nothing but bytes
 * that continue the first one, and too few of them. */
static bool is_cut_short(const char *s, size_t len)
{
	if (utf8_want((unsigned char)s[0]) <= len)
		return false;
	for (size_t i = 1; i < len; i++) {
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return false;
	}
	return true;
}

void text_line(char *s)
{
	size_t len = strlen(s), n;

	for (size_t i = 0; i < len; i += n) {
		n = text_utf8_len(s + i, len - i);
		if (!n && is_cut_short(s + i, len - i)) {
			s[i] = '\0';
			return;
		}
		if (!n) {
			s[i] = '?';
			n = 1;
		} else if (is_control(s + i, n)) {
			memset(s + i, ' ', n);
		}
	}
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

/* Levenshtein's distance, one row at a time. */
unsigned text_distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);
	unsigned row[DISTANCE_MAX + 1], corner, above;

	if (la > DISTANCE_MAX || lb > DISTANCE_MAX)
		return DISTANCE_MAX + 1;
	for (size_t j = 0; j <= lb; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= la; i++) {
		corner = row[0];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= lb; j++) {
			above = row[j];
			row[j] = least(above + 1, row[j - 1] + 1,
				       corner + (a[i - 1] != b[j - 1]));
			corner = above;
		}
	}
	return row[lb];
}

uint64_t text_hash(const char *s)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *s; s++)
		h = (h ^ lower(*s)) * 0x100000001b3u;
	return h;
}

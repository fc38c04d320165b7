/*
 * Strings with bounds, and memory that is there or ends the program: no
 * caller has to check an allocation, and none compares names by locale.
 */
#include "base/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DISTANCE_MAX 63
#define WIPE_MOST 1024
#define BRIEF 256 /* bytes, of which no second look is needed */

static void *checked(void *p, size_t size)
{
	if (p)
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

void *text_room(size_t size)
{
	if (!size)
		size = 1;
	return checked(malloc(size), size);
}

void *text_realloc(void *p, size_t count, size_t size)
{
	if (!count || !size)
		count = size = 1;
	return checked(reallocarray(p, count, size), size);
}

void *text_grow(void *array, size_t n, size_t size)
{
	if (n & (n - 1))
		return array;
	return text_realloc(array, n ? 2 * n : 1, size);
}

char *text_dup(const char *s)
{
	return s ? text_ndup(s, strlen(s)) : NULL;
}

char *text_ndup(const char *s, size_t len)
{
	char *copy = text_room(len + 1);

	memcpy(copy, s, len);
	copy[len] = '\0';
	return copy;
}

/* Not vasprintf(3): that writes into blocks that it leaves as they are when
 * it needs larger ones, and one of the texts holds a token. */
char *text_printf(const char *fmt, ...)
{
	char brief[BRIEF], *s;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(brief, sizeof(brief), fmt, ap);
	va_end(ap);
	if (len >= 0 && (size_t)len < sizeof(brief)) {
		s = text_ndup(brief, (size_t)len);
		text_wipe(brief, (size_t)len);
		return s;
	}
	text_wipe(brief, sizeof(brief));
	s = text_room(len < 0 ? SIZE_MAX : (size_t)len + 1);
	va_start(ap, fmt);
	vsnprintf(s, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return s;
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

bool text_join(char *dst, size_t size, ...)
{
	const char *part;
	bool fits = true;
	size_t at = 0;
	va_list ap;

	va_start(ap, size);
	while (fits && (part = va_arg(ap, const char *))) {
		fits = text_copy(dst + at, size - at, part);
		at += fits ? strlen(part) : 0;
	}
	va_end(ap);
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
	if (a == b || strcmp(a, b) == 0)
		return true; /* as a rule they are told alike */
	while (*a && (*a == *b || lower(*a) == lower(*b)))
		a++, b++;
	return lower(*a) == lower(*b);
}

bool text_prefix(const char *s, const char *prefix)
{
	for (; *prefix; s++, prefix++) {
		if (*s != *prefix && lower(*s) != lower(*prefix))
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
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)lower(*s);
}

size_t text_span(const char *s, const bool set[static 256])
{
	size_t n = 0;

	while (set[(unsigned char)s[n]])
		n++;
	return n;
}

void text_wipe(void *p, size_t len)
{
	char *at = p;

	/* Of more than some pages' half the C library makes one instruction
	 * that goes byte by byte, and is counted so; libraries give back blocks
	 * of 16 KiB with every question. */
	for (; p && len > WIPE_MOST; at += WIPE_MOST, len -= WIPE_MOST)
		explicit_bzero(at, WIPE_MOST);
	if (p && len)
		explicit_bzero(at, len);
}

void text_wipe_free(char *s)
{
	if (s)
		text_wipe(s, strlen(s));
	free(s);
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

const char *text_stop(const char *s)
{
	size_t len = strlen(s);

	return len && s[len - 1] == '.' ? "" : ".";
}

/*
 * Packs the ids of requests into their 16 bytes and unpacks them again.
 */
#include "azure/trace.h"

#include <stddef.h>
#include <string.h>

#define DIGITS 32

static bool breaks_after(size_t byte)
{
	return byte == 3 || byte == 5 || byte == 7 || byte == 9;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

struct trace trace_read(const char *text)
{
	static const struct trace unknown = { .known = false };
	struct trace t = { .known = true };
	bool hyphens = text && strlen(text) == TRACE_MAX - 1;
	size_t n = 0;

	if (!text || (!hyphens && strlen(text) != DIGITS))
		return unknown;
	for (const char *c = text; *c; c++) {
		int d = digit(*c);

		if (d < 0)
			return unknown;
		t.bytes[n / 2] = (unsigned char)(t.bytes[n / 2] << 4 | d);
		n++;
		if (hyphens && n % 2 == 0 && breaks_after(n / 2 - 1) &&
		    *++c != '-')
			return unknown;
	}
	return n == DIGITS ? t : unknown;
}

void trace_print(const struct trace *t, bool hyphens, char dst[TRACE_MAX])
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	for (size_t i = 0; t->known && i < sizeof(t->bytes); i++) {
		dst[n++] = digits[t->bytes[i] >> 4];
		dst[n++] = digits[t->bytes[i] & 15];
		if (hyphens && breaks_after(i))
			dst[n++] = '-';
	}
	dst[n] = '\0';
}

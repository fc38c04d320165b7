/*
 * Which bytes are text: UTF-8 is checked here, and what came from elsewhere
 * is turned into one line without control characters.
 */
#include "base/text.h"

#include <string.h>

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

/* How many bytes from the beginning are ASCII, eight at a time: most texts are
 * nothing else. */
static size_t ascii(const char *s, size_t len)
{
	uint64_t eight;
	size_t i = 0;

	for (; len - i >= sizeof(eight); i += sizeof(eight)) {
		memcpy(&eight, s + i, sizeof(eight));
		if (eight & UINT64_C(0x8080808080808080))
			break;
	}
	while (i < len && (unsigned char)s[i] < 0x80)
		i++;
	return i;
}

bool text_is_utf8(const char *s, size_t len)
{
	size_t n;

	for (size_t i = ascii(s, len); i < len; i += n) {
		n = text_utf8_len(s + i, len - i);
		if (!n)
			return false;
	}
	return true;
}

/* C0, DEL and C1; the marks, line ends, embeddings, overrides and isolates of
 * Unicode's bidirectional algorithm (UAX #9); what has no width, and so makes
 * two names look the same. */
static const struct {
	unsigned first, last;
} hazards[] = {
	{ 0x01, 0x1f },	    { 0x7f, 0x9f },	{ 0x61c, 0x61c },
	{ 0x200b, 0x200b }, { 0x200e, 0x200f }, { 0x2028, 0x202e },
	{ 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
};

/* The code point of a valid UTF-8 character of n bytes, 1 to 3. */
static unsigned code_point(const char *s, size_t n)
{
	const unsigned char *u = (const unsigned char *)s;

	if (n == 1)
		return u[0];
	if (n == 2)
		return (u[0] & 0x1fu) << 6 | (u[1] & 0x3fu);
	return (u[0] & 0x0fu) << 12 | (u[1] & 0x3fu) << 6 | (u[2] & 0x3fu);
}

unsigned text_hazard(const char *s, size_t n)
{
	unsigned c;

	if (!n || n > 3 || (n == 1 && *s >= ' ' && *s < 0x7f))
		return 0; /* nearly all there is */
	c = code_point(s, n);
	for (size_t i = 0; i < sizeof(hazards) / sizeof(hazards[0]); i++)
		if (c >= hazards[i].first && c <= hazards[i].last)
			return c;
	return 0;
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
		if (s[i] >= 0x20 && s[i] < 0x7f) {
			n = 1;
			continue;
		}
		n = text_utf8_len(s + i, len - i);
		if (!n && is_cut_short(s + i, len - i)) {
			s[i] = '\0';
			return;
		}
		if (!n) {
			s[i] = '?';
			n = 1;
		} else if (text_hazard(s + i, n)) {
			memset(s + i, ' ', n);
		}
	}
}

/*
 * Takes out of foreign text what would steer a terminal or turn its
 * direction of writing; in JSON it is escaped, so that nothing is lost.
 */
#include "ctl/clean.h"

#include <string.h>

#include "base/text.h"

/* DEL and C1; then the marks, line ends, embeddings, overrides and isolates
 * of Unicode's bidirectional algorithm. */
static const struct {
	unsigned first, last;
} hazards[] = {
	{ 0x7f, 0x9f },	    { 0x61c, 0x61c },	{ 0x200e, 0x200f },
	{ 0x2028, 0x202e }, { 0x2066, 0x2069 },
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

/* Whether the character of n bytes at s may steer a terminal. */
static bool is_hazard(const char *s, size_t n)
{
	unsigned c;

	if (!n || n > 3)
		return false;
	c = code_point(s, n);
	for (size_t i = 0; i < sizeof(hazards) / sizeof(hazards[0]); i++) {
		if (c >= hazards[i].first && c <= hazards[i].last)
			return true;
	}
	return false;
}

void clean_line(char *s)
{
	size_t len, n;

	text_line(s);
	len = strlen(s);
	for (size_t i = 0; i < len; i += n) {
		n = text_utf8_len(s + i, len - i);
		if (is_hazard(s + i, n))
			memset(s + i, ' ', n);
		if (!n)
			n = 1;
	}
}

void clean_json(FILE *file, const char *text, size_t len)
{
	size_t done = 0, n;

	for (size_t i = 0; i < len; i += n) {
		n = text_utf8_len(text + i, len - i);
		if (is_hazard(text + i, n)) {
			fwrite(text + done, 1, i - done, file);
			fprintf(file, "\\u%04x", code_point(text + i, n));
			done = i + n;
		}
		if (!n)
			n = 1;
	}
	fwrite(text + done, 1, len - done, file);
}

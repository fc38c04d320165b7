/*
 * Takes out of foreign text what would steer a terminal or turn its
 * direction of writing; in JSON it is escaped, so that nothing is lost.
 */
#include "ctl/clean.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

void clean_line(char *s)
{
	text_line(s);
}

/* What nearly all of a document is made of, and steers nothing: eight bytes at
 * a time, for it may be long.  A byte below 0x20, or DEL, makes a difference
 * borrow from its highest bit, and one above has that set. */
static size_t plain(const char *text, size_t from, size_t len)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t eight;

	for (; len - from >= sizeof(eight); from += sizeof(eight)) {
		memcpy(&eight, text + from, sizeof(eight));
		if ((eight | (eight - ones * 0x20) |
		     ((eight ^ ones * 0x7f) - ones)) &
		    ones * 0x80)
			break;
	}
	while (from < len && text[from] >= ' ' && text[from] != 0x7f)
		from++;
	return from;
}

void clean_json(FILE *file, const char *text, size_t len)
{
	size_t done = 0, n;
	unsigned c;

	/* Before a document it is no character of it. */
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		done = 3;
	for (size_t i = plain(text, done, len); i < len;
	     i = plain(text, i + n, len)) {
		n = text_utf8_len(text + i, len - i);
		c = text_hazard(text + i, n);
		/* JSON has escaped C0 itself, but for the line's end. */
		if (c > ' ') {
			fwrite(text + done, 1, i - done, file);
			fprintf(file, "\\u%04x", c);
			done = i + n;
		}
		if (!n)
			n = 1;
	}
	fwrite(text + done, 1, len - done, file);
}

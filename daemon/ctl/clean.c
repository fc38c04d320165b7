/*
 * Takes out of foreign text what would steer a terminal or turn its
 * direction of writing; in JSON it is escaped, so that nothing is lost.
 */
#include "ctl/clean.h"

#include <string.h>

#include "base/text.h"

void clean_line(char *s)
{
	text_line(s);
}

void clean_json(FILE *file, const char *text, size_t len)
{
	size_t done = 0, n;
	unsigned c;

	for (size_t i = 0; i < len; i += n) {
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

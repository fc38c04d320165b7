/*
 * Breaks paragraphs between words, for terminals of any width.
 */
#include "ctl/wrap.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/clean.h"

/* Narrower than this a paragraph would be one word a line. */
#define ROOM_MIN 12

size_t wrap_cut(const char *text, size_t room)
{
	size_t columns = 0, best = 0, i = 0;

	for (; text[i]; i++) {
		if (text[i] == ' ' && (columns <= room || !best))
			best = i;
		columns += ((unsigned char)text[i] & 0xc0) != 0x80;
		if (columns > room && best)
			return best;
	}
	return i;
}

size_t wrap_lines(const char *text, size_t room)
{
	size_t n = 0;

	do {
		text += wrap_cut(text, room);
		text += strspn(text, " ");
		n++;
	} while (*text);
	return n;
}

size_t wrap_room(const struct out *o, size_t at)
{
	size_t width = o->width > 0 ? (size_t)o->width : SIZE_MAX;

	return width > at + ROOM_MIN ? width - at : ROOM_MIN;
}

void wrap_text(struct out *o, enum out_colour colour, size_t at, size_t indent,
	       const char *text)
{
	char *copy = text_dup(text), *rest = copy, *next;
	size_t n;

	clean_line(copy);
	rest += strspn(rest, " ");
	for (n = strlen(rest); n && rest[n - 1] == ' '; n--)
		rest[n - 1] = '\0';
	for (;;) {
		n = wrap_cut(rest, wrap_room(o, at));
		next = rest + n + strspn(rest + n, " ");
		rest[n] = '\0';
		out_text(o, colour, rest);
		out_end(o);
		if (next == rest + n || !*next)
			break;
		rest = next;
		at = indent;
		out_blanks(o, indent);
	}
	free(copy);
}

void wrap_line(struct out *o, size_t at, size_t indent, const char *fmt, ...)
{
	va_list ap;
	char *text = NULL;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort(); /* out of memory, as text.h has it */
	va_end(ap);
	wrap_text(o, OUT_PLAIN, at, indent, text);
	free(text);
}

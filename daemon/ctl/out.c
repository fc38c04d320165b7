/*
 * All text of keyrotctl leaves here: cleaned, coloured where a terminal
 * wants it, and with errors of writing remembered to the end.
 */
#include "ctl/out.h"

#include <errno.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "ctl/clean.h"

#define WIDTH_MAX 10000

static const char *const escapes[] = {
	[OUT_PLAIN] = "",	  [OUT_BOLD] = "\033[1m",
	[OUT_GREEN] = "\033[32m", [OUT_YELLOW] = "\033[33m",
	[OUT_RED] = "\033[1;31m",
};

static bool likes_colour(void)
{
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return (!no || !no[0]) && term && term[0] && strcmp(term, "dumb") != 0;
}

/* $COLUMNS, which watch(1) and others set for those whose output is no
 * terminal; 0: it is not told. */
static int told_width(void)
{
	const char *text = getenv("COLUMNS");
	long n = text ? strtol(text, NULL, 10) : 0;

	return n > 0 && n <= WIDTH_MAX ? (int)n : 0;
}

void out_size(struct out *o)
{
	struct winsize size = { 0 };
	int told = told_width();

	/* 0, no limit, where the terminal does not know its size. */
	if (!o->terminal || ioctl(fileno(o->file), TIOCGWINSZ, &size))
		size = (struct winsize){ 0 };
	o->width = told ? told : size.ws_col;
	o->height = size.ws_row;
}

void out_init(struct out *o, FILE *file, bool no_colour)
{
	int fd = fileno(file);

	*o = (struct out){ .file = file };
	o->terminal = fd >= 0 && isatty(fd);
	o->colour = o->terminal && !no_colour && likes_colour();
	o->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	out_size(o);
}

void out_text(struct out *o, enum out_colour colour, const char *text)
{
	bool paint = o->colour && colour != OUT_PLAIN && text[0];
	char *clean = text_dup(text);

	clean_line(clean);
	if (paint)
		fputs(escapes[colour], o->file);
	fputs(clean, o->file);
	if (paint)
		fputs("\033[0m", o->file);
	free(clean);
}

void out_blanks(struct out *o, size_t n)
{
	while (n--)
		putc(' ', o->file);
}

void out_end(struct out *o)
{
	putc('\n', o->file);
	o->lines++;
}

void out_line(struct out *o, const char *fmt, ...)
{
	char *line = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&line, fmt, ap) < 0)
		abort(); /* out of memory, as text.h has it */
	va_end(ap);
	out_text(o, OUT_PLAIN, line);
	out_end(o);
	free(line);
}

void out_copy(struct out *o, const char *made, size_t lines)
{
	fputs(made, o->file);
	o->lines += lines;
}

void out_json(struct out *o, const char *text, size_t len)
{
	while (len && text[len - 1] == '\n')
		len--;
	clean_json(o->file, text, len);
	putc('\n', o->file);
}

void out_bytes(struct out *o, const char *text, size_t len)
{
	if (o->terminal)
		clean_json(o->file, text, len);
	else
		fwrite(text, 1, len, o->file);
}

bool out_flush(struct out *o, struct fault *f)
{
	bool before = ferror(o->file);

	errno = 0;
	if (!fflush(o->file) && !before)
		return true;
	return fault_set(f, FAULT_LOCAL, errno,
			 "The output could not be written: %s.",
			 errno ? strerror(errno) : "an earlier write failed");
}

size_t out_columns(const char *text)
{
	size_t n = 0;

	/* Continuation bytes (10xxxxxx) start no character. */
	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

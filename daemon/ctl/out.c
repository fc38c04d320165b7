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

/* 0, no limit, where the terminal does not know its width. */
static int terminal_width(int fd)
{
	struct winsize size = { 0 };

	if (ioctl(fd, TIOCGWINSZ, &size))
		return 0;
	return size.ws_col;
}

void out_init(struct out *o, FILE *file, bool no_colour)
{
	int fd = fileno(file);

	*o = (struct out){ .file = file };
	o->terminal = fd >= 0 && isatty(fd);
	o->colour = o->terminal && !no_colour && likes_colour();
	o->utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	o->width = o->terminal ? terminal_width(fd) : 0;
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

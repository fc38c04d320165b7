/* Escapes what goes into a page, and hands it on in large pieces. */
#include "ctl/report_markup.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/clean.h"

#define PIECE 65536
#define FORM_MAX 1024

void report_markup_init(struct report_markup *m, report_markup_sink *sink,
			void *arg, struct fault *f)
{
	*m = (struct report_markup){ .sink = sink, .arg = arg, .fault = f };
	buf_init(&m->text, 2 * (size_t)PIECE);
}

static void hand_on(struct report_markup *m)
{
	if (!m->failed && m->text.len)
		m->failed =
			!m->sink(m->text.data, m->text.len, m->arg, m->fault);
	buf_reset(&m->text);
}

static void add(struct report_markup *m, const char *s, size_t len)
{
	size_t n;

	for (; len; s += n, len -= n) {
		n = len < PIECE ? len : PIECE;
		buf_add(&m->text, s, n);
		if (m->text.len >= PIECE)
			hand_on(m);
	}
}

bool report_markup_end(struct report_markup *m)
{
	hand_on(m);
	buf_free(&m->text);
	return !m->failed;
}

void report_markup_raw(struct report_markup *m, const char *html)
{
	if (html)
		add(m, html, strlen(html));
}

void report_markup_form(struct report_markup *m, const char *fmt, ...)
{
	char text[FORM_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add(m, text, strlen(text));
}

static const char *entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void report_markup_text(struct report_markup *m, const char *text)
{
	char *clean = text_dup(text ? text : "");
	const char *s = clean;
	size_t n;

	clean_line(clean);
	while (*s) {
		n = strcspn(s, "&<>\"'");
		add(m, s, n);
		s += n;
		if (*s)
			report_markup_raw(m, entity(*s++));
	}
	free(clean);
}

void report_markup_element(struct report_markup *m, const char *open,
			   const char *text)
{
	report_markup_form(m, "<%s>", open);
	report_markup_text(m, text);
	report_markup_form(m, "</%.*s>", (int)strcspn(open, " "), open);
}

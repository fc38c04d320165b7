/*
 * report_markup: HTML on its way out.  Whatever is not a literal of these
 * files passes markup_text, so that foreign text stays text.
 *
 * A struct report_markup is its owner's; report_markup_end hands out what is
 * left and says whether all of it went.
 */
#ifndef KEYROTD_CTL_REPORT_MARKUP_H
#define KEYROTD_CTL_REPORT_MARKUP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/fault.h"

/* Takes the next bytes; false with *f. */
typedef bool report_markup_sink(const char *data, size_t len, void *arg,
				struct fault *f);

struct report_markup {
	report_markup_sink *sink;
	void *arg;
	struct buf text;
	struct fault *fault;
	bool failed;
};

void report_markup_init(struct report_markup *m, report_markup_sink *sink,
			void *arg, struct fault *f);
bool report_markup_end(struct report_markup *m);

/* A literal, as it is. */
void report_markup_raw(struct report_markup *m, const char *html);
/* A literal with numbers and literals in it. */
void report_markup_form(struct report_markup *m, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Any text: cleaned as for a terminal, and escaped. */
void report_markup_text(struct report_markup *m, const char *text);
/* <tag ...>text</tag>; open is the tag with its attributes. */
void report_markup_element(struct report_markup *m, const char *open,
			   const char *text);

#endif

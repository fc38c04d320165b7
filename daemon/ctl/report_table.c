/* The tables of a report's page: heads and cells. */
#include "ctl/report_table.h"

#include "ctl/report_words.h"

/* px on a screen, of what is usual. */
#define ROW_HEIGHT 30
#define LINE_HEIGHT 20
#define HEAD_HEIGHT 110

void report_table_part(struct report_markup *m, size_t rows, bool lines)
{
	report_markup_form(
		m,
		"<section class=\"part\" style=\"contain-intrinsic-size:auto "
		"%zupx\">",
		HEAD_HEIGHT + rows * (lines ? LINE_HEIGHT : ROW_HEIGHT));
}

void report_table_row(struct report_markup *m, size_t at, size_t n,
		      const char *caption, const char *const *heads)
{
	size_t left = n - at;

	if (at % REPORT_TABLE_PART == 0) {
		if (at)
			report_table_end(m);
		report_table_part(
			m, left < REPORT_TABLE_PART ? left : REPORT_TABLE_PART,
			false);
		report_table_open(m, "table", caption, heads);
	}
	report_markup_raw(m, "<tr>");
}

void report_table_end(struct report_markup *m)
{
	report_table_close(m);
	report_markup_raw(m, "</section>\n");
}

void report_table_time(struct report_markup *m, int64_t ms)
{
	char text[REPORT_WORDS_MAX];

	report_words_time(text, ms);
	report_markup_element(m, "td class=\"t\"", text[0] ? text : "not told");
}

void report_table_number(struct report_markup *m, unsigned n)
{
	report_markup_form(m, "<td class=\"n\">%u</td>", n);
}

void report_table_version(struct report_markup *m, const struct history *h,
			  uint32_t version)
{
	char text[REPORT_WORDS_MAX];

	report_words_version(text, h, version);
	report_markup_raw(m, "<td>");
	report_markup_element(m, "code", text[0] ? text : "not told");
	report_markup_raw(m, "</td>");
}

void report_table_open(struct report_markup *m, const char *open,
		       const char *caption, const char *const *heads)
{
	report_markup_form(m, "<div class=\"scroll\"><%s>\n", open);
	report_markup_element(m, "caption", caption);
	report_markup_raw(m, "<thead><tr>");
	for (; *heads; heads++)
		if (**heads == '#')
			report_markup_element(m, "th scope=\"col\" class=\"n\"",
					      *heads + 1);
		else
			report_markup_element(m, "th scope=\"col\"", *heads);
	report_markup_raw(m, "</tr></thead>\n<tbody>\n");
}

void report_table_close(struct report_markup *m)
{
	report_markup_raw(m, "</tbody></table></div>\n");
}

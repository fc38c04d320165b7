/* The tables of a report's page: heads and cells. */
#include "ctl/report_table.h"

#include "ctl/report_words.h"

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

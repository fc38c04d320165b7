/* The registries of a report's page: rows, or lines where there are many. */
#include "ctl/report_registries.h"

#include <stdio.h>
#include <string.h>

#include "ctl/report_chart.h"
#include "ctl/report_table.h"
#include "ctl/report_words.h"

#define ROWS_MAX 4000  /* more moves are lines */
#define TABLE_ROWS 200 /* a browser lays out what is near only */
/* Their heights on a screen, so that it knows how long the page is. */
#define ROW_HEIGHT 30
#define LINE_HEIGHT 20
#define HEAD_HEIGHT 110

static bool is_many(const struct history *h)
{
	return h->n_moves + h->n_registries > ROWS_MAX;
}

/* ---- a row for each move ---- */

static void put_move(struct report_markup *m, const struct history *h,
		     const struct history_move *x)
{
	char text[REPORT_WORDS_MAX];

	report_table_version(m, h, x->version);
	report_table_time(m, x->effective);
	report_table_time(m, x->verified);
	report_words_minutes(text, history_took(x));
	report_markup_element(m, "td class=\"n\"", text);
	report_words_used(text, x);
	report_markup_raw(m, history_is_late(x) ? "<td class=\"n late\">"
						: "<td class=\"n\">");
	report_markup_form(m, "%s%s</td>", text,
			   history_is_late(x) ? " late" : "");
}

/* The row's first cells, which its moves stand beside. */
static void put_name(struct report_markup *m, const struct history *h,
		     const struct history_registry *r, const char *over,
		     bool brief)
{
	report_markup_form(m, "<tr><th scope=\"row\"%s>", over);
	report_markup_text(m, r->label);
	if (!r->watched)
		report_markup_raw(m, " (not watched any more)");
	report_markup_form(m, "</th><td%s>", over);
	report_chart_moves(m, h, r, brief);
	report_markup_raw(m, "</td>");
}

static void put_registry(struct report_markup *m, const struct history *h,
			 const struct history_registry *r)
{
	char over[32];

	snprintf(over, sizeof(over), " rowspan=\"%u\"",
		 r->moves ? r->moves : 1);
	put_name(m, h, r, over, false);
	if (r->first == HISTORY_NONE) {
		report_table_version(m, h, r->in_use);
		report_markup_raw(m, "<td colspan=\"4\">not moved</td>");
	}
	for (uint32_t i = r->first; i != HISTORY_NONE; i = h->moves[i].next) {
		if (i != r->first)
			report_markup_raw(m, "<tr>");
		put_move(m, h, &h->moves[i]);
		report_markup_raw(m, "</tr>\n");
	}
	if (r->first == HISTORY_NONE)
		report_markup_raw(m, "</tr>\n");
}

/* ---- a line for each move ---- */

/* The same, and the day of its end only where it is another one. */
static void put_line(struct report_markup *m, const struct history *h,
		     const struct history_move *x)
{
	char version[REPORT_WORDS_MAX], text[REPORT_WORDS_MAX];
	char from[REPORT_WORDS_MAX], to[REPORT_WORDS_MAX];
	bool late = history_is_late(x);

	report_markup_raw(m, late ? "<b class=\"late\">" : "");
	report_words_version(version, h, x->version);
	report_markup_text(m, version[0] ? version : "not told");
	report_words_minutes(text, history_took(x));
	report_markup_form(m, "\t%.32s", text);
	report_words_used(text, x);
	report_markup_form(m, "\t%.32s%s", text, late ? " late" : "");
	report_words_time(from, x->effective);
	report_words_time(to, x->verified);
	report_markup_form(m, "\t%.32s to %.32s", from[0] ? from : "not told",
			   !strncmp(from, to, sizeof("2026-01-02"))
				   ? to + sizeof("2026-01-02")
				   : to);
	report_markup_raw(m, late ? "</b>\n" : "\n");
}

static void put_lines(struct report_markup *m, const struct history *h,
		      const struct history_registry *r)
{
	char version[REPORT_WORDS_MAX];

	put_name(m, h, r, "", true);
	report_markup_raw(m, "<td>");
	for (uint32_t i = r->first; i != HISTORY_NONE; i = h->moves[i].next)
		put_line(m, h, &h->moves[i]);
	if (r->first == HISTORY_NONE) {
		report_words_version(version, h, r->in_use);
		report_markup_text(m, version[0] ? version : "not told");
		report_markup_raw(m, "\tnot moved\n");
	}
	report_markup_raw(m, "</td></tr>\n");
}

/* ---- tables ---- */

/* How many moves, or registries without any, there are from `from` to `to`. */
static size_t count(const struct history *h, size_t from, size_t to)
{
	size_t n = 0;

	for (; from < to; from++)
		n += h->sorted[from]->moves ? h->sorted[from]->moves : 1;
	return n;
}

static void put_part(struct report_markup *m, const struct history *h,
		     size_t from, size_t to)
{
	static const char *const heads[] = { "Registry",  "Against the window",
					     "Version",	  "Effective",
					     "Verified",  "Took",
					     "Of window", NULL };
	static const char *const brief[] = {
		"Registry", "Against the window",
		"Version, took, of window, effective to verified", NULL
	};
	uint32_t key = h->sorted[from]->key;
	bool many = is_many(h);
	char text[128];

	report_markup_form(
		m,
		"<section class=\"part\" style=\"contain-intrinsic-size:auto "
		"%zupx\">",
		HEAD_HEIGHT +
			count(h, from, to) * (many ? LINE_HEIGHT : ROW_HEIGHT));
	report_markup_element(m, "h3",
			      key == HISTORY_NONE ? "Of no known key"
						  : h->keys[key].id);
	snprintf(text, sizeof(text),
		 "%zu %s. Bars run from effective to verified; the line is "
		 "the end of the window.",
		 to - from, to - from == 1 ? "registry" : "registries");
	report_table_open(m, many ? "table class=\"lines\"" : "table", text,
			  many ? brief : heads);
	for (size_t i = from; i < to; i++)
		if (many)
			put_lines(m, h, h->sorted[i]);
		else
			put_registry(m, h, h->sorted[i]);
	report_table_close(m);
	report_markup_raw(m, "</section>\n");
}

void report_registries_put(struct report_markup *m, const struct history *h)
{
	size_t to;

	report_markup_raw(m, "<h2>Registries</h2>\n");
	if (h->n_registries == 0)
		report_markup_element(m, "p",
				      "No registry is in these records.");
	for (size_t from = 0; from < h->n_registries; from = to) {
		for (to = from + 1;
		     to < h->n_registries && to - from < TABLE_ROWS &&
		     h->sorted[to]->key == h->sorted[from]->key;
		     to++)
			;
		put_part(m, h, from, to);
	}
}

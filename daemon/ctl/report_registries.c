/* The registries of a report's page: rows, or lines where there are many. */
#include "ctl/report_registries.h"

#include <stdio.h>
#include <string.h>

#include "ctl/history_move.h"
#include "ctl/report_chart.h"
#include "ctl/report_table.h"
#include "ctl/report_words.h"

static bool is_many(const struct history *h)
{
	return h->n_moves + h->n_registries > REPORT_TABLE_ROWS_MAX;
}

/* ---- a row for each move ---- */

static void put_move(struct report_markup *m, const struct history *h,
		     const struct history_move *x)
{
	char text[REPORT_WORDS_MAX];

	report_table_version(m, h, x->version);
	report_table_time(m, x->effective);
	report_table_time(m, x->verified);
	report_words_minutes(text, history_move_took(x));
	report_markup_element(m, "td class=\"n\"", text);
	report_words_used(text, x);
	report_markup_raw(m, history_move_is_late(x) ? "<td class=\"n late\">"
						     : "<td class=\"n\">");
	report_markup_form(m, "%s%s</td>", text,
			   history_move_is_late(x) ? " late" : "");
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

/* The same in fewer bytes, of which there are many: minutes as the heading
 * calls them, and the day of its end only where it is another one. */
static void put_line(struct report_markup *m, const struct history *h,
		     const struct history_move *x)
{
	char version[REPORT_WORDS_MAX], text[REPORT_WORDS_MAX];
	char from[REPORT_WORDS_MAX], to[REPORT_WORDS_MAX];
	bool late = history_move_is_late(x);

	report_markup_raw(m, late ? "<b class=\"late\">" : "");
	report_words_version(version, h, x->version);
	report_markup_text(m, version[0] ? version : "not told");
	report_words_minutes(text, history_move_took(x));
	report_markup_form(m, "\t%.*s", (int)strcspn(text, " "), text);
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

static const char *key_str(const struct history *h, size_t i)
{
	uint32_t key = h->sorted[i]->key;

	return key == HISTORY_NONE ? "Of no known key" : h->keys[key].id;
}

/* Behind the last registry of the key of this one. */
static size_t end_of_key(const struct history *h, size_t from)
{
	size_t to = from + 1;

	while (to < h->n_registries &&
	       h->sorted[to]->key == h->sorted[from]->key)
		to++;
	return to;
}

/* A part has some of one key, or all of several that have few each. */
static size_t end_of_part(const struct history *h, size_t from)
{
	size_t to = end_of_key(h, from), next;

	if (to - from > REPORT_TABLE_PART)
		return from + REPORT_TABLE_PART;
	while (is_many(h) && to < h->n_registries) {
		next = end_of_key(h, to);
		if (next - from > REPORT_TABLE_PART)
			break;
		to = next;
	}
	return to;
}

static void put_head(struct report_markup *m, const struct history *h,
		     size_t from, size_t to, bool mixed)
{
	report_markup_raw(m, "<h3>");
	report_markup_text(m, key_str(h, from));
	if (mixed) {
		report_markup_raw(m, " to ");
		report_markup_text(m, key_str(h, to - 1));
	}
	report_markup_raw(m, "</h3>\n");
}

/* The rows of one key are a group. */
static void put_key(struct report_markup *m, const struct history *h, size_t i,
		    bool first)
{
	report_markup_form(m, "%s<tr><th scope=\"rowgroup\" colspan=\"3\">",
			   first ? "" : "</tbody><tbody>");
	report_markup_text(m, key_str(h, i));
	report_markup_raw(m, "</th></tr>\n");
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
		"Version, minutes it took, of window, effective to verified",
		NULL
	};
	bool mixed = h->sorted[from]->key != h->sorted[to - 1]->key;
	bool many = is_many(h);
	char text[128];

	report_table_part(m, count(h, from, to), many);
	put_head(m, h, from, to, mixed);
	snprintf(text, sizeof(text),
		 "%zu %s. Bars run from effective to verified; the line is "
		 "the end of the window.",
		 to - from, to - from == 1 ? "registry" : "registries");
	report_table_open(m, many ? "table class=\"lines\"" : "table", text,
			  many ? brief : heads);
	for (size_t i = from; i < to; i++) {
		if (mixed &&
		    (i == from || h->sorted[i]->key != h->sorted[i - 1]->key))
			put_key(m, h, i, i == from);
		if (many)
			put_lines(m, h, h->sorted[i]);
		else
			put_registry(m, h, h->sorted[i]);
	}
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
		to = end_of_part(h, from);
		put_part(m, h, from, to);
	}
}

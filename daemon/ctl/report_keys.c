/* The keys of a report's page: rows, or lines where there are many. */
#include "ctl/report_keys.h"

#include <stdio.h>

#include "base/text.h"
#include "ctl/report_table.h"
#include "ctl/report_words.h"

#define KEY_WORDS_MAX 192

/* How many of its registries are left, and how often it was rotated. */
static void key_words(char *dst, const struct history *h, uint32_t k)
{
	char rotated[REPORT_WORDS_MAX];

	report_words_rotated(rotated, h, k);
	snprintf(dst, KEY_WORDS_MAX, "%u %s at the end. %.96s",
		 h->keys[k].users,
		 h->keys[k].users == 1 ? "registry" : "registries", rotated);
}

/* ---- a row for each version ---- */

static void put_version(struct report_markup *m, const struct history *h,
			const struct history_version *v)
{
	char text[REPORT_WORDS_MAX];

	report_markup_raw(m, "<tr><th scope=\"row\">");
	report_markup_element(m, "code", v->name);
	report_markup_raw(m, "</th>");
	report_table_time(m, v->effective);
	report_table_time(m, v->seen);
	report_table_number(m, v->adopted);
	report_table_number(m, v->late);
	report_table_number(m, v->missed);
	report_table_number(m, v->users);
	report_words_advice(text, h, (uint32_t)(v - h->versions));
	report_markup_element(m, "td class=\"w\"", text);
	report_markup_raw(m, "</tr>\n");
}

/* at: its first version in their order; the next key's is returned. */
static size_t put_key(struct report_markup *m, const struct history *h,
		      uint32_t k, size_t at)
{
	static const char *const heads[] = {
		"Version", "Effective", "Seen",	      "#Adopted", "#Late",
		"#Missed", "#On it",	"Retirement", NULL
	};
	char text[KEY_WORDS_MAX];

	report_markup_raw(m, "<section class=\"key\">");
	report_markup_element(m, "h3", h->keys[k].id);
	key_words(text, h, k);
	report_table_open(m, "table", text, heads);
	for (; at < h->n_versions && h->in_order[at]->key == k; at++)
		put_version(m, h, h->in_order[at]);
	report_table_close(m);
	report_markup_raw(m, "</section>\n");
	return at;
}

/* ---- a line for each version ---- */

static void put_line(struct report_markup *m, const struct history *h,
		     const struct history_version *v)
{
	enum history_advice advice =
		history_advice(h, (uint32_t)(v - h->versions));
	char from[REPORT_WORDS_MAX], seen[REPORT_WORDS_MAX];
	char left[REPORT_WORDS_MAX];

	report_words_time(from, v->effective);
	report_words_time(seen, v->seen);
	report_words_time(left, advice == HISTORY_CLEAR ? v->left : -1);
	report_markup_text(m, v->name);
	report_markup_form(m, "\t%.32s\t%.32s\t%u, %u, %u, %u\t%s%s%.32s\n",
			   from[0] ? from : "not told",
			   seen[0] ? seen : "not told", v->adopted, v->late,
			   v->missed, v->users, history_advice_str(advice),
			   left[0] ? " since " : "", left);
}

static size_t put_lines(struct report_markup *m, const struct history *h,
			uint32_t k, size_t at)
{
	char text[KEY_WORDS_MAX];

	report_markup_raw(m, "<tr><th scope=\"row\">");
	report_markup_text(m, h->keys[k].id);
	report_markup_raw(m, "</th><td>");
	key_words(text, h, k);
	report_markup_text(m, text);
	report_markup_raw(m, "\n");
	for (; at < h->n_versions && h->in_order[at]->key == k; at++)
		put_line(m, h, h->in_order[at]);
	report_markup_raw(m, "</td></tr>\n");
	return at;
}

static size_t put_part(struct report_markup *m, const struct history *h,
		       uint32_t from, uint32_t to, size_t at)
{
	static const char *const heads[] = {
		"Key",
		"Version, effective, seen, registries (adopted, late, missed, "
		"on it), retirement",
		NULL
	};
	size_t end = at;
	char text[64];

	while (end < h->n_versions && h->in_order[end]->key < to)
		end++;
	report_table_part(m, end - at + to - from, true);
	snprintf(text, sizeof(text), "Keys %u to %u", from + 1, to);
	report_markup_element(m, "h3", text);
	report_table_open(m, "table class=\"lines keys\"",
			  "A version is clear when no watched registry is on "
			  "it; ask keyrotctl versions before it is disabled. "
			  "Where it is in use or not known, keep it.",
			  heads);
	for (uint32_t k = from; k < to; k++)
		at = put_lines(m, h, k, at);
	report_table_close(m);
	report_markup_raw(m, "</section>\n");
	return at;
}

void report_keys_put(struct report_markup *m, const struct history *h)
{
	bool many = h->n_versions + h->n_keys > REPORT_TABLE_ROWS_MAX;
	uint32_t n = (uint32_t)h->n_keys, to;
	size_t at = 0;

	report_markup_raw(m, "<h2>Keys and versions</h2>\n");
	if (n == 0)
		report_markup_element(m, "p", "No key is in these records.");
	for (uint32_t k = 0; k < n; k = to) {
		to = k + 1;
		if (many)
			to = n - k > REPORT_TABLE_PART ? k + REPORT_TABLE_PART
						       : n;
		at = many ? put_part(m, h, k, to, at) : put_key(m, h, k, at);
	}
}

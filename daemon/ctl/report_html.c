/* The page of a report: what it says, in which order, and how it looks. */
#include "ctl/report_html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/history_span.h"
#include "ctl/report_chart.h"
#include "ctl/report_keys.h"
#include "ctl/report_registries.h"
#include "ctl/report_style.h"
#include "ctl/report_table.h"
#include "ctl/report_words.h"

static void paragraph(struct report_markup *m, const char *text)
{
	if (text[0])
		report_markup_element(m, "p", text);
	report_markup_raw(m, "\n");
}

/* ---- the parts ---- */

static void put_chain(struct report_markup *m, const struct audit_verify *v)
{
	const struct chain_check *c = &v->check;
	char from[REPORT_WORDS_MAX], to[REPORT_WORDS_MAX], text[64];
	char late[FAULT_TEXT_MAX];

	if (audit_verify_is_whole(v))
		report_markup_raw(m, "<p><strong class=\"good\">The chain of "
				     "records is whole.</strong> ");
	else
		report_markup_raw(m, "<p><strong class=\"late\">The chain of "
				     "records is broken.</strong> This report "
				     "is made of what stands before that. ");
	report_words_time(from, c->records ? c->first_time : -1);
	report_words_time(to, c->records ? c->last_time : -1);
	report_markup_form(m, "%llu records, from %s to %s.</p>\n",
			   (unsigned long long)c->records, from, to);
	if (!audit_verify_is_whole(v)) {
		report_markup_raw(m, "<p>");
		report_markup_text(m, c->file);
		report_markup_form(m, ", line %llu, record %llu: ",
				   (unsigned long long)c->line,
				   (unsigned long long)c->seq);
		report_markup_text(m, c->fault.text);
		report_markup_raw(m, ".</p>\n");
	}
	if (c->records) {
		snprintf(text, sizeof(text),
			 "%llu:", (unsigned long long)c->last.seq);
		report_markup_raw(m, "<p>Last record: <code>");
		report_markup_text(m, text);
		report_markup_text(m, c->last.hash);
		report_markup_raw(m, "</code></p>\n");
	}
	if (!c->signatures)
		paragraph(m, "No signature is in it.");
	else
		paragraph(m, c->key ? "Its signatures were checked and are "
				      "right."
				    : "Its signatures were not checked: no "
				      "public key was given.");
	if (audit_verify_late(v, late, sizeof(late)))
		report_markup_element(m, "p class=\"late\"", late);
	if (audit_verify_no_head(v))
		report_markup_element(m, "p class=\"late\"",
				      AUDIT_VERIFY_NO_HEAD);
}

static void put_evidence(struct report_markup *m, const struct report *r)
{
	char text[REPORT_WORDS_MAX];
	const char *limit;

	report_markup_raw(m, "<h2>Evidence</h2>\n");
	for (unsigned i = 0; i < r->n; i++) {
		const char *host = r->history.sources[i].host;

		if (r->n > 1) {
			report_markup_form(m, "<h3>Daemon %u</h3>\n<p>", i + 1);
			report_markup_text(m, r->verify[i].files.path);
			report_markup_text(m, *host ? ", on " : "");
			report_markup_text(m, host);
			report_markup_raw(m, "</p>\n");
		}
		put_chain(m, &r->verify[i]);
	}
	for (unsigned i = 0; (limit = report_words_limit(text, &r->history, i));
	     i++)
		paragraph(m, limit);
}

static void put_summary(struct report_markup *m, const struct history *h)
{
	char text[REPORT_WORDS_MAX];

	report_markup_raw(m, "<h2>At a glance</h2>\n");
	report_words_moves(text, h);
	report_markup_element(m, h->n_late ? "p class=\"late\"" : "p", text);
	report_words_missed(text, h);
	if (text[0])
		report_markup_element(m, "p class=\"late\"", text);
	report_words_spans(text, h);
	paragraph(m, text);
	report_words_gaps(text, h);
	paragraph(m, text);
	report_chart_watcher(m, h);
}

static void put_times(struct report_markup *m, const struct history *h)
{
	static const char *const heads[] = { "Effective to verified", "#Moves",
					     NULL };
	size_t bins[REPORT_CHART_BINS];

	report_markup_raw(m, "<h2>Adoption times</h2>\n");
	if (h->n_timed == 0) {
		paragraph(m, "No move has a time and a window.");
		return;
	}
	report_chart_histogram(m, h);
	report_chart_count(h, bins);
	report_table_open(m, "table class=\"few\"",
			  "Moves by the time that they took", heads);
	for (unsigned i = 0; i < REPORT_CHART_BINS; i++) {
		report_markup_raw(m, "<tr>");
		report_markup_element(m, "th scope=\"row\"",
				      report_chart_bin_str(i));
		report_markup_form(m, "<td class=\"n\">%zu</td></tr>\n",
				   bins[i]);
	}
	report_table_close(m);
}

static void put_fault(struct report_markup *m, const char *name,
		      const struct history_fault *f)
{
	report_markup_element(m, "th scope=\"row\"", name);
	report_table_time(m, f->since);
	report_table_number(m, f->times);
	report_markup_element(m, "td", f->event);
	report_markup_element(m, "td class=\"w\"", f->text);
	report_markup_raw(m, "</tr>\n");
}

static void put_due(struct report_markup *m, const struct history *h,
		    const struct history_registry *r)
{
	char text[REPORT_WORDS_MAX];

	report_words_due(text, h, r);
	report_markup_element(m, "th scope=\"row\"", r->label);
	report_table_time(m, h->versions[h->keys[r->key].newest].effective);
	report_markup_raw(m, "<td class=\"n\">0</td><td>due</td>");
	report_markup_element(m, "td", text);
	report_markup_raw(m, "</tr>\n");
}

static bool is_open(const struct history *h, const struct history_registry *r)
{
	return r->fault.text || history_due(h, r) >= 0;
}

static void put_open(struct report_markup *m, const struct history *h)
{
	static const char *const heads[] = { "Of",    "Since", "#Times told",
					     "Event", "Text",  NULL };
	static const char caption[] = "Told, and not seen to be mended";
	size_t n = 0, at = 0;

	report_markup_raw(m, "<h2>Open at the end</h2>\n");
	for (uint32_t k = 0; k < h->n_keys; k++)
		n += h->keys[k].fault.text != NULL;
	for (size_t i = 0; i < h->n_registries; i++)
		n += is_open(h, h->sorted[i]);
	if (n == 0) {
		paragraph(m, "Nothing that was told is open.");
		return;
	}
	for (uint32_t k = 0; k < h->n_keys; k++) {
		if (!h->keys[k].fault.text)
			continue;
		report_table_row(m, at++, n, caption, heads);
		put_fault(m, h->keys[k].id, &h->keys[k].fault);
	}
	for (size_t i = 0; i < h->n_registries; i++) {
		if (!is_open(h, h->sorted[i]))
			continue;
		report_table_row(m, at++, n, caption, heads);
		if (h->sorted[i]->fault.text)
			put_fault(m, h->sorted[i]->label, &h->sorted[i]->fault);
		else
			put_due(m, h, h->sorted[i]);
	}
	report_table_end(m);
}

static void put_gaps(struct report_markup *m, const struct history *h)
{
	static const char *const heads[] = { "From", "To", "At most", "Why",
					     NULL };
	char from[REPORT_WORDS_MAX], span[64];

	report_markup_raw(m, "<h2>When nobody watched</h2>\n");
	report_words_gaps(from, h);
	paragraph(m, from);
	if (h->n_gaps == 0)
		return;
	for (size_t i = 0; i < h->n_gaps; i++) {
		const struct history_gap *g = &h->gaps[i];

		report_table_row(m, i, h->n_gaps,
				 "Between an end and the next start", heads);
		report_words_time(from, g->from);
		report_markup_element(m, "th scope=\"row\"", from);
		report_table_time(m, g->to);
		text_duration(span, sizeof(span), g->to - g->from);
		report_markup_element(m, "td", span);
		report_markup_element(m, "td", report_words_gap(g));
		report_markup_raw(m, "</tr>\n");
	}
	report_table_end(m);
}

/* Where nobody had to, nothing is said of it. */
static void put_turns(struct report_markup *m, const struct history *h)
{
	static const char *const heads[] = { "Since", "#Daemon", "Is", "Text",
					     NULL };
	char since[REPORT_WORDS_MAX];

	if (h->n_turns == 0)
		return;
	report_markup_raw(m, "<h2>Who led</h2>\n");
	for (size_t i = 0; i < h->n_turns; i++) {
		const struct history_turn *x = &h->turns[i];

		report_table_row(m, i, h->n_turns, "Leaders, and who observed",
				 heads);
		report_words_time(since, x->time);
		report_markup_element(m, "th scope=\"row\"", since);
		report_markup_form(m, "<td>%u</td>", x->source + 1u);
		report_markup_element(m, "td", x->role);
		report_markup_element(m, "td", x->text);
		report_markup_raw(m, "</tr>\n");
	}
	report_table_end(m);
}

static void put_head(struct report_markup *m, const struct history *h)
{
	char from[REPORT_WORDS_MAX], to[REPORT_WORDS_MAX];

	report_words_time(from, history_span_begin(h));
	report_words_time(to, history_span_until(h));
	report_markup_raw(
		m, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
		   "<meta charset=\"utf-8\">\n"
		   "<meta name=\"viewport\" content=\"width=device-width, "
		   "initial-scale=1\">\n"
		   "<meta http-equiv=\"Content-Security-Policy\" "
		   "content=\"default-src 'none'; style-src "
		   "'unsafe-inline'\">\n");
	if (!history_span_reaches(h))
		report_markup_raw(m, "<title>Key rotation</title>\n");
	else
		report_markup_form(
			m, "<title>Key rotation, %.10s to %.10s</title>\n",
			from, to);
	report_markup_raw(m, "<style>");
	report_markup_raw(m, report_style);
	report_markup_raw(m, "</style>\n</head>\n<body>\n<main>\n"
			     "<h1>Key rotation</h1>\n");
	if (history_span_is_empty(h))
		paragraph(m, "There is no record of that time.");
	if (history_span_reaches(h))
		report_markup_form(m,
				   "<p class=\"dim\">From %s to %s, in UTC. "
				   "Made by keyrotctl %s.</p>\n",
				   from, to, KEYROTD_VERSION);
}

bool report_html_put(const struct report *r, report_markup_sink *sink,
		     void *arg, struct fault *f)
{
	const struct history *h = &r->history;
	struct report_markup m;

	report_markup_init(&m, sink, arg, f);
	put_head(&m, h);
	put_evidence(&m, r);
	if (history_span_reaches(h)) {
		put_summary(&m, h);
		put_times(&m, h);
	}
	if (h->last >= 0) {
		put_open(&m, h);
		report_keys_put(&m, h);
		report_registries_put(&m, h);
	}
	if (history_span_reaches(h)) {
		put_turns(&m, h);
		put_gaps(&m, h);
	}
	report_markup_raw(&m, "</main>\n</body>\n</html>\n");
	return report_markup_end(&m);
}

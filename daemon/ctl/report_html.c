/* The page of a report: what it says, in which order, and how it looks. */
#include "ctl/report_html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/report_chart.h"
#include "ctl/report_words.h"

#define KEY_WORDS_MAX 192
#define TABLE_ROWS 200 /* a browser lays out what is near only */

/* The colours hold 4.5 to 1 on their ground, in both schemes. */
static const char style[] =
	":root{color-scheme:light dark;--ground:#fff;--text:#1b1f24;"
	"--dim:#57606a;--line:#d0d7de;--soft:#f6f8fa;--good:#1a7f37;"
	"--late:#cf222e;--warn:#9a6700;--bar:#2da44e}"
	"@media screen and (prefers-color-scheme:dark){:root{--ground:#0d1117;"
	"--text:#e6edf3;--dim:#9198a1;--line:#3d444d;--soft:#161b22;"
	"--good:#3fb950;--late:#ff7b72;--warn:#d29922;--bar:#2ea043}}"
	"*{box-sizing:border-box}"
	"body{margin:0;background:var(--ground);color:var(--text);"
	"font:15px/1.5 system-ui,sans-serif}"
	"main{max-width:76rem;margin:0 auto;padding:1.5rem}"
	"h1{font-size:1.7rem;margin:0 0 .25rem}"
	"h2{font-size:1.25rem;margin:2rem 0 .5rem;padding-top:.75rem;"
	"border-top:1px solid var(--line)}"
	"h3{font-size:1rem;margin:1.25rem 0 .25rem}"
	"p{margin:.4rem 0;max-width:60rem}"
	".dim{color:var(--dim)}.good{color:var(--good)}.late{color:var(--late)}"
	".warn{color:var(--warn)}"
	".scroll{overflow-x:auto}"
	"table{border-collapse:collapse;width:100%;margin:.5rem 0;"
	"font-variant-numeric:tabular-nums;font-size:.875rem}"
	"caption{text-align:left;color:var(--dim);padding:.25rem 0}"
	"th,td{text-align:left;vertical-align:top;padding:.25rem .6rem;"
	"border-bottom:1px solid var(--line)}"
	"thead th{background:var(--soft);white-space:nowrap}"
	"tbody th{font-weight:600;overflow-wrap:anywhere}"
	"th.n,td.n{text-align:right}td.t,td.n{white-space:nowrap}"
	"code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}"
	"td code{white-space:nowrap}th code{display:block;min-width:11em}"
	"td.w{min-width:14rem}.few{width:auto}"
	".part{content-visibility:auto;contain-intrinsic-size:auto 8000px}"
	"svg{display:block}.moves{width:210px}.chart{width:100%;max-width:46rem;height:auto}"
	"svg text{fill:var(--text);font-size:11px;text-anchor:middle}"
	"svg .left{text-anchor:start}svg .right{text-anchor:end}"
	"svg .good{fill:var(--bar)}"
	"svg .late{fill:var(--late)}svg .gap{fill:var(--ground);"
	"stroke:var(--late)}"
	"svg .end,svg .axis,svg .tick{stroke:var(--text);fill:none}"
	"@media print{@page{margin:15mm}body{font-size:10pt}"
	"main{max-width:none;padding:0}.scroll{overflow:visible}"
	".part{content-visibility:visible}thead{display:table-header-group}"
	"tr,svg,h2,h3{break-inside:avoid}h2,h3,caption{break-after:avoid}"
	"svg,th{print-color-adjust:exact;-webkit-print-color-adjust:exact}"
	".moves{width:110px}"
	"table{font-size:8pt}th,td{padding:.15rem .35rem}}";

static void paragraph(struct report_markup *m, const char *text)
{
	if (text[0])
		report_markup_element(m, "p", text);
	report_markup_raw(m, "\n");
}

static void cell_time(struct report_markup *m, int64_t ms)
{
	char text[REPORT_WORDS_MAX];

	report_words_time(text, ms);
	report_markup_element(m, "td class=\"t\"", text[0] ? text : "not told");
}

static void cell_number(struct report_markup *m, unsigned n)
{
	report_markup_form(m, "<td class=\"n\">%u</td>", n);
}

static void cell_version(struct report_markup *m, const struct history *h,
			 uint32_t version)
{
	char text[REPORT_WORDS_MAX];

	report_words_version(text, h, version);
	report_markup_raw(m, "<td>");
	report_markup_element(m, "code", text[0] ? text : "not told");
	report_markup_raw(m, "</td>");
}

/* heads: the names of the columns, ended by NULL; "#" before one of
 * numbers. */
static void open_table(struct report_markup *m, const char *open,
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

static void close_table(struct report_markup *m)
{
	report_markup_raw(m, "</tbody></table></div>\n");
}

/* ---- the parts ---- */

static void put_evidence(struct report_markup *m, const struct report *r)
{
	const struct chain_check *c = &r->verify.check;
	char from[REPORT_WORDS_MAX], to[REPORT_WORDS_MAX], text[64];
	char late[FAULT_TEXT_MAX];
	const char *limit;

	report_markup_raw(m, "<h2>Evidence</h2>\n");
	if (audit_verify_is_whole(&r->verify))
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
	if (!audit_verify_is_whole(&r->verify)) {
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
	if (audit_verify_late(&r->verify, late, sizeof(late)))
		report_markup_element(m, "p class=\"late\"", late);
	if (audit_verify_no_head(&r->verify))
		report_markup_element(m, "p class=\"late\"",
				      AUDIT_VERIFY_NO_HEAD);
	for (unsigned i = 0; (limit = report_words_limit(from, &r->history, i));
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
	open_table(m, "table class=\"few\"", "Moves by the time that they took",
		   heads);
	for (unsigned i = 0; i < REPORT_CHART_BINS; i++) {
		report_markup_raw(m, "<tr>");
		report_markup_element(m, "th scope=\"row\"",
				      report_chart_bin_str(i));
		report_markup_form(m, "<td class=\"n\">%zu</td></tr>\n",
				   bins[i]);
	}
	close_table(m);
}

static void put_version(struct report_markup *m, const struct history *h,
			const struct history_version *v)
{
	uint32_t number = (uint32_t)(v - h->versions);
	char text[REPORT_WORDS_MAX];

	report_markup_raw(m, "<tr><th scope=\"row\">");
	report_markup_element(m, "code", v->name);
	report_markup_raw(m, "</th>");
	cell_time(m, v->effective);
	cell_time(m, v->seen);
	cell_number(m, v->adopted);
	cell_number(m, v->late);
	cell_number(m, v->missed);
	cell_number(m, v->users);
	report_words_advice(text, h, number);
	report_markup_element(m, "td class=\"w\"", text);
	report_markup_raw(m, "</tr>\n");
}

static void put_keys(struct report_markup *m, const struct history *h)
{
	static const char *const heads[] = {
		"Version", "Effective", "Seen",	      "#Adopted", "#Late",
		"#Missed", "#On it",	"Retirement", NULL
	};
	char text[KEY_WORDS_MAX + 32], rotated[REPORT_WORDS_MAX];
	size_t at = 0;

	report_markup_raw(m, "<h2>Keys and versions</h2>\n");
	if (h->n_keys == 0)
		paragraph(m, "No key is in these records.");
	for (uint32_t k = 0; k < h->n_keys; k++) {
		report_markup_raw(m, "<section class=\"key\">");
		report_markup_element(m, "h3", h->keys[k].id);
		report_words_rotated(rotated, h, k);
		snprintf(text, sizeof(text), "%u %s at the end. %.96s",
			 h->keys[k].users,
			 h->keys[k].users == 1 ? "registry" : "registries",
			 rotated);
		open_table(m, "table", text, heads);
		for (; at < h->n_versions && h->in_order[at]->key == k; at++)
			put_version(m, h, h->in_order[at]);
		close_table(m);
		report_markup_raw(m, "</section>\n");
	}
}

static void put_move(struct report_markup *m, const struct history *h,
		     const struct history_move *x)
{
	char text[REPORT_WORDS_MAX];

	cell_version(m, h, x->version);
	cell_time(m, x->effective);
	cell_time(m, x->verified);
	report_words_minutes(text, history_took(x));
	report_markup_element(m, "td class=\"n\"", text);
	report_words_used(text, x);
	report_markup_raw(m, history_is_late(x) ? "<td class=\"n late\">"
						: "<td class=\"n\">");
	report_markup_form(m, "%s%s</td>", text,
			   history_is_late(x) ? " late" : "");
}

static void put_registry(struct report_markup *m, const struct history *h,
			 const struct history_registry *r)
{
	unsigned rows = r->moves ? r->moves : 1;

	report_markup_form(m, "<tr><th scope=\"row\" rowspan=\"%u\">", rows);
	report_markup_text(m, r->label);
	if (!r->watched)
		report_markup_raw(m, " (not watched any more)");
	report_markup_form(m, "</th><td rowspan=\"%u\">", rows);
	report_chart_moves(m, h, r);
	report_markup_raw(m, "</td>");
	if (r->first == HISTORY_NONE) {
		cell_version(m, h, r->in_use);
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

static void put_part(struct report_markup *m, const struct history *h,
		     size_t from, size_t to)
{
	static const char *const heads[] = { "Registry",  "Against the window",
					     "Version",	  "Effective",
					     "Verified",  "Took",
					     "Of window", NULL };
	uint32_t key = h->sorted[from]->key;
	char text[128];

	report_markup_raw(m, "<section class=\"part\">");
	report_markup_element(m, "h3",
			      key == HISTORY_NONE ? "Of no known key"
						  : h->keys[key].id);
	snprintf(text, sizeof(text),
		 "%zu %s. Bars run from effective to verified; the line is "
		 "the end of the window.",
		 to - from, to - from == 1 ? "registry" : "registries");
	open_table(m, "table", text, heads);
	for (size_t i = from; i < to; i++)
		put_registry(m, h, h->sorted[i]);
	close_table(m);
	report_markup_raw(m, "</section>\n");
}

static void put_registries(struct report_markup *m, const struct history *h)
{
	size_t to;

	report_markup_raw(m, "<h2>Registries</h2>\n");
	if (h->n_registries == 0)
		paragraph(m, "No registry is in these records.");
	for (size_t from = 0; from < h->n_registries; from = to) {
		for (to = from + 1;
		     to < h->n_registries && to - from < TABLE_ROWS &&
		     h->sorted[to]->key == h->sorted[from]->key;
		     to++)
			;
		put_part(m, h, from, to);
	}
}

static void put_fault(struct report_markup *m, const char *name,
		      const struct history_fault *f)
{
	report_markup_raw(m, "<tr>");
	report_markup_element(m, "th scope=\"row\"", name);
	cell_time(m, f->since);
	cell_number(m, f->times);
	report_markup_element(m, "td", f->event);
	report_markup_element(m, "td class=\"w\"", f->text);
	report_markup_raw(m, "</tr>\n");
}

static void put_due(struct report_markup *m, const struct history *h,
		    const struct history_registry *r)
{
	char text[REPORT_WORDS_MAX];

	report_words_due(text, h, r);
	report_markup_raw(m, "<tr>");
	report_markup_element(m, "th scope=\"row\"", r->label);
	cell_time(m, h->versions[h->keys[r->key].newest].effective);
	report_markup_raw(m, "<td class=\"n\">0</td><td>due</td>");
	report_markup_element(m, "td", text);
	report_markup_raw(m, "</tr>\n");
}

static void put_open(struct report_markup *m, const struct history *h)
{
	static const char *const heads[] = { "Of",    "Since", "#Times told",
					     "Event", "Text",  NULL };
	size_t n = 0;

	report_markup_raw(m, "<h2>Open at the end</h2>\n");
	for (uint32_t k = 0; k < h->n_keys; k++)
		n += h->keys[k].fault.text != NULL;
	for (size_t i = 0; i < h->n_registries; i++)
		n += h->sorted[i]->fault.text != NULL ||
		     history_due(h, h->sorted[i]) >= 0;
	if (n == 0) {
		paragraph(m, "Nothing that was told is open.");
		return;
	}
	open_table(m, "table", "Told, and not seen to be mended", heads);
	for (uint32_t k = 0; k < h->n_keys; k++)
		if (h->keys[k].fault.text)
			put_fault(m, h->keys[k].id, &h->keys[k].fault);
	for (size_t i = 0; i < h->n_registries; i++)
		if (h->sorted[i]->fault.text)
			put_fault(m, h->sorted[i]->label, &h->sorted[i]->fault);
		else if (history_due(h, h->sorted[i]) >= 0)
			put_due(m, h, h->sorted[i]);
	close_table(m);
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
	open_table(m, "table", "Between an end and the next start", heads);
	for (size_t i = 0; i < h->n_gaps; i++) {
		const struct history_gap *g = &h->gaps[i];

		report_markup_raw(m, "<tr>");
		report_words_time(from, g->from);
		report_markup_element(m, "th scope=\"row\"", from);
		cell_time(m, g->to);
		text_duration(span, sizeof(span), g->to - g->from);
		report_markup_element(m, "td", span);
		report_markup_element(m, "td", report_words_gap(g));
		report_markup_raw(m, "</tr>\n");
	}
	close_table(m);
}

static void put_head(struct report_markup *m, const struct history *h)
{
	char from[REPORT_WORDS_MAX], to[REPORT_WORDS_MAX];

	report_words_time(from, history_begin(h));
	report_words_time(to, history_until(h));
	report_markup_raw(
		m, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
		   "<meta charset=\"utf-8\">\n"
		   "<meta name=\"viewport\" content=\"width=device-width, "
		   "initial-scale=1\">\n"
		   "<meta http-equiv=\"Content-Security-Policy\" "
		   "content=\"default-src 'none'; style-src "
		   "'unsafe-inline'\">\n");
	if (!history_reaches(h))
		report_markup_raw(m, "<title>Key rotation</title>\n");
	else
		report_markup_form(
			m, "<title>Key rotation, %.10s to %.10s</title>\n",
			from, to);
	report_markup_raw(m, "<style>");
	report_markup_raw(m, style);
	report_markup_raw(m, "</style>\n</head>\n<body>\n<main>\n"
			     "<h1>Key rotation</h1>\n");
	if (history_is_empty(h))
		paragraph(m, "There is no record of that time.");
	if (history_reaches(h))
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
	if (history_reaches(h)) {
		put_summary(&m, h);
		put_times(&m, h);
	}
	if (h->last >= 0) {
		put_open(&m, h);
		put_keys(&m, h);
		put_registries(&m, h);
	}
	if (history_reaches(h))
		put_gaps(&m, h);
	report_markup_raw(&m, "</main>\n</body>\n</html>\n");
	return report_markup_end(&m);
}

/* Draws a report: bars, a line where a window ends, and what they mean. */
#include "ctl/report_chart.h"

#include <stdio.h>

#include "base/text.h"
#include "ctl/history_move.h"
#include "ctl/history_span.h"
#include "ctl/report_words.h"

#define MINUTE INT64_C(60000)
#define MOVES_SHOWN 12
#define MOVE_HEIGHT 8
#define MOVES_TOP "3.5" /* the first bar is centred on MOVE_HEIGHT */
#define MOVE_WIDTH 210
#define WINDOW_WIDTH 140 /* of that: the rest is late */
#define TICKS_MAX 400
#define BIN_WIDTH 46
#define BIN_HEIGHT 160

static const struct {
	int64_t ms;
	const char *name, *label;
} bins[REPORT_CHART_BINS] = {
	{ MINUTE / 2, "up to 30 s", "30 s" },
	{ MINUTE, "up to 1 min", "1 min" },
	{ 2 * MINUTE, "up to 2 min", "2 min" },
	{ 5 * MINUTE, "up to 5 min", "5 min" },
	{ 10 * MINUTE, "up to 10 min", "10 min" },
	{ 20 * MINUTE, "up to 20 min", "20 min" },
	{ 30 * MINUTE, "up to 30 min", "30 min" },
	{ 45 * MINUTE, "up to 45 min", "45 min" },
	{ 60 * MINUTE, "up to 1 h", "1 h" },
	{ 120 * MINUTE, "up to 2 h", "2 h" },
	{ 360 * MINUTE, "up to 6 h", "6 h" },
	{ 1440 * MINUTE, "up to 1 d", "1 d" },
	{ INT64_MAX, "longer", "longer" },
};

/* ---- the moves of a registry ---- */

static double part_of(const struct history_move *m)
{
	return (double)history_move_took(m) / (double)m->window_ms;
}

static int width_of(const struct history_move *m)
{
	double w = part_of(m) * WINDOW_WIDTH;

	if (w < 2)
		return 2;
	return w > MOVE_WIDTH ? MOVE_WIDTH : (int)w;
}

static bool is_drawn(const struct history_move *m)
{
	return history_move_took(m) >= 0 && m->window_ms > 0;
}

static unsigned drawn(const struct history *h, const struct history_registry *r)
{
	unsigned n = 0;

	for (uint32_t i = r->first; i != HISTORY_NONE; i = h->moves[i].next)
		n += is_drawn(&h->moves[i]);
	return n;
}

/* "reg: 2 moves against the window", and "5.2 min of 60.0 min, 71.0 min of 60.0
 * min (late)" */
static void describe(struct report_markup *m, const struct history *h,
		     const struct history_registry *r, unsigned skip)
{
	char took[REPORT_WORDS_MAX], window[REPORT_WORDS_MAX];
	unsigned n = drawn(h, r) - skip;
	bool first = true;

	report_markup_form(m, ": %s%u %s against the window</title><desc>",
			   skip ? "the last " : "", n,
			   n == 1 ? "move" : "moves");
	for (uint32_t i = r->first; i != HISTORY_NONE; i = h->moves[i].next) {
		const struct history_move *x = &h->moves[i];

		if (!is_drawn(x) || (skip && skip--))
			continue;
		report_words_minutes(took, history_move_took(x));
		report_words_minutes(window, x->window_ms);
		report_markup_form(m, "%s%s of %s%s", first ? "" : ", ", took,
				   window,
				   history_move_is_late(x) ? " (late)" : "");
		first = false;
	}
}

/* "reg", and "12 moves, 2 late, at most 139 % of the window" */
static void sum_up(struct report_markup *m, const struct history *h,
		   const struct history_registry *r)
{
	const struct history_move *most = NULL;
	char used[REPORT_WORDS_MAX];
	unsigned n = drawn(h, r);

	for (uint32_t i = r->first; i != HISTORY_NONE; i = h->moves[i].next) {
		const struct history_move *x = &h->moves[i];

		if (is_drawn(x) && (!most || part_of(x) > part_of(most)))
			most = x;
	}
	report_words_used(used, most);
	report_markup_form(
		m, "</title><desc>%u %s, %u late, at most %.32s of the window",
		n, n == 1 ? "move" : "moves", r->late, used);
}

/* All bars that are late, or all that are not, as one line from each. */
static void draw(struct report_markup *m, const struct history *h,
		 const struct history_registry *r, unsigned skip, bool late)
{
	int y = 0;
	bool open = false;

	for (uint32_t i = r->first; i != HISTORY_NONE; i = h->moves[i].next) {
		const struct history_move *x = &h->moves[i];

		if (!is_drawn(x) || (skip && skip--))
			continue;
		y += MOVE_HEIGHT;
		if (history_move_is_late(x) != late)
			continue;
		report_markup_form(m, "%sM0 %dh%d",
				   open	  ? ""
				   : late ? "<path class=\"late\" d=\""
					  : "<path class=\"good\" d=\"",
				   y, width_of(x));
		open = true;
	}
	if (open)
		report_markup_raw(m, "\"/>");
}

void report_chart_moves(struct report_markup *m, const struct history *h,
			const struct history_registry *r, bool brief)
{
	unsigned n = drawn(h, r), skip;

	if (n == 0)
		return;
	skip = n > MOVES_SHOWN ? n - MOVES_SHOWN : 0;
	n -= skip;
	report_markup_form(m,
			   "<svg role=\"img\" class=\"moves\" viewBox=\"0 %s "
			   "%d %u\"><title>",
			   MOVES_TOP, MOVE_WIDTH, n * MOVE_HEIGHT + 2);
	report_markup_text(m, r->label);
	if (brief)
		sum_up(m, h, r);
	else
		describe(m, h, r, skip);
	report_markup_raw(m, "</desc>");
	draw(m, h, r, skip, false);
	draw(m, h, r, skip, true);
	report_markup_form(m, "<path class=\"end\" d=\"M%d 0v%u\"/></svg>",
			   WINDOW_WIDTH, n * MOVE_HEIGHT + 10);
}

/* ---- how long moves took ---- */

void report_chart_count(const struct history *h, size_t n[REPORT_CHART_BINS])
{
	unsigned b = 0;

	for (unsigned i = 0; i < REPORT_CHART_BINS; i++)
		n[i] = 0;
	for (size_t i = 0; i < h->n_timed; i++) {
		while (h->took[i] > bins[b].ms)
			b++;
		n[b]++;
	}
}

const char *report_chart_bin_str(unsigned i)
{
	return bins[i].name;
}

static void draw_bin(struct report_markup *m, const struct history *h,
		     unsigned i, size_t n, size_t most)
{
	int x = (int)i * BIN_WIDTH, tall = 0;
	bool late = h->window_ms > 0 && i > 0 && bins[i - 1].ms >= h->window_ms;

	if (n)
		tall = 2 + (int)((double)n / (double)most * (BIN_HEIGHT - 2));
	if (n)
		report_markup_form(
			m,
			"<path class=\"%s\" d=\"M%d %dh%dv%dh-%dz\"/>"
			"<text x=\"%d\" y=\"%d\">%zu</text>",
			late ? "late" : "good", x + 4, 20 + BIN_HEIGHT - tall,
			BIN_WIDTH - 8, tall, BIN_WIDTH - 8, x + BIN_WIDTH / 2,
			15 + BIN_HEIGHT - tall, n);
	report_markup_form(m, "<text x=\"%d\" y=\"%d\">%s</text>",
			   x + BIN_WIDTH / 2, BIN_HEIGHT + 36, bins[i].label);
}

void report_chart_histogram(struct report_markup *m, const struct history *h)
{
	size_t n[REPORT_CHART_BINS], most = 1;

	report_chart_count(h, n);
	for (unsigned i = 0; i < REPORT_CHART_BINS; i++)
		most = n[i] > most ? n[i] : most;
	report_markup_form(m,
			   "<svg role=\"img\" class=\"chart\" viewBox=\"0 0 %d "
			   "%d\"><title>Histogram of adoption times</title>"
			   "<desc>The numbers are in the table below. Bars "
			   "beyond the window are marked as late.</desc>",
			   REPORT_CHART_BINS * BIN_WIDTH, BIN_HEIGHT + 44);
	for (unsigned i = 0; i < REPORT_CHART_BINS; i++)
		draw_bin(m, h, i, n[i], most);
	report_markup_form(m, "<path class=\"axis\" d=\"M0 %dh%d\"/></svg>",
			   20 + BIN_HEIGHT, REPORT_CHART_BINS * BIN_WIDTH);
}

/* ---- the time of the report ---- */

#define LINE_WIDTH 600

/* Where a moment is; one that is told out of its time stands at the edge. */
static int at(const struct history *h, int64_t ms)
{
	int64_t from = history_span_begin(h), until = history_span_until(h);

	if (until <= from || ms <= from)
		return 0;
	if (ms >= until)
		return LINE_WIDTH;
	return (int)((double)(ms - from) / (double)(until - from) * LINE_WIDTH);
}

void report_chart_watcher(struct report_markup *m, const struct history *h)
{
	char text[REPORT_WORDS_MAX];
	bool ticks[LINE_WIDTH + 1] = { false };

	report_markup_form(m,
			   "<svg role=\"img\" class=\"chart\" viewBox=\"0 0 %d "
			   "54\"><title>The watcher over the time of this "
			   "report</title><desc>",
			   LINE_WIDTH);
	report_words_gaps(text, h);
	report_markup_text(m, text);
	report_markup_form(m,
			   " Below it, a mark for each moment at which moves "
			   "were verified.</desc><path class=\"good\" d=\"M0 "
			   "4h%dv14h-%dz\"/>",
			   LINE_WIDTH, LINE_WIDTH);
	for (size_t i = 0; i < h->n_gaps; i++) {
		int from = at(h, h->gaps[i].from), to = at(h, h->gaps[i].to);

		report_markup_form(
			m, "<path class=\"gap\" d=\"M%d 2h%dv18h-%dz\"/>", from,
			to > from ? to - from : 1, to > from ? to - from : 1);
	}
	for (size_t i = 0; i < h->n_moves; i++)
		ticks[at(h, h->moves[i].verified)] = true;
	report_markup_raw(m, "<path class=\"tick\" d=\"");
	for (int x = 0; x <= LINE_WIDTH; x++)
		if (ticks[x])
			report_markup_form(m, "M%d 22v10", x);
	report_markup_raw(m, "\"/>");
	report_words_time(text, history_span_begin(h));
	report_markup_form(m, "<text class=\"left\" x=\"0\" y=\"48\">%s</text>",
			   text);
	report_words_time(text, history_span_until(h));
	report_markup_form(
		m, "<text class=\"right\" x=\"%d\" y=\"48\">%s</text></svg>",
		LINE_WIDTH, text);
}

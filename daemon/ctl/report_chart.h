/*
 * report_chart: the pictures of a report as SVG within its page, each with a
 * title and a description that say the same in words.
 */
#ifndef KEYROTD_CTL_REPORT_CHART_H
#define KEYROTD_CTL_REPORT_CHART_H

#include "ctl/history.h"
#include "ctl/report_markup.h"

/* The last moves of a registry, from effective to verified, each against its
 * window; nothing when none is told.  brief: the words beside it sum up what
 * the page tells of each move anyway. */
void report_chart_moves(struct report_markup *m, const struct history *h,
			const struct history_registry *r, bool brief);

#define REPORT_CHART_BINS 13

/* How many moves took how long: bins[i] took at most report_chart_bound(i),
 * the last one longer. */
void report_chart_count(const struct history *h,
			size_t bins[REPORT_CHART_BINS]);
const char *report_chart_bin_str(unsigned i); /* "up to 5 min" */
void report_chart_histogram(struct report_markup *m, const struct history *h);

/* When somebody watched, and when moves were verified, over the time of the
 * report. */
void report_chart_watcher(struct report_markup *m, const struct history *h);

#endif

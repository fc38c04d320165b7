/*
 * report_html: a report as one page of HTML that needs nothing from anywhere:
 * no script, no font, no picture.  For screens, light and dark, for print, and
 * for screen readers (WCAG 2.2: tables with their headers, text beside each
 * picture, nothing told by colour alone).
 */
#ifndef KEYROTD_CTL_REPORT_HTML_H
#define KEYROTD_CTL_REPORT_HTML_H

#include "ctl/report.h"
#include "ctl/report_markup.h"

/* Hand the page to sink, piece by piece; false with *f when it failed. */
bool report_html_put(const struct report *r, report_markup_sink *sink,
		     void *arg, struct fault *f);

#endif

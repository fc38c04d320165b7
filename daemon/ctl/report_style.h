/*
 * report_style: how the page of a report looks, on screens light and dark and
 * in print.  It is the text of the page's one style element.
 */
#ifndef KEYROTD_CTL_REPORT_STYLE_H
#define KEYROTD_CTL_REPORT_STYLE_H

extern const char report_style[];

#endif

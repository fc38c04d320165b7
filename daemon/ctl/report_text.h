/*
 * report_text: a report as lines and tables for a terminal.
 */
#ifndef KEYROTD_CTL_REPORT_TEXT_H
#define KEYROTD_CTL_REPORT_TEXT_H

#include "ctl/out.h"
#include "ctl/report.h"

void report_text_print(const struct report *r, struct out *o);

#endif

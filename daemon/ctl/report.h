/*
 * report: what a report is made of, for the files that print it: the history
 * that the records come to, and whether they are as they were written.
 */
#ifndef KEYROTD_CTL_REPORT_H
#define KEYROTD_CTL_REPORT_H

#include "ctl/audit_verify.h"
#include "ctl/history.h"

struct report {
	struct history history;				 /* ended */
	struct audit_verify verify[HISTORY_SOURCES_MAX]; /* of each daemon */
	unsigned n;					 /* 1 at least */
	bool twice; /* one was named again: it is no report */
};

#endif

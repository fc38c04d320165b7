/*
 * report_read: the audits that a report is made of, each verified, and their
 * records as one history in order of time.
 *
 * What is filled is its owner's until report_read_free, also after a reading
 * that failed.
 */
#ifndef KEYROTD_CTL_REPORT_READ_H
#define KEYROTD_CTL_REPORT_READ_H

#include "ctl/report.h"

/* False with *f when one cannot be read, all together are too much, or two are
 * the same (`twice`). */
bool report_read(struct report *r, const struct args *a, struct fault *f);
void report_read_free(struct report *r);
/* All are as they were written. */
bool report_read_is_whole(const struct report *r);

#endif

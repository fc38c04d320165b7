/*
 * report_table: the tables of a report's page, each with a caption, heads and
 * cells whose contents are told in the same way everywhere.
 */
#ifndef KEYROTD_CTL_REPORT_TABLE_H
#define KEYROTD_CTL_REPORT_TABLE_H

#include "ctl/history.h"
#include "ctl/report_markup.h"

/* open: the tag with its attributes.  heads: the names of the columns, ended by
 * NULL; "#" before one of numbers. */
void report_table_open(struct report_markup *m, const char *open,
		       const char *caption, const char *const *heads);
void report_table_close(struct report_markup *m);

/* A cell: a time in ms since 1970, or that -1 is not told. */
void report_table_time(struct report_markup *m, int64_t ms);
void report_table_number(struct report_markup *m, unsigned n);
/* The first digits of a version, or that HISTORY_NONE is not told. */
void report_table_version(struct report_markup *m, const struct history *h,
			  uint32_t version);

#endif

/*
 * report_table: the tables of a report's page, each with a caption, heads and
 * cells whose contents are told in the same way everywhere.
 */
#ifndef KEYROTD_CTL_REPORT_TABLE_H
#define KEYROTD_CTL_REPORT_TABLE_H

#include "ctl/history.h"
#include "ctl/report_markup.h"

#define REPORT_TABLE_ROWS_MAX 4000 /* what has more is told in lines */
#define REPORT_TABLE_PART 200	   /* a browser lays out what is near only */

/* Opens a section that is laid out when it is near: so many rows, or lines of
 * text, tell how far it reaches. */
void report_table_part(struct report_markup *m, size_t rows, bool lines);

/* open: the tag with its attributes.  heads: the names of the columns, ended by
 * NULL; "#" before one of numbers. */
void report_table_open(struct report_markup *m, const char *open,
		       const char *caption, const char *const *heads);
void report_table_close(struct report_markup *m);

/* Opens row number `at` of n in a table that is divided into parts; after the
 * last of its cells the caller closes the row, and after the last row the
 * table. */
void report_table_row(struct report_markup *m, size_t at, size_t n,
		      const char *caption, const char *const *heads);
void report_table_end(struct report_markup *m);

/* A cell: a time in ms since 1970, or that -1 is not told. */
void report_table_time(struct report_markup *m, int64_t ms);
void report_table_number(struct report_markup *m, unsigned n);
/* The first digits of a version, or that HISTORY_NONE is not told. */
void report_table_version(struct report_markup *m, const struct history *h,
			  uint32_t version);

#endif

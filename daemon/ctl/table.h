/*
 * table: aligned columns.
 *
 * The table owns copies of everything put into it; table_free ends it.  Rows
 * are filled cell by cell, from left to right.
 */
#ifndef KEYROTD_CTL_TABLE_H
#define KEYROTD_CTL_TABLE_H

#include <stddef.h>

#include "ctl/out.h"

#define TABLE_COLUMNS_MAX 12

struct table_cell;

struct table {
	const char *const *heads; /* of the caller, must outlive the table */
	size_t columns;
	struct table_cell *cells; /* row after row */
	size_t count, size;
	int *ranks; /* of the rows; NULL: none was told */
	size_t n_ranks;
};

/* An empty table; heads are 1 to TABLE_COLUMNS_MAX names, ended by NULL. */
void table_init(struct table *t, const char *const *heads);
void table_free(struct table *t);

/* The next cell; NULL and "" are shown as "-". */
void table_add(struct table *t, const char *text);
void table_paint(struct table *t, enum out_colour colour, const char *text);

/* The row that begins with the next cell has this rank.  Rows are printed by
 * rank, the smallest first, and those of one rank (0 when none was told) as
 * they came. */
void table_rank(struct table *t, int rank);

/* How many rows were begun. */
size_t table_rows(const struct table *t);

/*
 * Heads and rows, columns two blanks apart.  Where the output has a width, the
 * last column is cut to fit it (but never below 12 columns).
 */
void table_print(const struct table *t, struct out *o);

#endif

/*
 * table: aligned columns that fit a terminal of any width, without cutting
 * anything.
 *
 * The table owns copies of everything put into it; table_free ends it.  Rows
 * are filled cell by cell, from left to right, all columns of each.
 */
#ifndef KEYROTD_CTL_TABLE_H
#define KEYROTD_CTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/out.h"

#define TABLE_COLUMNS_MAX 16

/* What becomes of a column where the terminal is narrow. */
#define TABLE_KEEP 0   /* it stays; 1 to 8: the larger ones go first */
#define TABLE_NOTE 9   /* a sentence: beneath its row where it does not fit */
#define TABLE_EXTRA 10 /* shown only where it was chosen */

struct table_column {
	const char *head; /* NULL ends a list */
	unsigned narrow;  /* TABLE_..., or 1 to 8 */
};

struct table_cell;
struct table_row;

struct table {
	const struct table_column *columns; /* of the caller, must outlive it */
	size_t n_columns;
	struct table_cell *cells; /* row after row */
	size_t count, size;
	struct table_row *rows;
	size_t n_rows, size_rows;
	size_t chosen[TABLE_COLUMNS_MAX],
		n_chosen; /* what is shown, in order */
	bool all;	  /* however narrow: somebody has chosen */
};

/* An empty table of 1 to TABLE_COLUMNS_MAX columns, ended by head NULL. */
void table_init(struct table *t, const struct table_column *columns);
void table_free(struct table *t);

/*
 * Show these columns only, in this order, and all of them however narrow the
 * terminal: names separated by commas, in any case.  False, and *bad (len
 * bytes, within names) is the name that no column bears, or has twice.
 */
bool table_choose(struct table *t, const char *names, const char **bad,
		  size_t *len);

/*
 * Begin a row.  Rows are printed by rank, the smallest first; of one rank by
 * `then`, the smallest first, and then as they came.  id tells apart what has
 * one name, it is kept for table_id; NULL is fine.  A row that begins without
 * this has 0, 0 and NULL.
 */
void table_begin(struct table *t, int rank, int64_t then, const char *id);

/* The next cell; NULL and "" are shown as "-". */
void table_add(struct table *t, const char *text);
void table_paint(struct table *t, enum out_colour colour, const char *text);

/* How many rows were begun; the id of one of them, "" for none; and another
 * text for its first cell. */
size_t table_rows(const struct table *t);
const char *table_id(const struct table *t, size_t row);
void table_rename(struct table *t, size_t row, const char *text);
/* Another `then` for a row (table_begin). */
void table_place(struct table *t, size_t row, int64_t then);

/*
 * Heads and rows, columns two blanks apart.  Where the output has a width,
 * what does not fit gives way: first the sentence goes on lines of its own
 * beneath the row, then columns of less weight go; and of the first column
 * what is too long for what is left goes on a line of its own.  lines: so many
 * at most, the heads among them, but for one row at least; 0 for all.  Returns
 * the rows printed.
 */
size_t table_print(const struct table *t, struct out *o, size_t lines);

#endif

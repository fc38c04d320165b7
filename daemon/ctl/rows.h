/*
 * rows: keys and registries as rows of tables, shared by several commands.
 * Members that are absent or of another type are shown as "-".
 */
#ifndef KEYROTD_CTL_ROWS_H
#define KEYROTD_CTL_ROWS_H

#include <stdint.h>

#include "base/json.h"
#include "ctl/table.h"

/* Columns of the tables; each goes with the function beneath it.  Those of
 * registries differ only in what is shown. */
extern const struct table_column rows_status_columns[];
extern const struct table_column rows_registry_columns[];
void rows_registry(struct table *t, const struct json *r, int64_t now);

/* By what they are sorted. */
enum rows_sort {
	ROWS_AS_TOLD, /* by id */
	ROWS_BY_HARM, /* whoever needs somebody most comes first */
	ROWS_BY_NAME,
	/* registries */
	ROWS_BY_DEADLINE,
	ROWS_BY_VERIFIED, /* what was not verified for longest comes first */
	/* keys */
	ROWS_BY_EFFECTIVE, /* the oldest version comes first */
	ROWS_BY_POLLED,	   /* what was not polled for longest comes first */
	ROWS_BY_NEXT,	   /* what is polled next comes first */
};
/* Called before a row is filled: where it is to stand. */
void rows_begin(struct table *t, const struct json *r, enum rows_sort by);
/* Called once all are there: registries of one name are told apart by as much
 * of their ids as that takes, and ROWS_BY_NAME is done. */
void rows_finish(struct table *t, enum rows_sort by);

extern const struct table_column rows_status_key_columns[];
void rows_status_key(struct table *t, const struct json *key, int64_t now);

extern const struct table_column rows_key_columns[];
void rows_key(struct table *t, const struct json *key, int64_t now);
/* As rows_begin and rows_finish; keys show all of their identifiers. */
void rows_begin_key(struct table *t, const struct json *key, enum rows_sort by);
void rows_finish_keys(struct table *t, enum rows_sort by);

#endif

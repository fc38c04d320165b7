/*
 * kinds: what can be listed.  One row of the table for each kind; listing it,
 * choosing among it, its --help and what is said of a bad word all follow from
 * that row.
 */
#ifndef KEYROTD_CTL_KINDS_H
#define KEYROTD_CTL_KINDS_H

#include "ctl/lists.h"
#include "ctl/rows.h"

struct kind_order {
	const char *name; /* for --sort; NULL ends a list */
	enum rows_sort by;
};

struct kind {
	const char *name; /* of the command, and of its document's member */
	const char *one;
	bool keys; /* its elements are keys; else they follow one */
	const struct table_column *columns;
	const char *const *states;	 /* for --state, ended by NULL */
	const struct kind_order *orders; /* the first is that without --sort */
	bool (*fetch)(struct client *c, lists_each *each, void *arg,
		      struct fault *f);
	/* As rows.h has them. */
	void (*begin)(struct table *t, const struct json *e, enum rows_sort by);
	void (*row)(struct table *t, const struct json *e, int64_t now);
	void (*finish)(struct table *t, enum rows_sort by);
};

/* The kind that the command of that name lists; NULL: it lists none. */
const struct kind *kinds_find(const char *name);

/* What --state, --sort and --columns take, "a, b and c"; the caller's to
 * free. */
char *kinds_states(const struct kind *k);
char *kinds_orders(const struct kind *k);
char *kinds_columns(const struct kind *k);

#endif

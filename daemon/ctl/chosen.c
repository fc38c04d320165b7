/* Judges the names of columns, for all commands that print a table. */
#include "ctl/chosen.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/text.h"
#include "ctl/args.h"

#define NAMES_MAX 512 /* bytes */

bool chosen_columns(struct ctl *ctl, struct table *t)
{
	const char *bad;
	struct buf all;
	size_t len;
	char *lower;

	if (!ctl->args->columns ||
	    table_choose(t, ctl->args->columns, &bad, &len))
		return true;
	buf_init(&all, NAMES_MAX);
	for (size_t i = 0; i < t->n_columns; i++)
		buf_printf(&all, "%s%s", i ? ", " : "", t->columns[i].head);
	lower = text_dup(buf_str(&all));
	text_lower(lower);
	out_line(&ctl->err,
		 "keyrotctl: --columns takes each of these once: %s; not "
		 "\"%.*s\".",
		 lower, (int)len, bad);
	free(lower);
	buf_free(&all);
	return false;
}

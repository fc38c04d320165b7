/*
 * keyrotctl keys, and keyrotctl registries: what is watched, or some of it, in
 * the order and with the columns that are asked for.
 */
#include "ctl/args.h"
#include "ctl/chosen.h"
#include "ctl/command.h"
#include "ctl/document.h"
#include "ctl/failure.h"
#include "ctl/filter.h"
#include "ctl/kinds.h"

struct listing {
	struct ctl *ctl;
	const struct kind *kind;
	struct filter filter;
	enum rows_sort sort;
	struct table table;
	struct document document;
};

static void add_row(const struct json *e, int64_t now, void *arg)
{
	struct listing *l = arg;

	if (!filter_takes(&l->filter, e))
		return;
	l->kind->begin(&l->table, e, l->sort);
	l->kind->row(&l->table, e, now < 0 ? l->ctl->now_ms : now);
}

static void copy_element(const struct json *e, int64_t now, void *arg)
{
	struct listing *l = arg;

	(void)now;
	if (filter_takes(&l->filter, e))
		json_copy(l->document.w, e);
}

static bool print_text(struct listing *l, struct fault *f)
{
	struct out *o = &l->ctl->out;

	if (!l->kind->fetch(l->ctl->client, add_row, l, f))
		return false;
	l->kind->finish(&l->table, l->sort);
	if (table_rows(&l->table))
		table_print(&l->table, o, 0);
	else if (filter_narrows(&l->filter))
		out_line(o, "No watched %s is one of these.", l->kind->one);
	else
		out_line(o, "No %s is watched.", l->kind->one);
	return true;
}

static bool print_json(struct listing *l, struct fault *f)
{
	struct document *d = &l->document;

	document_open(d, &l->ctl->out);
	json_open(d->w);
	json_key(d->w, l->kind->name);
	json_open_array(d->w);
	if (!l->kind->fetch(l->ctl->client, copy_element, l, f)) {
		document_drop(d);
		return false;
	}
	json_close_array(d->w);
	json_close(d->w);
	return document_print(d, &l->ctl->out, f);
}

int listing_run(struct ctl *ctl)
{
	const struct args *a = ctl->args;
	struct listing l = { .ctl = ctl, .kind = kinds_find(a->command->name) };
	struct fault f = fault_none();
	int code = COMMAND_OK;
	const char *bad;
	size_t len;

	l.sort = chosen_order(a, l.kind);
	table_init(&l.table, l.kind->columns);
	if (a->columns)
		table_choose(&l.table, a->columns, &bad, &len); /* judged */
	if (!filter_open(&l.filter, ctl, l.kind, &f) ||
	    !(a->json ? print_json(&l, &f) : print_text(&l, &f)))
		code = failure_report(ctl, &f);
	filter_close(&l.filter);
	table_free(&l.table);
	return code;
}

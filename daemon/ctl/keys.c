/* keyrotctl keys: the watched keys, in full. */
#include "ctl/args.h"
#include "ctl/chosen.h"
#include "ctl/command.h"
#include "ctl/document.h"
#include "ctl/failure.h"
#include "ctl/lists.h"
#include "ctl/rows.h"

struct filling {
	struct table table;
	int64_t now;
};

static void add_row(const struct json *key, int64_t now, void *arg)
{
	struct filling *filling = arg;

	rows_key(&filling->table, key, now < 0 ? filling->now : now);
}

static int print_text(struct ctl *ctl)
{
	struct filling filling = { .now = ctl->now_ms };
	struct fault f = fault_none();
	int code = COMMAND_OK;

	table_init(&filling.table, rows_key_columns);
	if (!chosen_columns(ctl, &filling.table))
		code = COMMAND_USAGE;
	else if (!lists_keys(ctl->client, add_row, &filling, &f))
		code = failure_report(ctl, &f);
	else if (table_rows(&filling.table))
		table_print(&filling.table, &ctl->out, 0);
	else
		out_line(&ctl->out, "No key is watched.");
	table_free(&filling.table);
	return code;
}

static void copy_element(const struct json *key, int64_t now, void *arg)
{
	struct document *d = arg;

	(void)now;
	json_copy(d->w, key);
}

static int print_json(struct ctl *ctl)
{
	struct fault f = fault_none();
	struct document d;
	bool ok;

	document_open(&d, &ctl->out);
	json_open(d.w);
	json_key(d.w, "keys");
	json_open_array(d.w);
	ok = lists_keys(ctl->client, copy_element, &d, &f);
	json_close_array(d.w);
	json_close(d.w);
	if (!ok)
		document_drop(&d);
	else
		ok = document_print(&d, &ctl->out, &f);
	return ok ? COMMAND_OK : failure_report(ctl, &f);
}

int keys_run(struct ctl *ctl)
{
	return ctl->args->json ? print_json(ctl) : print_text(ctl);
}

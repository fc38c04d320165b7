/* keyrotctl keys and keyrotctl registries: one list each, in full. */
#include "ctl/args.h"
#include "ctl/command.h"
#include "ctl/document.h"
#include "ctl/failure.h"
#include "ctl/lists.h"
#include "ctl/rows.h"

typedef bool ask_list(struct client *c, lists_each *each, void *arg,
		      struct fault *f);

struct listing {
	const char *member; /* of the JSON document */
	const char *none;
	const struct table_column *columns;
	ask_list *ask;
	void (*row)(struct table *t, const struct json *e, int64_t now);
};

struct filling {
	const struct listing *listing;
	struct table table;
	int64_t now;
};

static void add_row(const struct json *element, int64_t now, void *arg)
{
	struct filling *filling = arg;

	filling->listing->row(&filling->table, element,
			      now < 0 ? filling->now : now);
}

static bool print_text(struct ctl *ctl, const struct listing *l,
		       struct fault *f)
{
	struct filling filling = { .listing = l, .now = ctl->now_ms };
	bool ok;

	table_init(&filling.table, l->columns);
	ok = l->ask(ctl->client, add_row, &filling, f);
	if (ok && table_rows(&filling.table))
		table_print(&filling.table, &ctl->out, 0);
	else if (ok)
		out_line(&ctl->out, "%s", l->none);
	table_free(&filling.table);
	return ok;
}

static void copy_element(const struct json *element, int64_t now, void *arg)
{
	struct document *d = arg;

	(void)now;
	json_copy(d->w, element);
}

static bool print_json(struct ctl *ctl, const struct listing *l,
		       struct fault *f)
{
	struct document d;
	bool ok;

	document_open(&d, &ctl->out);
	json_open(d.w);
	json_key(d.w, l->member);
	json_open_array(d.w);
	ok = l->ask(ctl->client, copy_element, &d, f);
	json_close_array(d.w);
	json_close(d.w);
	if (ok)
		return document_print(&d, &ctl->out, f);
	document_drop(&d);
	return false;
}

static int run(struct ctl *ctl, const struct listing *l)
{
	struct fault f = fault_none();
	bool ok = ctl->args->json ? print_json(ctl, l, &f)
				  : print_text(ctl, l, &f);

	return ok ? COMMAND_OK : failure_report(ctl, &f);
}

int keys_run(struct ctl *ctl)
{
	static const struct listing listing = { "keys", "No key is watched.",
						rows_key_columns, lists_keys,
						rows_key };

	return run(ctl, &listing);
}

int registries_run(struct ctl *ctl)
{
	static const struct listing listing = {
		"registries", "No registry is watched.", rows_registry_columns,
		lists_registries, rows_registry
	};

	return run(ctl, &listing);
}

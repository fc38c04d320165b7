/* keyrotctl versions: one key's versions, and which may be disabled. */
#include <stdlib.h>

#include "base/text.h"
#include "ctl/args.h"
#include "ctl/command.h"
#include "ctl/document.h"
#include "ctl/failure.h"
#include "ctl/keyname.h"
#include "ctl/lists.h"
#include "ctl/rows.h"

/* The key that is meant, on its way to the output. */
struct pick {
	struct ctl *ctl;
	char *key;	   /* the identifier, NULL: not met yet */
	struct buf others; /* when the name means several keys */
	struct table table;
	struct document document;
};

static void write_json(struct pick *p, const struct json *key)
{
	json_key(p->document.w, "key");
	json_put_str(p->document.w, json_get_str(key, "key"));
	json_key(p->document.w, "versions");
	json_copy(p->document.w, json_get(key, "versions"));
}

static void fill_table(struct pick *p, const struct json *key)
{
	const struct json *v = json_first(json_get(key, "versions"));

	for (; v; v = json_next(v))
		rows_version(&p->table, v, p->ctl->now_ms);
}

static void look_at(const struct json *element, void *arg)
{
	struct pick *p = arg;
	const char *key = json_get_str(element, "key");

	if (!key || !keyname_means(p->ctl->args->operand, key))
		return;
	if (p->key) {
		buf_printf(&p->others, ", %s", key);
		return;
	}
	p->key = text_dup(key);
	if (json_type(json_get(element, "versions")) != JSON_ARRAY)
		return;
	fill_table(p, element);
	write_json(p, element);
}

/* Exactly one key has to be meant. */
static bool one_key(const struct pick *p, struct fault *f)
{
	const char *said = p->ctl->args->operand;

	if (!p->key)
		return fault_set(f, FAULT_MISSING, 0,
				 "keyrotd watches no key %s; `keyrotctl keys` "
				 "lists what it watches.",
				 said);
	if (p->others.len)
		return fault_set(f, FAULT_INVALID, 0,
				 "More than one key is called %s: %s%s.", said,
				 p->key, buf_str(&p->others));
	return true;
}

static void print_text(struct pick *p)
{
	if (table_rows(&p->table))
		table_print(&p->table, &p->ctl->out);
	else
		out_line(&p->ctl->out, "keyrotd has met no version of %s yet.",
			 p->key);
}

static bool ask(struct pick *p, struct fault *f)
{
	bool ok;

	json_open(p->document.w);
	ok = lists_keys(p->ctl->client, look_at, p, f) && one_key(p, f);
	json_close(p->document.w);
	if (ok && p->ctl->args->json)
		return document_print(&p->document, &p->ctl->out, f);
	document_drop(&p->document);
	if (ok)
		print_text(p);
	return ok;
}

int versions_run(struct ctl *ctl)
{
	struct pick p = { .ctl = ctl };
	struct fault f = fault_none();
	bool ok;

	table_init(&p.table, rows_version_heads);
	buf_init(&p.others, FAULT_TEXT_MAX);
	document_open(&p.document, &ctl->out);
	ok = ask(&p, &f);
	table_free(&p.table);
	buf_free(&p.others);
	free(p.key);
	return ok ? COMMAND_OK : failure_report(ctl, &f);
}

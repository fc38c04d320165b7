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
	bool around;	   /* read through Resource Manager */
	struct buf others; /* when the name means several keys */
	struct table table;
	struct document document;
};

static void look_at(const struct json *element, int64_t now, void *arg)
{
	struct pick *p = arg;
	const char *key = json_get_str(element, "key");
	const struct json *versions = json_get(element, "versions");
	const struct json *v = json_first(versions);

	if (!key || !keyname_means(p->ctl->args->operand, key))
		return;
	if (p->key) {
		buf_printf(&p->others, ", %s", key);
		return;
	}
	p->key = text_dup(key);
	p->around = text_same(json_get_str(element, "read_via"),
			      "resource-manager");
	if (json_type(versions) != JSON_ARRAY)
		return;
	for (; v; v = json_next(v))
		rows_version(&p->table, v, now < 0 ? p->ctl->now_ms : now);
	json_add_str(p->document.w, "key", key);
	json_add_str(p->document.w, "read_via",
		     json_get_str(element, "read_via"));
	json_key(p->document.w, "versions");
	json_copy(p->document.w, versions);
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

int versions_run(struct ctl *ctl)
{
	struct pick p = { .ctl = ctl };
	struct fault f = fault_none();
	bool ok;

	table_init(&p.table, rows_version_heads);
	buf_init(&p.others, FAULT_TEXT_MAX);
	document_open(&p.document, &ctl->out);
	json_open(p.document.w);
	ok = lists_keys(ctl->client, look_at, &p, &f) && one_key(&p, &f);
	json_close(p.document.w);
	if (ok && ctl->args->json) {
		ok = document_print(&p.document, &ctl->out, &f);
	} else {
		document_drop(&p.document);
		if (ok && p.around)
			out_line(&ctl->out,
				 "The key is read through Resource Manager.");
		if (ok && table_rows(&p.table))
			table_print(&p.table, &ctl->out);
		else if (ok)
			out_line(&ctl->out,
				 "keyrotd has met no version of %s yet.",
				 p.key);
	}
	table_free(&p.table);
	buf_free(&p.others);
	free(p.key);
	return ok ? COMMAND_OK : failure_report(ctl, &f);
}

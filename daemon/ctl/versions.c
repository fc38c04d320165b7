/* keyrotctl versions: one key's versions, and which may be disabled. */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "ctl/args.h"
#include "ctl/command.h"
#include "ctl/document.h"
#include "ctl/failure.h"
#include "ctl/keyname.h"
#include "ctl/lists.h"
#include "ctl/table.h"
#include "ctl/words.h"

static const struct table_column columns[] = {
	{ "VERSION", TABLE_KEEP }, { "VERDICT", TABLE_KEEP },
	{ "SINCE", 1 },		   { "UNTIL", 2 },
	{ "REGISTRIES", 3 },	   { "REASON", TABLE_NOTE },
	{ NULL, 0 },
};

static void rows_version(struct table *t, const struct json *version, int64_t now)
{
	const char *verdict = json_get_str(version, "verdict");
	char count[WORDS_MAX] = "", when[WORDS_MAX];
	int64_t n;

	if (json_int(json_get(version, "registries"), &n))
		snprintf(count, sizeof(count), "%d", (int)n);
	table_add(t, json_get_str(version, "version"));
	table_paint(t, words_colour(verdict), verdict);
	words_when(when, sizeof(when), json_get_str(version, "since"), now);
	table_add(t, when);
	words_when(when, sizeof(when), json_get_str(version, "until"), now);
	table_add(t, when);
	table_add(t, count);
	table_add(t, json_get_str(version, "reason"));
}

/* The key that is meant, on its way to the output. */
struct pick {
	struct ctl *ctl;
	char *key;	   /* the identifier, NULL: not met yet */
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
	if (json_type(versions) != JSON_ARRAY)
		return;
	for (; v; v = json_next(v))
		rows_version(&p->table, v, now < 0 ? p->ctl->now_ms : now);
	json_add_str(p->document.w, "key", key);
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

	table_init(&p.table, columns);
	buf_init(&p.others, FAULT_TEXT_MAX);
	document_open(&p.document, &ctl->out);
	json_open(p.document.w);
	ok = lists_keys(ctl->client, look_at, &p, &f) && one_key(&p, &f);
	json_close(p.document.w);
	if (ok && ctl->args->json) {
		ok = document_print(&p.document, &ctl->out, &f);
	} else {
		document_drop(&p.document);
		if (ok && table_rows(&p.table))
			table_print(&p.table, &ctl->out, 0);
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

/*
 * keyrotctl registries: the watched registries, or some of them, in the order
 * and with the columns that are asked for.
 */
#include <stdlib.h>
#include <string.h>

#include "azure/resid.h"
#include "base/text.h"
#include "ctl/args.h"
#include "ctl/chosen.h"
#include "ctl/command.h"
#include "ctl/document.h"
#include "ctl/failure.h"
#include "ctl/lists.h"
#include "ctl/pick.h"
#include "ctl/rows.h"

static const char *const states[] = {
	"current", "rotating", "verifying",   "held",	 "blocked",
	"paused",  "unknown",  "unreachable", "overdue",
};

static const char *const sorts[] = {
	[ROWS_AS_TOLD] = "id",		 [ROWS_BY_HARM] = "harm",
	[ROWS_BY_NAME] = "name",	 [ROWS_BY_DEADLINE] = "deadline",
	[ROWS_BY_VERIFIED] = "verified",
};

struct listing {
	struct ctl *ctl;
	char *key; /* of those that are shown; NULL: any */
	enum rows_sort sort;
	struct table table;
	struct document document;
};

/* Where word, of len bytes, is among n words; n: nowhere. */
static size_t place_of(const char *word, size_t len, const char *const *all,
		       size_t n)
{
	size_t i = 0;

	while (i < n &&
	       (strlen(all[i]) != len || strncmp(all[i], word, len) != 0))
		i++;
	return i;
}

/* ---- who is shown ---- */

static bool is_of_states(const struct args *a, const struct json *r)
{
	const char *state = json_get_str(r, "state"), *word = a->states;
	size_t len;

	for (; word && state; word += len + 1) {
		len = strcspn(word, ",");
		if (strlen(state) == len && !strncmp(word, state, len))
			return true;
		if (!word[len])
			break;
	}
	return !a->states;
}

static bool is_of_subscription(const struct args *a, const struct json *r)
{
	struct resid id;
	struct fault f;

	return !a->subscription ||
	       (json_get_str(r, "id") &&
		resid_parse(&id, json_get_str(r, "id"), &f) &&
		text_prefix(id.subscription, a->subscription));
}

/* A registry tells the key without a version, a watch may name one. */
static bool is_of_key(const struct listing *l, const struct json *r)
{
	const char *key = json_get_str(r, "key");
	size_t len = key ? strlen(key) : 0;

	return !l->key || (len && text_prefix(l->key, key) &&
			   (!l->key[len] || l->key[len] == '/'));
}

static bool is_shown(const struct listing *l, const struct json *r)
{
	const struct args *a = l->ctl->args;

	return is_of_states(a, r) && is_of_subscription(a, r) &&
	       is_of_key(l, r);
}

/* ---- printing ---- */

static void add_row(const struct json *r, int64_t now, void *arg)
{
	struct listing *l = arg;

	if (!is_shown(l, r))
		return;
	rows_begin(&l->table, r, l->sort);
	rows_registry(&l->table, r, now < 0 ? l->ctl->now_ms : now);
}

static void copy_element(const struct json *r, int64_t now, void *arg)
{
	struct listing *l = arg;

	(void)now;
	if (is_shown(l, r))
		json_copy(l->document.w, r);
}

static bool print_text(struct listing *l, struct fault *f)
{
	const struct args *a = l->ctl->args;
	struct out *o = &l->ctl->out;

	if (!lists_registries(l->ctl->client, add_row, l, f))
		return false;
	rows_finish(&l->table, l->sort);
	if (table_rows(&l->table))
		table_print(&l->table, o, 0);
	else if (a->states || a->subscription || l->key)
		out_line(o, "No watched registry is one of these.");
	else
		out_line(o, "No registry is watched.");
	return true;
}

static bool print_json(struct listing *l, struct fault *f)
{
	struct document *d = &l->document;

	document_open(d, &l->ctl->out);
	json_open(d->w);
	json_key(d->w, "registries");
	json_open_array(d->w);
	if (!lists_registries(l->ctl->client, copy_element, l, f)) {
		document_drop(d);
		return false;
	}
	json_close_array(d->w);
	json_close(d->w);
	return document_print(d, &l->ctl->out, f);
}

/* ---- the command line ---- */

static bool judge_states(struct ctl *ctl)
{
	const size_t n = sizeof(states) / sizeof(states[0]);
	const char *word = ctl->args->states;
	size_t len;

	for (; word; word += len + 1) {
		len = strcspn(word, ",");
		if (place_of(word, len, states, n) == n) {
			out_line(&ctl->err,
				 "keyrotctl: --state takes current, rotating, "
				 "verifying, held, blocked, paused, unknown, "
				 "unreachable and overdue; not \"%.*s\".",
				 (int)len, word);
			return false;
		}
		if (!word[len])
			break;
	}
	return true;
}

static bool judge_sort(struct ctl *ctl, enum rows_sort *sort)
{
	const size_t n = sizeof(sorts) / sizeof(sorts[0]);
	const char *word = ctl->args->sort;
	size_t i = word ? place_of(word, strlen(word), sorts, n) : 0;

	*sort = (enum rows_sort)i;
	if (i < n)
		return true;
	out_line(
		&ctl->err,
		"keyrotctl: --sort takes id, harm, name, deadline or verified; "
		"not \"%s\".",
		word);
	return false;
}

int registries_run(struct ctl *ctl)
{
	struct listing l = { .ctl = ctl };
	struct fault f = fault_none();
	int code = COMMAND_OK;

	table_init(&l.table, rows_registry_columns);
	if (!judge_states(ctl) || !judge_sort(ctl, &l.sort) ||
	    !chosen_columns(ctl, &l.table)) {
		table_free(&l.table);
		return COMMAND_USAGE;
	}
	if (ctl->args->key)
		l.key = pick_key(ctl->client, ctl->args->key, &f);
	if (f.kind != FAULT_NONE ||
	    !(ctl->args->json ? print_json(&l, &f) : print_text(&l, &f)))
		code = failure_report(ctl, &f);
	table_free(&l.table);
	free(l.key);
	return code;
}

/* keyrotctl discover: registries with a customer-managed key, whether a watch
 * names them or not. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "azure/keyid.h"
#include "base/text.h"
#include "ctl/args.h"
#include "ctl/command.h"
#include "ctl/discover_conf.h"
#include "ctl/document.h"
#include "ctl/failure.h"
#include "ctl/rows.h"
#include "ctl/table.h"
#include "ctl/words.h"
#include "ctl/wrap.h"

/* The daemon keeps silent no longer than Azure does (DISCOVER_SILENCE_MS of
 * engine/discover.h). */
#define SILENCE_MS (4 * 60000)

static const struct table_column columns[] = { { "REGISTRY", TABLE_KEEP },
					       { "KEY", 2 },
					       { "VERSION", 3 },
					       { "ROTATION", 4 },
					       { "IDENTITY", 5 },
					       { "WATCH", TABLE_KEEP },
					       { NULL, 0 } };

/* Of a rule that is tried. */
static const struct table_column rule_columns[] = {
	{ "REGISTRY", TABLE_KEEP }, { "KEY", 2 },	    { "VERSION", 3 },
	{ "ROTATION", 4 },	    { "RULE", TABLE_KEEP }, { NULL, 0 }
};

/* A subscription, and what came of it. */
struct place {
	char *subscription, *group, *credential;
	char *error; /* NULL: none */
	int64_t listed, encrypted, hidden, unlisted;
};

struct search {
	struct ctl *ctl;
	struct document document;  /* with --json */
	struct discover_conf conf; /* with --conf */
	struct table table;	   /* with neither */
	struct place *places;
	size_t n_places;
	int64_t found, bare; /* registries; those that no watch names */
	int64_t ruled;	     /* that the rule watches */
	bool failed;	     /* a list could not be had */
	struct fault fault;  /* of the output */
};

/* ---- what comes ---- */

/* The mode is the rule's, unless that is not so. */
static void add_watched(struct table *t, const struct json *n)
{
	const char *mode = json_get_str(n, "mode");
	bool of_watch = false;
	char *text;

	json_bool(json_get(n, "mode_of_watch"), &of_watch);
	if (!of_watch || !mode) {
		table_add(t, "watched");
		return;
	}
	text = text_printf(
		"watched, in mode %s, as the watch block of its key says",
		mode);
	table_add(t, text);
	free(text);
}

static void add_ruled(struct table *t, const struct json *n)
{
	const char *reason = json_get_str(n, "reason");
	const char *key = json_get_str(n, "key");
	char text[KEYID_TEXT_MAX], base[KEYID_TEXT_MAX];
	bool automatic = false;

	discover_conf_base(key, base);
	json_bool(json_get(n, "auto_rotation"), &automatic);
	table_begin(t, 0, 0, json_get_str(n, "registry"));
	table_add(t, words_registry(json_get_str(n, "registry")));
	words_key(text, sizeof(text), base);
	table_add(t, key ? text : NULL);
	words_version(text, sizeof(text), json_get_str(n, "version_in_use"));
	table_add(t, key ? text : NULL);
	table_add(t, !key ? NULL : automatic ? "automatic" : "pinned");
	if (reason)
		table_paint(t, OUT_YELLOW, reason);
	else
		add_watched(t, n);
}

static void add_row(struct table *t, const struct json *n)
{
	const char *watch = json_get_str(n, "watch");
	char text[KEYID_TEXT_MAX], base[KEYID_TEXT_MAX];
	bool automatic = false;

	discover_conf_base(json_get_str(n, "key"), base);
	json_bool(json_get(n, "auto_rotation"), &automatic);
	table_begin(t, 0, 0, json_get_str(n, "registry"));
	table_add(t, words_registry(json_get_str(n, "registry")));
	words_key(text, sizeof(text), base);
	table_add(t, text);
	words_version(text, sizeof(text), json_get_str(n, "version_in_use"));
	table_add(t, text);
	table_add(t, automatic ? "automatic" : "pinned");
	table_add(t, json_get_str(n, "identity"));
	words_key(text, sizeof(text), watch ? watch : "none");
	table_paint(t, watch ? OUT_PLAIN : OUT_YELLOW, text);
}

static bool take_found(struct search *s, const struct json *n)
{
	const char *watch = json_get_str(n, "watch");

	if (!json_get_str(n, "registry") || !json_get_str(n, "credential"))
		return false;
	s->found++;
	s->bare += !watch;
	s->ruled += json_get_str(n, "rule") != NULL;
	if (s->ctl->args->json)
		json_copy(s->document.w, n);
	else if (s->ctl->args->rule)
		add_ruled(&s->table, n);
	else if (!s->ctl->args->conf)
		add_row(&s->table, n);
	else if (!watch && !discover_conf_add(&s->conf, n))
		fault_set(&s->fault, FAULT_LOCAL, 0,
			  "More than %d registries are in no watch; search one "
			  "subscription after the other.",
			  DISCOVER_CONF_MAX);
	return true;
}

static bool take_place(struct search *s, const struct json *n)
{
	struct place p = { .listed = 0 };

	if (!json_get_str(n, "subscription") || !json_get_str(n, "credential"))
		return false;
	json_int(json_get(n, "listed"), &p.listed);
	json_int(json_get(n, "encrypted"), &p.encrypted);
	json_int(json_get(n, "hidden"), &p.hidden);
	json_int(json_get(n, "unlisted"), &p.unlisted);
	p.subscription = text_dup(json_get_str(n, "subscription"));
	p.group = text_dup(json_get_str(n, "group"));
	p.credential = text_dup(json_get_str(n, "credential"));
	p.error = text_dup(json_get_str(n, "error"));
	s->failed |= p.error != NULL;
	s->places = text_grow(s->places, s->n_places, sizeof(*s->places));
	s->places[s->n_places++] = p;
	return true;
}

/* Only somebody who looks wants to know how far it is. */
static void show_progress(const struct search *s, const struct json *reply)
{
	FILE *file = s->ctl->err.file;
	int64_t done, all;

	if (!s->ctl->err.terminal)
		return;
	fputs("\r\033[K", file);
	if (json_int(json_get(reply, "done"), &done) &&
	    json_int(json_get(reply, "all"), &all) && done < all)
		fprintf(file, "%" PRId64 " of %" PRId64 " searched", done, all);
	fflush(file);
}

static enum client_next take(const struct json *reply, void *arg)
{
	struct search *s = arg;
	const struct json *found = json_get(reply, "found"), *n;
	const struct json *searched = json_get(reply, "searched");

	if (json_type(found) != JSON_ARRAY || json_type(searched) != JSON_ARRAY)
		return CLIENT_BAD;
	/* The daemon sees to it that it ends; how soon, Azure decides. */
	client_follow(s->ctl->client, STDOUT_FILENO, SILENCE_MS);
	for (n = json_first(found); n; n = json_next(n))
		if (!take_found(s, n))
			return CLIENT_BAD;
	for (n = json_first(searched); n; n = json_next(n))
		if (!take_place(s, n))
			return CLIENT_BAD;
	show_progress(s, reply);
	return s->fault.kind == FAULT_NONE ? CLIENT_GO_ON : CLIENT_STOP;
}

/* ---- what is said ---- */

static void say_place(struct out *o, const struct place *p)
{
	char *where = text_printf("Subscription %s%s%s", p->subscription,
				  p->group ? ", group " : "",
				  p->group ? p->group : "");

	if (p->error)
		wrap_line(o, 0, 2, "%s: %s", where, p->error);
	else if (!p->listed)
		wrap_line(o, 0, 2,
			  "%s: no registry is listed. Azure lists "
			  "only what credential \"%s\" may read.",
			  where, p->credential);
	else
		wrap_line(o, 0, 2,
			  "%s: %" PRId64 " %s listed, %" PRId64
			  " of them with a customer-managed key.",
			  where, p->listed,
			  p->listed == 1 ? "registry is" : "registries are",
			  p->encrypted);
	free(where);
	if (p->hidden) {
		out_blanks(o, 2);
		wrap_line(o, 2, 2,
			  "Of %" PRId64 " the list does not tell whether there "
			  "is one.",
			  p->hidden);
	}
	if (p->unlisted) {
		out_blanks(o, 2);
		wrap_line(o, 2, 2,
			  "%" PRId64 " watched %s not listed: Azure lists only "
			  "what credential \"%s\" may read, so there may be "
			  "others.",
			  p->unlisted,
			  p->unlisted == 1 ? "registry is" : "registries are",
			  p->credential);
	}
}

static void say_all(const struct search *s, struct out *o)
{
	for (size_t i = 0; i < s->n_places; i++)
		say_place(o, &s->places[i]);
	if (s->ctl->args->rule)
		wrap_line(o, 0, 2,
			  "Rule \"%s\" watches %" PRId64 " of %" PRId64 ".",
			  s->ctl->args->rule, s->ruled, s->found);
	else if (!s->n_places)
		wrap_line(o, 0, 2,
			  "No registry is watched, so no subscription is "
			  "known: say which one with --subscription.");
	else if (s->bare)
		wrap_line(o, 0, 2,
			  "%" PRId64 " of %" PRId64 " %s in no watch%s",
			  s->bare, s->found, s->bare == 1 ? "is" : "are",
			  s->ctl->args->conf
				  ? "."
				  : "; --conf prints watch blocks for them.");
	else if (s->found)
		wrap_line(o, 0, 2, "All that were found are in a watch.");
}

static void write_places(const struct search *s, struct json_writer *w)
{
	for (size_t i = 0; i < s->n_places; i++) {
		const struct place *p = &s->places[i];

		json_open(w);
		json_add_str(w, "subscription", p->subscription);
		json_add_str(w, "group", p->group);
		json_add_str(w, "credential", p->credential);
		json_add_int(w, "listed", p->listed);
		json_add_int(w, "encrypted", p->encrypted);
		json_add_int(w, "hidden", p->hidden);
		json_add_int(w, "unlisted", p->unlisted);
		json_add_str(w, "error", p->error);
		json_close(w);
	}
}

static void print_document(struct search *s)
{
	struct json_writer *w = s->document.w;

	json_close_array(w);
	json_key(w, "searched");
	json_open_array(w);
	write_places(s, w);
	json_close_array(w);
	json_close(w);
	document_print(&s->document, &s->ctl->out, &s->fault);
}

static void print(struct search *s)
{
	struct out *o = &s->ctl->out;

	if (s->ctl->args->json) {
		print_document(s);
		return;
	}
	document_drop(&s->document);
	/* What goes into a file has nothing else in it. */
	if (s->ctl->args->conf) {
		discover_conf_print(&s->conf, o);
		say_all(s, &s->ctl->err);
		return;
	}
	if (table_rows(&s->table)) {
		rows_finish(&s->table, ROWS_BY_NAME);
		table_print(&s->table, o, 0);
		out_end(o);
	}
	say_all(s, o);
}

/* ---- the command ---- */

static void forget(struct search *s)
{
	for (size_t i = 0; i < s->n_places; i++) {
		free(s->places[i].subscription);
		free(s->places[i].group);
		free(s->places[i].credential);
		free(s->places[i].error);
	}
	free(s->places);
	discover_conf_free(&s->conf);
	table_free(&s->table);
}

int discover_run(struct ctl *ctl)
{
	struct search s = { .ctl = ctl, .fault = fault_none() };
	const struct client_parameter parameters[] = {
		{ "subscription", ctl->args->subscription },
		{ "credential", ctl->args->credential },
		{ "rule", ctl->args->rule },
		{ 0 },
	};
	struct fault f = fault_none();
	bool ok;

	table_init(&s.table, ctl->args->rule ? rule_columns : columns);
	document_open(&s.document, &ctl->out);
	json_open(s.document.w);
	json_key(s.document.w, "found");
	json_open_array(s.document.w);
	ok = client_call(ctl->client, "io.keyrotd.Control.Discover", parameters,
			 true, take, &s, &f);
	if (ok && s.fault.kind == FAULT_NONE)
		print(&s);
	else
		document_drop(&s.document);
	forget(&s);
	if (!ok)
		return failure_report(ctl, &f);
	if (s.fault.kind != FAULT_NONE)
		return failure_report(ctl, &s.fault);
	return s.failed ? COMMAND_FAILED : COMMAND_OK;
}

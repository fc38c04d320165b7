/* keyrotctl status: the summary, the registries and the keys in one. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/args.h"
#include "ctl/command.h"
#include "ctl/document.h"
#include "ctl/failure.h"
#include "ctl/lists.h"
#include "ctl/rows.h"
#include "ctl/words.h"

/* What is kept of a reply to Summary. */
struct heading {
	char *state, *reason, *paused_until, *forecast;
	bool dry_run;
	int64_t now;
};

static void free_heading(struct heading *h)
{
	free(h->state);
	free(h->reason);
	free(h->paused_until);
	free(h->forecast);
}

struct filling {
	struct table table;
	int64_t now;
	void (*row)(struct table *t, const struct json *e, int64_t now);
};

static enum client_next take_heading(const struct json *summary, void *arg)
{
	struct heading *h = arg;
	const char *state = json_get_str(summary, "state");
	const char *now = json_get_str(summary, "now");
	const char *reason = json_get_str(summary, "reason");

	if (!state || !reason)
		return CLIENT_BAD;
	free_heading(h);
	h->state = text_dup(state);
	h->reason = text_dup(reason);
	h->paused_until = text_dup(json_get_str(summary, "paused_until"));
	h->forecast =
		text_dup(json_get_str(json_get(summary, "forecast"), "text"));
	json_bool(json_get(summary, "dry_run"), &h->dry_run);
	/* The daemon corrects its clock by Azure's; ages are told by it. */
	if (now && text_parse_rfc3339(now) >= 0)
		h->now = text_parse_rfc3339(now);
	return CLIENT_GO_ON;
}

static void print_heading(struct out *o, const struct heading *h)
{
	char when[WORDS_MAX];

	out_text(o, words_colour(h->state), h->state);
	out_line(o, ": %s", h->reason);
	if (h->forecast)
		out_line(o, "Forecast: %s", h->forecast);
	if (h->dry_run)
		out_line(o, "This is a dry run: nothing is written to Azure.");
	if (h->paused_until) {
		words_when(when, sizeof(when), h->paused_until, h->now);
		out_line(o, "Paused until %s (%s): no registry is written.",
			 h->paused_until, when);
	}
	out_end(o);
}

static void fill(const struct json *element, int64_t now, void *arg)
{
	struct filling *filling = arg;

	filling->row(&filling->table, element, now < 0 ? filling->now : now);
}

static void print_table(struct out *o, const struct table *t, const char *none)
{
	if (table_rows(t))
		table_print(t, o);
	else
		out_line(o, "%s", none);
}

/* Everything is asked for before the first line is printed. */
static int run_text(struct ctl *ctl)
{
	struct heading h = { .now = ctl->now_ms };
	struct filling regs = { .row = rows_status_registry };
	struct filling keys = { .row = rows_status_key };
	struct fault f = fault_none();
	bool ok = client_call(ctl->client, "io.keyrotd.Status.Summary", NULL,
			      false, take_heading, &h, &f);

	regs.now = keys.now = h.now;
	table_init(&regs.table, rows_status_registry_heads);
	table_init(&keys.table, rows_status_key_heads);
	ok = ok && lists_registries(ctl->client, fill, &regs, &f) &&
	     lists_keys(ctl->client, fill, &keys, &f);
	if (ok) {
		print_heading(&ctl->out, &h);
		print_table(&ctl->out, &regs.table, "No registry is watched.");
		out_end(&ctl->out);
		print_table(&ctl->out, &keys.table, "No key is watched.");
	}
	table_free(&regs.table);
	table_free(&keys.table);
	free_heading(&h);
	return ok ? COMMAND_OK : failure_report(ctl, &f);
}

/* All of the summary but the two counts, whose names the lists bear. */
static enum client_next copy_summary(const struct json *summary, void *arg)
{
	struct document *d = arg;
	const struct json *m = json_first(summary);

	if (!json_get_str(summary, "state"))
		return CLIENT_BAD;
	for (; m; m = json_next(m)) {
		if (!strcmp(json_name(m), "keys") ||
		    !strcmp(json_name(m), "registries"))
			continue;
		json_key(d->w, json_name(m));
		json_copy(d->w, m);
	}
	return CLIENT_GO_ON;
}

static void copy_element(const struct json *element, int64_t now, void *arg)
{
	struct document *d = arg;

	(void)now;
	json_copy(d->w, element);
}

static int run_json(struct ctl *ctl)
{
	struct fault f = fault_none();
	struct document d;
	bool ok;

	document_open(&d, &ctl->out);
	json_open(d.w);
	ok = client_call(ctl->client, "io.keyrotd.Status.Summary", NULL, false,
			 copy_summary, &d, &f);
	json_key(d.w, "keys");
	json_open_array(d.w);
	ok = ok && lists_keys(ctl->client, copy_element, &d, &f);
	json_close_array(d.w);
	json_key(d.w, "registries");
	json_open_array(d.w);
	ok = ok && lists_registries(ctl->client, copy_element, &d, &f);
	json_close_array(d.w);
	json_close(d.w);
	if (!ok)
		document_drop(&d);
	else
		ok = document_print(&d, &ctl->out, &f);
	return ok ? COMMAND_OK : failure_report(ctl, &f);
}

int status_run(struct ctl *ctl)
{
	return ctl->args->json ? run_json(ctl) : run_text(ctl);
}

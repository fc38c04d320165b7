/* keyrotctl status: the summary, the registries and the keys in one. */
#include <stdlib.h>
#include <string.h>

#include "ctl/args.h"
#include "ctl/command.h"
#include "ctl/document.h"
#include "ctl/failure.h"
#include "ctl/lists.h"
#include "ctl/overview.h"

/* Everything is asked for before the first line is printed.  On a terminal it
 * is one screen, the last line of which is for the prompt. */
static int run_text(struct ctl *ctl)
{
	struct fault f = fault_none();
	struct overview v;
	bool ok = overview_take(&v, ctl->client, ctl->now_ms, &f);
	size_t lines = 0;

	if (ctl->out.height > 1 && !ctl->args->all)
		lines = (size_t)ctl->out.height - 1;
	if (ok)
		overview_print(&v, &ctl->out, lines);
	overview_free(&v);
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

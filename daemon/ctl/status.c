/* keyrotctl status: the summary, the registries and the keys in one, once or
 * in place. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/args.h"
#include "ctl/command.h"
#include "ctl/document.h"
#include "ctl/failure.h"
#include "ctl/lists.h"
#include "ctl/overview.h"
#include "ctl/screen.h"
#include "ctl/wrap.h"
#include "io/clock.h"

#define REFRESH_MS 2000
#define FOOT_MAX 80
#define LINES 24 /* of a terminal that does not know how many it has */

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

/* ---- in place ---- */

/* What is wrong, as a frame that goes on being refreshed. */
static void print_trouble(struct out *o, const struct fault *f)
{
	wrap_text(o, OUT_RED, 0, 0, f->text);
	out_end(o);
	out_line(o, "It is tried again every %d s.", REFRESH_MS / 1000);
}

/* One frame into o; the moment of which it tells.  The connection is made anew
 * when it was lost. */
static int64_t print_frame(struct ctl *ctl, struct out *o, size_t lines)
{
	struct fault f = fault_none();
	struct overview v;
	int64_t now = clock_wall_ms();
	bool ok = false;

	if (!ctl->client)
		ctl->client = client_open(ctl->args->socket,
					  ctl->args->timeout_ms, &f);
	if (ctl->client) {
		ok = overview_take(&v, ctl->client, now, &f);
		now = v.now;
		if (ok)
			overview_print(&v, o, lines > 3 ? lines - 2 : 1);
		overview_free(&v);
	}
	if (!ok) {
		print_trouble(o, &f);
		client_close(ctl->client);
		ctl->client = NULL;
	}
	out_end(o);
	return now;
}

static void show_frame(struct ctl *ctl)
{
	struct out frame;
	char *text = NULL, foot[FOOT_MAX], time[32];
	size_t len = 0, lines;

	out_size(&ctl->out);
	lines = ctl->out.height > 0 ? (size_t)ctl->out.height : LINES;
	frame = ctl->out;
	frame.file = open_memstream(&text, &len);
	if (!frame.file)
		abort(); /* out of memory, as text.h has it */
	text_time(time, sizeof(time), print_frame(ctl, &frame, lines));
	fclose(frame.file);
	snprintf(foot, sizeof(foot), "%s, every %d s; q quits.", time,
		 REFRESH_MS / 1000);
	screen_show(text, len, lines, foot);
	free(text);
}

static int run_watch(struct ctl *ctl)
{
	if (!screen_open()) {
		out_line(&ctl->err,
			 "keyrotctl: status --watch needs a terminal.");
		return COMMAND_USAGE;
	}
	do {
		show_frame(ctl);
	} while (screen_wait(REFRESH_MS) != SCREEN_QUIT);
	screen_close();
	return COMMAND_OK;
}

/* ---- as JSON ---- */

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
	document_add(d, element);
}

/* Indented, they have to be read; on one line they are taken as they come. */
static bool copy_lists(struct ctl *ctl, struct document *d, struct fault *f)
{
	bool lent = !ctl->out.terminal, ok;

	json_key(d->w, "keys");
	json_open_array(d->w);
	ok = (lent ? lists_keys_lent : lists_keys)(ctl->client, copy_element, d,
						   f);
	json_close_array(d->w);
	json_key(d->w, "registries");
	json_open_array(d->w);
	ok = ok && (lent ? lists_registries_lent
			 : lists_registries)(ctl->client, copy_element, d, f);
	json_close_array(d->w);
	return ok;
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
	ok = ok && copy_lists(ctl, &d, &f);
	json_close(d.w);
	if (!ok)
		document_drop(&d);
	else
		ok = document_print(&d, &ctl->out, &f);
	return ok ? COMMAND_OK : failure_report(ctl, &f);
}

int status_run(struct ctl *ctl)
{
	if (ctl->args->watch)
		return run_watch(ctl);
	return ctl->args->json ? run_json(ctl) : run_text(ctl);
}

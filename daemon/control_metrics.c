/* What metrics_part writes goes out as its client takes it, as text or as one
 * object a reply. */
#include "control_metrics.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

/* Metrics, part by part. */
struct telling {
	struct control_metrics from;
	struct metrics_cursor cursor;
	enum exposition_form form;
	struct buf ahead; /* JSON: the next part, ... */
	bool more;	  /* ... which is not the last one */
};

static bool metrics_next(struct telling *t, struct buf *part)
{
	const struct control_metrics *o = &t->from;
	struct metrics_outside outside;

	o->outside(&outside, o->arg);
	buf_init(part, METRICS_PART_MAX);
	return metrics_part(o->engine, &outside, &t->cursor, METRICS_ROWS,
			    t->form, part);
}

/* Each part is one string of the array. */
static bool metrics_text(struct buf *out, void *arg)
{
	struct json_writer *w = json_writer_new(out, false);
	struct buf part;
	bool more = metrics_next(arg, &part);

	json_put_str(w, buf_str(&part));
	json_finish(w);
	buf_free(&part);
	return more;
}

/* One part ahead: the last one has to have something in it. */
static bool metrics_objects(struct buf *out, void *arg)
{
	struct telling *t = arg;

	while (t->more) {
		buf_add(out, t->ahead.data, t->ahead.len);
		buf_free(&t->ahead);
		t->more = metrics_next(t, &t->ahead);
		if (t->ahead.len && out->len)
			return true;
	}
	buf_add(out, t->ahead.data, t->ahead.len);
	return false;
}

static void metrics_gone(void *arg)
{
	struct telling *t = arg;

	metrics_end(&t->cursor);
	buf_free(&t->ahead);
	free(t);
}

static struct telling *telling_new(const struct control_metrics *from,
				   enum exposition_form form)
{
	struct telling *t = text_alloc(1, sizeof(*t));

	t->from = *from;
	t->form = form;
	t->more = true;
	buf_init(&t->ahead, METRICS_PART_MAX);
	return t;
}

void control_metrics_text(const struct control_metrics *from,
			  struct varlink_call *call)
{
	static const struct varlink_list list = { NULL, metrics_text,
						  metrics_gone };
	const char *format = json_get_str(varlink_parameters(call), "format");
	enum exposition_form form = EXPOSITION_PROMETHEUS;

	if (format && strcmp(format, "openmetrics") == 0) {
		form = EXPOSITION_OPENMETRICS;
	} else if (format && strcmp(format, "prometheus") != 0) {
		varlink_invalid(call, "format");
		return;
	}
	varlink_list(call, "text", &list, telling_new(from, form));
}

/* ---- io.systemd.Metrics ---- */

void control_metrics_list(const struct control_metrics *from,
			  struct varlink_call *call)
{
	static const struct varlink_list list = { NULL, metrics_objects,
						  metrics_gone };

	varlink_replies(call, &list, telling_new(from, EXPOSITION_JSON));
}

static bool descriptions(struct buf *out, void *arg)
{
	(void)arg;
	metrics_describe(out);
	return false;
}

static void nothing_gone(void *arg)
{
	(void)arg;
}

void control_metrics_describe(struct varlink_call *call)
{
	static const struct varlink_list list = { NULL, descriptions,
						  nothing_gone };

	varlink_replies(call, &list, NULL);
}

/* keyrotctl metrics: what Prometheus reads.  Nothing is printed before all of
 * it is there: half of it would look like registries that are gone. */
#include <string.h>

#include "base/buf.h"
#include "ctl/args.h"
#include "ctl/command.h"
#include "ctl/failure.h"
#include "ctl/serve.h"
#include "ctl/stream.h"

#define REFUSAL_MAX 128

static void print(struct out *o, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		out_line(o, "%.*s", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static enum client_next take(const struct json *parameters, void *arg)
{
	struct buf *all = arg;
	const struct json *array = json_get(parameters, "text");

	if (json_type(array) != JSON_ARRAY)
		return CLIENT_BAD;
	for (const struct json *s = json_first(array); s; s = json_next(s)) {
		if (!json_str(s) || !buf_puts(all, json_str(s)))
			return CLIENT_BAD;
	}
	return CLIENT_GO_ON;
}

/* All of it as text, which the caller frees. */
static bool fetch(struct ctl *ctl, bool openmetrics, struct buf *all,
		  struct fault *f)
{
	const struct client_parameter parameters[] = {
		{ "format", openmetrics ? "openmetrics" : "prometheus" },
		{ NULL, NULL },
	};

	buf_init(all, STREAM_CALL_MAX);
	return client_call(ctl->client, "io.keyrotd.Status.Metrics", parameters,
			   true, take, all, f);
}

/* ---- over HTTP ---- */

static enum client_next take_state(const struct json *summary, void *arg)
{
	struct buf *all = arg;
	const char *state = json_get_str(summary, "state");

	if (!state)
		return CLIENT_BAD;
	return buf_printf(all, "%s\n", state) ? CLIENT_GO_ON : CLIENT_BAD;
}

/* What the daemon says to a good request, in *all; 200 or 503. */
static int ask(struct ctl *ctl, const struct request *r, bool openmetrics,
	       struct buf *all)
{
	const struct args *a = ctl->args;
	struct fault f = fault_none();
	bool ok = false;

	buf_init(all, STREAM_CALL_MAX);
	ctl->client = client_open(a->socket, a->timeout_ms, &f);
	if (ctl->client && r->path == REQUEST_METRICS)
		ok = fetch(ctl, openmetrics, all, &f);
	else if (ctl->client)
		ok = client_call(ctl->client, "io.keyrotd.Status.Summary", NULL,
				 false, take_state, all, &f);
	client_close(ctl->client);
	ctl->client = NULL;
	if (ok)
		return 200;
	failure_report(ctl, &f);
	buf_free(all);
	buf_init(all, REFUSAL_MAX);
	/* Paths and the like are told to the log only. */
	buf_puts(all, "keyrotd does not answer.\n");
	return 503;
}

static int serve(struct ctl *ctl)
{
	struct request r;
	int status = serve_read(&r);
	bool openmetrics = r.openmetrics || ctl->args->openmetrics;
	const char *type = "text/plain; charset=utf-8";
	struct buf all;

	if (status == 0)
		return COMMAND_OK;
	if (status == 200) {
		status = ask(ctl, &r, openmetrics, &all);
	} else {
		buf_init(&all, REFUSAL_MAX);
		buf_printf(&all, "%s\n", request_phrase(status));
	}
	if (status == 200 && r.path == REQUEST_METRICS)
		type = openmetrics ? "application/openmetrics-text; "
				     "version=1.0.0; charset=utf-8"
				   : "text/plain; version=0.0.4; charset=utf-8";
	/* Whoever went away before the end has not failed us. */
	(void)serve_answer(&r, status, type, buf_str(&all));
	buf_free(&all);
	return COMMAND_OK;
}

int metrics_run(struct ctl *ctl)
{
	struct fault f = fault_none();
	struct buf all;
	bool ok;

	if (ctl->args->http)
		return serve(ctl);
	ok = fetch(ctl, ctl->args->openmetrics, &all, &f);
	if (ok)
		print(&ctl->out, buf_str(&all));
	buf_free(&all);
	return ok ? COMMAND_OK : failure_report(ctl, &f);
}

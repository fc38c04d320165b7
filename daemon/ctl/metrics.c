/* keyrotctl metrics: what Prometheus reads.  Nothing is printed before all of
 * it is there: half of it would look like registries that are gone. */
#include <string.h>

#include "base/buf.h"
#include "ctl/args.h"
#include "ctl/command.h"
#include "ctl/failure.h"
#include "ctl/stream.h"

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

int metrics_run(struct ctl *ctl)
{
	const struct client_parameter parameters[] = {
		{ "format",
		  ctl->args->openmetrics ? "openmetrics" : "prometheus" },
		{ NULL, NULL },
	};
	struct fault f = fault_none();
	struct buf all;
	bool ok;

	buf_init(&all, STREAM_CALL_MAX);
	ok = client_call(ctl->client, "io.keyrotd.Status.Metrics", parameters,
			 true, take, &all, &f);
	if (ok)
		print(&ctl->out, buf_str(&all));
	buf_free(&all);
	return ok ? COMMAND_OK : failure_report(ctl, &f);
}

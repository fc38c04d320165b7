/* keyrotctl check: one line for a monitoring system. */
#include <stdlib.h>

#include "ctl/args.h"
#include "ctl/command.h"
#include "ctl/failure.h"
#include "ctl/plugin.h"

#define PERFDATA_MAX 1024

struct answer {
	struct ctl *ctl;
	int code;
};

static enum client_next take(const struct json *summary, void *arg)
{
	struct answer *a = arg;
	const char *state = json_get_str(summary, "state");
	enum plugin_code code = plugin_judge(summary);
	struct buf perfdata;
	char *text;

	if (!state)
		return CLIENT_BAD;
	text = plugin_text(summary);
	buf_init(&perfdata, PERFDATA_MAX);
	plugin_perfdata(&perfdata, summary);
	plugin_print(&a->ctl->out, code, text, buf_str(&perfdata));
	buf_free(&perfdata);
	free(text);
	a->code = (int)code;
	return CLIENT_GO_ON;
}

int check_run(struct ctl *ctl)
{
	struct answer a = { ctl, PLUGIN_UNKNOWN };
	struct fault f = fault_none();

	if (!client_call(ctl->client, "io.keyrotd.Status.Summary", NULL, false,
			 take, &a, &f))
		return failure_report(ctl, &f);
	return a.code;
}

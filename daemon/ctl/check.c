/* keyrotctl check: one line for a monitoring system, about all or about one
 * registry. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ctl/args.h"
#include "ctl/command.h"
#include "ctl/document.h"
#include "ctl/failure.h"
#include "ctl/plugin.h"

#define PERFDATA_MAX 1024

struct answer {
	struct ctl *ctl;
	int code;
	struct fault fault; /* of the output */
};

/* The performance data as members: numbers without their units. */
static void put_perfdata(struct json_writer *w, const char *perfdata)
{
	char *copy = text_dup(perfdata), *rest = copy, *word, *value;

	json_key(w, "performance");
	json_open(w);
	while ((word = strtok_r(rest, " ", &rest))) {
		value = strchr(word, '=');
		if (!value)
			continue;
		*value++ = '\0';
		json_add_int(w, word, strtoll(value, NULL, 10));
	}
	json_close(w);
	free(copy);
}

static void print_json(struct answer *a, enum plugin_code code,
		       const char *text, const char *perfdata)
{
	struct document d;

	document_open(&d, &a->ctl->out);
	json_open(d.w);
	json_add_str(d.w, "status", plugin_code_str(code));
	json_add_int(d.w, "code", code);
	json_add_str(d.w, "text", text);
	put_perfdata(d.w, perfdata);
	json_close(d.w);
	document_print(&d, &a->ctl->out, &a->fault);
}

/* text is freed. */
static void print(struct answer *a, enum plugin_code code, char *text,
		  const struct buf *perfdata)
{
	const char *data = perfdata->len ? buf_str(perfdata) : NULL;

	a->code = (int)code;
	if (a->ctl->args->json)
		print_json(a, code, text, data ? data : "");
	else
		plugin_print(&a->ctl->out, code, text, data);
	free(text);
}

static enum client_next take_all(const struct json *summary, void *arg)
{
	struct buf perfdata;

	if (!json_get_str(summary, "state"))
		return CLIENT_BAD;
	buf_init(&perfdata, PERFDATA_MAX);
	plugin_perfdata(&perfdata, summary);
	print(arg, plugin_judge(summary), plugin_text(summary), &perfdata);
	buf_free(&perfdata);
	return CLIENT_GO_ON;
}

static enum client_next take_one(const struct json *parameters, void *arg)
{
	struct answer *a = arg;
	const struct json *r = json_get(parameters, "registry");
	const char *text = json_get_str(parameters, "now");
	int64_t now = text ? text_parse_rfc3339(text) : -1;
	struct buf perfdata;

	if (!json_get_str(r, "id") || !json_get_str(r, "state"))
		return CLIENT_BAD;
	buf_init(&perfdata, PERFDATA_MAX);
	plugin_perfdata_registry(&perfdata, r, now < 0 ? a->ctl->now_ms : now);
	print(arg, plugin_judge_registry(r), plugin_text_registry(r),
	      &perfdata);
	buf_free(&perfdata);
	return CLIENT_GO_ON;
}

int check_run(struct ctl *ctl)
{
	struct answer a = { ctl, PLUGIN_UNKNOWN, fault_none() };
	struct fault f = fault_none();
	const struct client_parameter parameters[] = {
		{ "registry", ctl->args->operand },
		{ 0 },
	};
	bool ok;

	if (ctl->args->operand)
		ok = client_call(ctl->client, "io.keyrotd.Status.Explain",
				 parameters, false, take_one, &a, &f);
	else
		ok = client_call(ctl->client, "io.keyrotd.Status.Summary", NULL,
				 false, take_all, &a, &f);
	if (ok && a.fault.kind != FAULT_NONE) {
		f = a.fault;
		ok = false;
	}
	return ok ? a.code : failure_report(ctl, &f);
}

/* keyrotctl events: what happened lately, and with -f what happens now. */
#include <string.h>
#include <unistd.h>

#include "ctl/args.h"
#include "ctl/command.h"
#include "ctl/document.h"
#include "ctl/failure.h"
#include "ctl/words.h"

struct watch {
	struct ctl *ctl;
	struct fault fault; /* of the output */
	bool live;	    /* past hello */
};

/* Whom it is about, unless the text says so itself. */
static void print_subject(struct out *o, const struct json *event,
			  const char *text)
{
	const char *registry = json_get_str(event, "registry");
	const char *key = json_get_str(event, "key");
	const char *name = registry ? words_registry(registry) : NULL;
	char short_key[320];

	if (!name && key) {
		words_key(short_key, sizeof(short_key), key);
		name = short_key;
	}
	if (!name || strstr(text, name))
		return;
	out_text(o, OUT_BOLD, name);
	out_text(o, OUT_PLAIN, ": ");
}

static void print_event(struct out *o, const struct json *event)
{
	const char *time = json_get_str(event, "time");
	const char *kind = json_get_str(event, "kind");
	const char *text = json_get_str(event, "text");
	size_t width = out_columns(kind);

	text = text ? text : "";
	out_text(o, OUT_PLAIN, time ? time : "-");
	out_blanks(o, 2);
	out_text(o, words_colour(kind), kind);
	out_blanks(o, width < 11 ? 13 - width : 2);
	print_subject(o, event, text);
	out_line(o, "%s", text);
}

static enum client_next take(const struct json *parameters, void *arg)
{
	struct watch *w = arg;
	struct out *o = &w->ctl->out;
	const struct json *event = json_get(parameters, "event");
	const char *kind = json_get_str(event, "kind");
	bool follow = w->ctl->args->follow, ok = true;

	if (!kind)
		return CLIENT_BAD;
	/* The recent events come first; hello parts them from the live ones. */
	if (!w->live && !strcmp(kind, "hello")) {
		if (!follow)
			return CLIENT_STOP;
		w->live = true;
		client_follow(w->ctl->client, STDOUT_FILENO, -1);
		return CLIENT_GO_ON;
	}
	if (w->ctl->args->json)
		ok = document_reply(o, event, true, &w->fault);
	else
		print_event(o, event);
	if (follow)
		ok = ok && out_flush(o, &w->fault);
	return ok ? CLIENT_GO_ON : CLIENT_STOP;
}

int events_run(struct ctl *ctl)
{
	struct watch w = { .ctl = ctl, .fault = fault_none() };
	struct fault f = fault_none();

	if (!client_call(ctl->client, "io.keyrotd.Status.Monitor", NULL, true,
			 take, &w, &f))
		return failure_report(ctl, &f);
	if (w.fault.kind == FAULT_NONE && ctl->args->follow)
		fault_set(&w.fault, FAULT_TRANSIENT, 0,
			  "keyrotd ended the stream of events.");
	return w.fault.kind == FAULT_NONE ? COMMAND_OK
					  : failure_report(ctl, &w.fault);
}

/* keyrotctl events: what happened lately, and with -f what happens now. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "ctl/args.h"
#include "ctl/command.h"
#include "ctl/document.h"
#include "ctl/failure.h"
#include "ctl/words.h"
#include "io/clock.h"

/* After the daemon has gone another one is tried for this often, ... */
#define AGAIN_MS 200
/* ... for so many times as long as an answer may take. */
#define AGAIN_TIMEOUTS 6

struct watch {
	struct ctl *ctl;
	struct fault fault; /* of the output */
	int64_t sequence;   /* of the last event, -1: not known */
	int64_t asked;	    /* ... when this connection began */
	bool live;	    /* past hello */
	bool again;	    /* it is not the first connection */
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

static void say_anew(struct watch *w)
{
	struct out *o = &w->ctl->err;
	struct fault f;

	if (w->again)
		out_line(o, "keyrotctl: Connected again.");
	if (w->again && w->sequence < w->asked)
		out_line(o, "keyrotctl: The audit of this keyrotd is another "
			    "one than before; its events are counted anew.");
	out_flush(o, &f);
	w->again = false;
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
	json_int(json_get(event, "sequence"), &w->sequence);
	/* What was comes first; hello parts it from what is live. */
	if (!w->live && !strcmp(kind, "hello")) {
		if (!follow)
			return CLIENT_STOP;
		w->live = true;
		say_anew(w);
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

/* One connection's events, to its end; false with *f. */
static bool listen_once(struct watch *w, struct fault *f)
{
	const struct args *a = w->ctl->args;
	char after[32], since[32] = "";
	int64_t since_ms = a->since_ago_ms < 0
				   ? a->since_ms
				   : w->ctl->now_ms - a->since_ago_ms;
	const struct client_parameter parameters[] = {
		{ w->sequence < 0 ? "since" : "#after",
		  w->sequence < 0 ? since : after },
		{ 0 },
	};
	bool recent = w->sequence < 0 && since_ms < 0;

	snprintf(after, sizeof(after), "%lld", (long long)w->sequence);
	text_time(since, sizeof(since), since_ms < 0 ? 0 : since_ms);
	w->asked = w->sequence;
	w->live = false;
	return client_call(w->ctl->client, "io.keyrotd.Status.Monitor",
			   recent ? NULL : parameters, true, take, w, f);
}

/* The daemon has gone, and we know the last event that it told. */
static bool may_come_back(const struct watch *w, const struct fault *f)
{
	return w->ctl->args->follow && w->sequence >= 0 &&
	       (f->kind == FAULT_TRANSIENT || f->kind == FAULT_DENIED);
}

/* Until another one is there, or the patience is over: false with *f. */
static bool connect_again(struct watch *w, int64_t until, struct fault *f)
{
	struct pollfd output = { .fd = STDOUT_FILENO };
	const struct args *a = w->ctl->args;

	client_close(w->ctl->client);
	w->ctl->client = NULL;
	while (!w->ctl->client) {
		if (clock_boot_ms() >= until)
			return false;
		if (poll(&output, 1, AGAIN_MS) > 0)
			return fault_set(f, FAULT_LOCAL, EPIPE,
					 "Nobody reads the output any more.");
		w->ctl->client = client_open(a->socket, a->timeout_ms, f);
	}
	return true;
}

/* Over the daemon's ends and starts; false with *f. */
static bool follow(struct watch *w, struct fault *f)
{
	int64_t patience = w->ctl->args->timeout_ms * AGAIN_TIMEOUTS;
	int64_t until = -1;
	struct fault ignored;

	while (!listen_once(w, f)) {
		if (!may_come_back(w, f))
			return false;
		if (w->live || until < 0) {
			out_line(&w->ctl->err,
				 "keyrotctl: %s Trying again for %lld s.",
				 f->text, (long long)(patience / 1000));
			out_flush(&w->ctl->err, &ignored);
			until = clock_boot_ms() + patience;
		}
		w->again = true;
		if (!connect_again(w, until, f))
			return false;
	}
	return true;
}

int events_run(struct ctl *ctl)
{
	struct watch w = { .ctl = ctl, .fault = fault_none(), .sequence = -1 };
	struct fault f = fault_none();

	if (!follow(&w, &f))
		return failure_report(ctl, &f);
	if (w.fault.kind == FAULT_NONE && ctl->args->follow)
		fault_set(&w.fault, FAULT_TRANSIENT, 0,
			  "keyrotd ended the stream of events.");
	return w.fault.kind == FAULT_NONE ? COMMAND_OK
					  : failure_report(ctl, &w.fault);
}

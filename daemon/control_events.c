/*
 * Brings events to their listeners: first what was, part by part, then what
 * happens.
 */
#include "control_events.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "base/json.h"
#include "base/text.h"
#include "evidence.h"
#include "instant.h"
#include "io/audit_cursor.h"
#include "recent.h"

struct listener {
	struct control_events *events;
	struct varlink_call *call;
	bool any; /* wants the recent ones, and names no place and no time */
	uint64_t after;
	int64_t since_ms; /* 1970, 0: whenever */
	struct audit_cursor *cursor;
	uint64_t upto; /* ... which is read up to here */
	bool begun, live;
	TAILQ_ENTRY(listener) link;
};
TAILQ_HEAD(listener_list, listener);

struct control_events {
	const struct engine *engine;
	const struct evidence *evidence;
	char *folder;
	struct listener_list listeners;
	struct recent *recent;
};

static void on_told(const char *event, void *arg)
{
	struct control_events *v = arg;
	struct listener *l, *next;

	for (l = TAILQ_FIRST(&v->listeners); l; l = next) {
		next = TAILQ_NEXT(l, link);
		if (l->live)
			varlink_continue(l->call, event);
	}
}

static void listener_gone(void *arg)
{
	struct listener *l = arg;

	TAILQ_REMOVE(&l->events->listeners, l, link);
	audit_cursor_free(l->cursor);
	free(l);
}

/* ---- what was ---- */

static void add_old(const struct chain_record *r, void *arg)
{
	recent_write_record(r, arg);
}

static void add_hello(const struct control_events *v, struct buf *out)
{
	struct note hello = { .kind = NOTE_HELLO };

	hello.time = engine_now(v->engine, instant_now());
	engine_sentence(v->engine, hello.text, sizeof(hello.text));
	recent_write_note(&hello, recent_last(v->recent), out);
}

/* The next part: out of the files, then out of the recent ones, and then it is
 * live. */
static bool next_part(struct buf *out, void *arg)
{
	struct listener *l = arg;
	struct control_events *v = l->events;

	if (l->after >= recent_floor(v->recent)) {
		recent_write(v->recent, l->after, l->since_ms, out);
		add_hello(v, out);
		l->live = true;
		return false;
	}
	if (!l->cursor) {
		l->cursor = audit_cursor_new(v->folder, l->after, l->since_ms);
		l->upto = recent_floor(v->recent);
	}
	if (!audit_cursor_step(l->cursor, l->upto, add_old, out)) {
		audit_cursor_free(l->cursor);
		l->cursor = NULL;
		l->after = l->upto;
	}
	return true;
}

static void begin(struct listener *l)
{
	static const struct varlink_list how = { NULL, next_part,
						 listener_gone };
	struct control_events *v = l->events;
	int64_t last = recent_last(v->recent);

	if (l->begun || !recent_ready(v->recent))
		return;
	l->begun = true;
	/* The last one that he has is of an audit that is gone: all of this
	 * one is new to him. */
	if (l->any)
		l->after = recent_floor(v->recent);
	else if (last >= 0 && l->after > evidence_head(v->evidence).seq)
		l->after = 0;
	varlink_feed(l->call, &how, l);
}

void control_events_monitor(struct control_events *v, struct varlink_call *call)
{
	const struct json *p = varlink_parameters(call);
	const struct json *number = json_get(p, "after");
	const char *since = json_get_str(p, "since");
	bool numbered = json_type(number) == JSON_NUMBER;
	int64_t since_ms = since ? text_parse_rfc3339(since) : 0;
	int64_t after = 0;
	struct listener *l;

	if (!varlink_wants_more(call)) {
		varlink_error(call, "io.keyrotd.Status.MoreRequired", NULL);
	} else if (since_ms < 0) {
		varlink_invalid(call, "since");
	} else if (numbered && (!json_int(number, &after) || after < 0)) {
		varlink_invalid(call, "after");
	} else {
		l = text_alloc(1, sizeof(*l));
		l->events = v;
		l->call = call;
		l->any = !since && !numbered;
		l->after = (uint64_t)after;
		l->since_ms = since_ms;
		TAILQ_INSERT_TAIL(&v->listeners, l, link);
		varlink_stream(call, listener_gone, l);
		begin(l);
	}
}

/* ---- what happens ---- */

void control_events_note(struct control_events *v, const struct note *n,
			 uint64_t number)
{
	recent_add(v->recent, n, number);
}

void control_events_kept(struct control_events *v, uint64_t number,
			 uint64_t seq)
{
	recent_kept(v->recent, number, seq);
}

void control_events_turn(struct control_events *v)
{
	struct listener *l, *next;

	recent_turn(v->recent);
	for (l = TAILQ_FIRST(&v->listeners); l; l = next) {
		next = TAILQ_NEXT(l, link);
		begin(l);
	}
}

/* ---- life ---- */

struct control_events *control_events_new(const struct engine *e,
					  const struct evidence *evidence,
					  const char *folder)
{
	struct control_events *v = text_alloc(1, sizeof(*v));

	v->engine = e;
	v->evidence = evidence;
	v->folder = text_dup(folder);
	TAILQ_INIT(&v->listeners);
	v->recent = recent_new(evidence, folder, on_told, v);
	return v;
}

void control_events_free(struct control_events *v)
{
	if (!v)
		return;
	recent_free(v->recent);
	free(v->folder);
	free(v);
}

/*
 * Events in the order in which they happen: those that wait for the disk, the
 * recent ones, and older ones out of the audit's files.
 */
#include "control_events.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "engine/report.h"
#include "evidence.h"
#include "io/audit_cursor.h"
#include "io/clock.h"
#include "runner.h"

#define RECENT_MAX 100
#define RECENT_RECORDS 400 /* at a start they are looked for in so many */
#define HOLD_MS 5000	   /* so long an event waits for the disk */
#define EVENT_MAX 16384	   /* bytes of one */

struct event {
	uint64_t number; /* of its record, while the program runs; 0: none */
	uint64_t seq;	 /* 0: it has none, or none yet */
	int64_t since;	 /* boot ms */
	bool told;
	struct note note;
	TAILQ_ENTRY(event) link;
};
TAILQ_HEAD(event_list, event);

struct listener {
	struct control_events *events;
	struct varlink_call *call;
	bool recent; /* wants what there is, and neither of the next two */
	uint64_t after;
	int64_t since_ms; /* 1970, 0: whenever */
	struct audit_cursor *cursor;
	uint64_t upto; /* ... which is read up to here */
	struct buf *out;
	bool begun, live;
	TAILQ_ENTRY(listener) link;
};
TAILQ_HEAD(listener_list, listener);

struct control_events {
	const struct engine *engine;
	const struct evidence *evidence;
	char *folder;
	struct listener_list listeners;
	/* Told ones, at most RECENT_MAX, then those that wait. */
	struct event_list list;
	size_t n_told;
	struct event *waiting;	  /* the first that was not told */
	struct event *unnumbered; /* the first that may get a sequence yet */
	uint64_t dropped;	  /* number of one that went without */
	uint64_t floor; /* all behind this are in the list; others in files */
	uint64_t last;	/* sequence of the last one that has any */
	int64_t began;	/* boot ms */
	bool known;	/* where the audit ended before we began */
};

/* ---- the list ---- */

static void drop(struct control_events *v, struct event_list *list,
		 struct event *e)
{
	if (v->unnumbered == e)
		v->unnumbered = TAILQ_NEXT(e, link);
	TAILQ_REMOVE(list, e, link);
	free(e->note.key);
	free(e->note.registry);
	free(e);
}

/* Old ones go; where they can be found from then on is remembered. */
static void trim(struct control_events *v)
{
	struct event *e;

	while (v->n_told > RECENT_MAX) {
		e = TAILQ_FIRST(&v->list);
		if (e->seq)
			v->floor = e->seq;
		else if (e->number)
			v->dropped = e->number;
		drop(v, &v->list, e);
		v->n_told--;
	}
}

static int64_t sequence_of(const struct event *e)
{
	return e->seq ? (int64_t)e->seq : -1;
}

/* To whoever listens. */
static void tell(struct control_events *v, struct event *e)
{
	struct listener *l, *next;
	struct buf out;

	e->told = true;
	v->n_told++;
	v->waiting = TAILQ_NEXT(e, link);
	buf_init(&out, EVENT_MAX);
	if (report_event(&e->note, sequence_of(e), &out))
		for (l = TAILQ_FIRST(&v->listeners); l; l = next) {
			next = TAILQ_NEXT(l, link);
			if (l->live)
				varlink_continue(l->call, buf_str(&out));
		}
	buf_free(&out);
}

/* That one and all before it, in order. */
static void tell_through(struct control_events *v, struct event *last)
{
	while (!last->told)
		tell(v, v->waiting);
	trim(v);
}

/* The one before went without a number, and still has none. */
static bool is_trouble(const struct event *before)
{
	return before && before->told && !before->seq && before->number;
}

void control_events_note(struct control_events *v, const struct note *n,
			 uint64_t number)
{
	const struct event *before = TAILQ_LAST(&v->list, event_list);
	struct event *e = text_alloc(1, sizeof(*e));

	e->number = number;
	e->since = clock_boot_ms();
	e->note = *n;
	e->note.key = text_dup(n->key);
	e->note.registry = text_dup(n->registry);
	/* As the audit has it. */
	text_line(e->note.text);
	TAILQ_INSERT_TAIL(&v->list, e, link);
	if (!v->waiting)
		v->waiting = e;
	if (!v->unnumbered)
		v->unnumbered = e;
	if (!number || is_trouble(before))
		tell_through(v, e);
}

void control_events_kept(struct control_events *v, uint64_t number,
			 uint64_t seq)
{
	struct event *e;

	while ((e = v->unnumbered) != NULL && e->number < number)
		v->unnumbered = TAILQ_NEXT(e, link);
	if (number <= v->dropped && seq)
		v->floor = seq;
	if (!e || e->number != number)
		return;
	v->unnumbered = TAILQ_NEXT(e, link);
	e->seq = seq;
	if (seq)
		v->last = seq;
	if (!e->told)
		tell_through(v, e);
}

/* ---- what was told before we began ---- */

static struct event *event_of(const struct chain_record *r)
{
	struct event *e = text_alloc(1, sizeof(*e));

	if (evidence_note_of(r, &e->note)) {
		e->seq = r->seq;
		e->told = true;
		return e;
	}
	free(e);
	return NULL;
}

struct past {
	struct control_events *events;
	struct event_list list;
	size_t n;
};

static void take_past(const struct chain_record *r, void *arg)
{
	struct past *p = arg;
	struct event *e = event_of(r), *first;

	if (!e)
		return;
	TAILQ_INSERT_TAIL(&p->list, e, link);
	if (++p->n > RECENT_MAX) {
		first = TAILQ_FIRST(&p->list);
		p->events->floor = first->seq;
		drop(p->events, &p->list, first);
		p->n--;
	}
}

/* The recent ones of those who ran before us. */
static void read_past(struct control_events *v)
{
	struct past p = { .events = v };
	struct audit_cursor *cursor;
	const struct event *e;
	uint64_t upto = evidence_head(v->evidence).seq;

	TAILQ_FOREACH(e, &v->list, link)
		if (e->seq) {
			upto = e->seq - 1;
			break;
		}
	TAILQ_INIT(&p.list);
	v->floor = upto > RECENT_RECORDS ? upto - RECENT_RECORDS : 0;
	cursor = audit_cursor_new(v->folder, v->floor, 0);
	while (audit_cursor_step(cursor, upto, take_past, &p))
		;
	audit_cursor_free(cursor);
	TAILQ_CONCAT(&p.list, &v->list, link);
	TAILQ_CONCAT(&v->list, &p.list, link);
	v->n_told += p.n;
	if (v->last < upto)
		v->last = upto;
	trim(v);
}

/* ---- listeners ---- */

static void listener_gone(void *arg)
{
	struct listener *l = arg;

	TAILQ_REMOVE(&l->events->listeners, l, link);
	audit_cursor_free(l->cursor);
	free(l);
}

/* One more message of the part that is being made. */
static void add_note(struct listener *l, const struct note *n, int64_t sequence)
{
	size_t before = l->out->len;

	if (report_event(n, sequence, l->out) && buf_add(l->out, "", 1))
		return;
	l->out->len = before;
}

static void add_event(struct listener *l, const struct event *e)
{
	add_note(l, &e->note, sequence_of(e));
}

static void add_old(const struct chain_record *r, void *arg)
{
	struct event *e = event_of(r);

	if (!e)
		return;
	add_event(arg, e);
	free(e->note.key);
	free(e->note.registry);
	free(e);
}

static void add_recent(struct listener *l)
{
	const struct control_events *v = l->events;
	const struct event *e;

	TAILQ_FOREACH(e, &v->list, link)
		if (e->told && (!e->seq || e->seq > l->after) &&
		    e->note.time >= l->since_ms)
			add_event(l, e);
}

static void add_hello(struct listener *l)
{
	struct control_events *v = l->events;
	struct note hello = { .kind = NOTE_HELLO };

	hello.time = engine_now(v->engine, runner_now());
	engine_sentence(v->engine, hello.text, sizeof(hello.text));
	add_note(l, &hello, v->known ? (int64_t)v->last : -1);
}

/* The next part of what was before: out of the files, then out of the list,
 * and then it is live. */
static bool next_part(struct buf *out, void *arg)
{
	struct listener *l = arg;
	struct control_events *v = l->events;

	l->out = out;
	if (l->after >= v->floor) {
		add_recent(l);
		add_hello(l);
		l->live = true;
		return false;
	}
	if (!l->cursor) {
		l->cursor = audit_cursor_new(v->folder, l->after, l->since_ms);
		l->upto = v->floor;
	}
	if (!audit_cursor_step(l->cursor, l->upto, add_old, l)) {
		audit_cursor_free(l->cursor);
		l->cursor = NULL;
		l->after = l->upto;
	}
	return true;
}

/* False: it is not yet known what was before. */
static bool is_ready(const struct control_events *v)
{
	return v->known || !v->evidence ||
	       clock_boot_ms() - v->began >= HOLD_MS;
}

static void begin(struct listener *l)
{
	static const struct varlink_list how = { NULL, next_part,
						 listener_gone };
	struct control_events *v = l->events;

	if (l->begun || !is_ready(v))
		return;
	l->begun = true;
	/* The last one that he has is of an audit that is gone: all of this
	 * one is new to him. */
	if (l->recent)
		l->after = v->floor;
	else if (v->known && l->after > evidence_head(v->evidence).seq)
		l->after = 0;
	varlink_feed(l->call, &how, l);
}

void control_events_monitor(struct control_events *v, struct varlink_call *call)
{
	const struct json *p = varlink_parameters(call);
	const struct json *number = json_get(p, "after");
	const char *since = json_get_str(p, "since");
	struct listener *l;
	bool numbered = json_type(number) == JSON_NUMBER;
	int64_t since_ms = since ? text_parse_rfc3339(since) : 0;
	int64_t after = 0;

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
		l->recent = !since && !numbered;
		l->after = (uint64_t)after;
		l->since_ms = since_ms;
		TAILQ_INSERT_TAIL(&v->listeners, l, link);
		varlink_stream(call, listener_gone, l);
		begin(l);
	}
}

/* ---- life ---- */

void control_events_turn(struct control_events *v)
{
	struct listener *l, *next;

	if (!v->known && evidence_known(v->evidence)) {
		v->known = true;
		read_past(v);
	}
	if (v->waiting && clock_boot_ms() - v->waiting->since >= HOLD_MS)
		tell_through(v, TAILQ_LAST(&v->list, event_list));
	for (l = TAILQ_FIRST(&v->listeners); l; l = next) {
		next = TAILQ_NEXT(l, link);
		begin(l);
	}
}

struct control_events *control_events_new(const struct engine *e,
					  const struct evidence *evidence,
					  const char *folder)
{
	struct control_events *v = text_alloc(1, sizeof(*v));

	v->engine = e;
	v->evidence = evidence;
	v->folder = text_dup(folder);
	v->began = clock_boot_ms();
	TAILQ_INIT(&v->listeners);
	TAILQ_INIT(&v->list);
	return v;
}

void control_events_free(struct control_events *v)
{
	struct event *e;

	if (!v)
		return;
	while ((e = TAILQ_FIRST(&v->list)) != NULL)
		drop(v, &v->list, e);
	free(v->folder);
	free(v);
}

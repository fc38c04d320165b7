/* Keeps events until the disk has them, tells them, and keeps the last ones. */
#include "recent.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/text.h"
#include "engine/report.h"
#include "evidence.h"
#include "io/audit_cursor.h"
#include "io/clock.h"

#define PAST_RECORDS 400 /* at the start events are looked for in so many */
#define EVENT_MAX 16384	 /* bytes of one */

struct event {
	uint64_t number; /* of its record, while the program runs; 0: none */
	uint64_t seq;	 /* 0: it has none, or none yet */
	int64_t since;	 /* boot ms */
	int64_t time;	 /* ms since 1970 */
	bool told;
	char *rest; /* its JSON, from behind the sequence on */
	TAILQ_ENTRY(event) link;
};
TAILQ_HEAD(event_list, event);

struct recent {
	const struct evidence *evidence;
	char *folder;
	recent_told *hear;
	void *arg;
	struct event_list list; /* those that were told, then the others */
	size_t n_told;
	struct event *waiting;	  /* the first that was not told */
	struct event *unnumbered; /* the first that may get a sequence yet */
	uint64_t dropped;	  /* number of one that went without */
	uint64_t floor, last;
	int64_t began; /* boot ms */
	bool known;    /* where the audit ended before we began */
};

/* ---- one event ---- */

/* It has no sequence yet; NULL: it does not fit. */
static struct event *make(const struct note *n)
{
	struct event *e = NULL;
	struct buf out;

	buf_init(&out, EVENT_MAX);
	if (report_event(n, -1, &out)) {
		e = text_alloc(1, sizeof(*e));
		e->time = n->time;
		e->rest = text_dup(strchr(buf_str(&out), ','));
	}
	buf_free(&out);
	return e;
}

static void put(const struct event *e, struct buf *out)
{
	if (e->seq)
		buf_printf(out, "{\"event\":{\"sequence\":%" PRIu64 "%s",
			   e->seq, e->rest);
	else
		buf_printf(out, "{\"event\":{\"sequence\":null%s", e->rest);
	buf_add(out, "", 1);
}

static void drop(struct recent *v, struct event_list *list, struct event *e)
{
	if (v->unnumbered == e)
		v->unnumbered = TAILQ_NEXT(e, link);
	TAILQ_REMOVE(list, e, link);
	free(e->rest);
	free(e);
}

void recent_write_note(const struct note *n, int64_t sequence, struct buf *out)
{
	size_t before = out->len;

	if (!report_event(n, sequence, out) || !buf_add(out, "", 1))
		out->len = before;
}

void recent_write_record(const struct chain_record *r, struct buf *out)
{
	struct note n;

	if (!evidence_note_of(r, &n))
		return;
	recent_write_note(&n, (int64_t)r->seq, out);
	free(n.key);
	free(n.registry);
}

/* ---- telling ---- */

static void tell(struct recent *v, struct event *e)
{
	struct buf out;

	e->told = true;
	v->n_told++;
	v->waiting = TAILQ_NEXT(e, link);
	buf_init(&out, 2 * EVENT_MAX);
	put(e, &out);
	v->hear(buf_str(&out), v->arg);
	buf_free(&out);
}

/* Old ones go; where they can be found from then on is remembered. */
static void trim(struct recent *v)
{
	struct event *e;

	/* One that is dropped has left the list, through a pointer to its link
	 * that the analyzer does not follow. */
	/* NOLINTBEGIN(clang-analyzer-unix.Malloc) */
	while (v->n_told > RECENT_MAX && (e = TAILQ_FIRST(&v->list)) != NULL) {
		if (e->seq)
			v->floor = e->seq;
		else if (e->number)
			v->dropped = e->number;
		drop(v, &v->list, e);
		v->n_told--;
	}
	/* NOLINTEND(clang-analyzer-unix.Malloc) */
}

/* That one and all before it, in order. */
static void tell_through(struct recent *v, const struct event *last)
{
	/* Who waits is in the list, so it has a last one. */
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
	while (v->waiting && !last->told)
		tell(v, v->waiting);
	trim(v);
}

/* It went without a number, and still has none. */
static bool is_trouble(const struct event *e)
{
	return e && e->told && !e->seq && e->number;
}

void recent_add(struct recent *v, const struct note *n, uint64_t number)
{
	const struct event *before = TAILQ_LAST(&v->list, event_list);
	struct note as_kept = *n;
	struct event *e;

	/* As the audit has it. */
	text_line(as_kept.text);
	e = make(&as_kept);
	if (!e)
		return;
	e->number = number;
	e->since = clock_boot_ms();
	TAILQ_INSERT_TAIL(&v->list, e, link);
	if (!v->waiting)
		v->waiting = e;
	if (!v->unnumbered)
		v->unnumbered = e;
	if (!number || is_trouble(before))
		tell_through(v, e);
}

void recent_kept(struct recent *v, uint64_t number, uint64_t seq)
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
	tell_through(v, e);
}

/* ---- what was told before we began ---- */

struct past {
	struct recent *recent;
	struct event_list list;
	size_t n;
};

static void take_past(const struct chain_record *r, void *arg)
{
	struct past *p = arg;
	struct event *e, *first;
	struct note n;

	if (!evidence_note_of(r, &n))
		return;
	e = make(&n);
	free(n.key);
	free(n.registry);
	if (!e)
		return;
	e->seq = r->seq;
	e->told = true;
	TAILQ_INSERT_TAIL(&p->list, e, link);
	first = TAILQ_FIRST(&p->list);
	if (++p->n > RECENT_MAX && first) {
		p->recent->floor = first->seq;
		drop(p->recent, &p->list, first);
		p->n--;
	}
}

static void read_past(struct recent *v)
{
	struct past p = { .recent = v };
	uint64_t upto = evidence_head(v->evidence).seq;
	struct audit_cursor *cursor;
	const struct event *e;

	TAILQ_FOREACH(e, &v->list, link)
		if (e->seq) {
			upto = e->seq - 1;
			break;
		}
	TAILQ_INIT(&p.list);
	v->floor = upto > PAST_RECORDS ? upto - PAST_RECORDS : 0;
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

void recent_turn(struct recent *v)
{
	if (!v->known && evidence_known(v->evidence)) {
		v->known = true;
		read_past(v);
	}
	if (v->waiting && clock_boot_ms() - v->waiting->since >= RECENT_HOLD_MS)
		tell_through(v, TAILQ_LAST(&v->list, event_list));
}

/* ---- what there is ---- */

bool recent_ready(const struct recent *v)
{
	return v->known || !v->evidence ||
	       clock_boot_ms() - v->began >= RECENT_HOLD_MS;
}

uint64_t recent_floor(const struct recent *v)
{
	return v->floor;
}

int64_t recent_last(const struct recent *v)
{
	return v->known ? (int64_t)v->last : -1;
}

void recent_write(const struct recent *v, uint64_t after, int64_t since_ms,
		  struct buf *out)
{
	const struct event *e;

	TAILQ_FOREACH(e, &v->list, link)
		if (e->told && (!e->seq || e->seq > after) &&
		    e->time >= since_ms)
			put(e, out);
}

/* ---- life ---- */

struct recent *recent_new(const struct evidence *evidence, const char *folder,
			  recent_told *told, void *arg)
{
	struct recent *v = text_alloc(1, sizeof(*v));

	v->evidence = evidence;
	v->folder = text_dup(folder);
	v->hear = told;
	v->arg = arg;
	v->began = clock_boot_ms();
	TAILQ_INIT(&v->list);
	return v;
}

void recent_free(struct recent *v)
{
	struct event *e;

	if (!v)
		return;
	while ((e = TAILQ_FIRST(&v->list)) != NULL)
		drop(v, &v->list, e); /* NOLINT: see trim */
	free(v->folder);
	free(v);
}

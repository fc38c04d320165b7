/* Keeps the file of metrics true: once a minute, and soon after a change. */
#include "textfile.h"

#include <ev.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"
#include "io/clock.h"
#include "io/store.h"
#include "io/store_publish.h"

#define EVERY_S 60.0
#define SOON_S 2.0 /* changes come in bursts */
/* Making it takes at most one part in so many of the time, beyond that. */
#define SHARE 20

struct textfile {
	struct ev_loop *loop;
	struct textfile_options options;
	struct ev_timer timer; /* the next one, or its next part */
	bool on;
	bool failed;		    /* and that was told */
	struct store_publish *file; /* under way; NULL: none */
	struct metrics_cursor cursor;
	int64_t busy;  /* ms that this one has taken so far */
	int64_t again; /* boot ms: the next one, no sooner */
	bool touched;  /* since this one was begun */
};

/* In at least so many seconds, unless it comes sooner anyway. */
static void plan(struct textfile *t, double seconds)
{
	double least = (double)(t->again - clock_boot_ms()) / 1000.0;

	if (seconds < least)
		seconds = least;
	ev_timer_stop(t->loop, &t->timer);
	ev_now_update(t->loop);
	ev_timer_set(&t->timer, seconds, 0.);
	ev_timer_start(t->loop, &t->timer);
}

static void over(struct textfile *t)
{
	metrics_end(&t->cursor);
	t->file = NULL;
	t->again = clock_boot_ms() + SHARE * t->busy;
	plan(t, t->touched ? SOON_S : EVERY_S);
}

static void fail(struct textfile *t, const struct fault *f)
{
	if (!t->failed)
		log_warn(
			"%s; the metrics are not to be had there until that works, and it is tried each minute.",
			f->text);
	t->failed = true;
	t->touched = false;
	over(t);
}

static bool begin(struct textfile *t, struct fault *f)
{
	t->busy = 0;
	t->touched = true; /* what is found now is in this one */
	t->options.look(t->options.arg);
	t->touched = false;
	t->file = store_publish_begin(t->options.path, 0644, f);
	return t->file != NULL;
}

/* False with *f when it cannot be gone on with; *more: another part. */
static bool add(struct textfile *t, bool *more, struct fault *f)
{
	struct metrics_outside o;
	struct buf part;
	bool ok;

	t->options.outside(&o, t->options.arg);
	buf_init(&part, METRICS_PART_MAX);
	*more = metrics_part(t->options.engine, &o, &t->cursor, METRICS_ROWS,
			     EXPOSITION_PROMETHEUS, &part);
	ok = store_publish_add(t->file, part.data, part.len, f);
	buf_free(&part);
	return ok;
}

static void on_timer(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct textfile *t = w->data;
	int64_t began = clock_boot_ms();
	struct fault f = fault_none();
	bool more = false, ok;

	(void)loop;
	(void)events;
	ok = (t->file || begin(t, &f)) && add(t, &more, &f);
	t->busy += clock_boot_ms() - began;
	if (ok && more) {
		ev_timer_set(&t->timer, 0., 0.);
		ev_timer_start(t->loop, &t->timer);
	} else if (ok && store_publish_end(t->file, &f)) {
		t->failed = false;
		over(t);
	} else {
		if (!ok)
			store_publish_drop(t->file);
		fail(t, &f);
	}
}

struct textfile *textfile_new(struct ev_loop *loop,
			      const struct textfile_options *o)
{
	struct textfile *t = text_alloc(1, sizeof(*t));

	t->loop = loop;
	t->options = *o;
	ev_init(&t->timer, on_timer);
	t->timer.data = t;
	store_sweep(o->path);
	return t;
}

static void give_up(struct textfile *t)
{
	ev_timer_stop(t->loop, &t->timer);
	store_publish_drop(t->file);
	t->file = NULL;
	metrics_end(&t->cursor);
}

void textfile_switch(struct textfile *t, bool on)
{
	if (on && !t->on)
		plan(t, 0.);
	if (!on) {
		give_up(t);
		store_publish_remove(t->options.path);
	}
	t->on = on;
}

void textfile_touch(struct textfile *t)
{
	if (!t->on || t->touched)
		return;
	t->touched = true;
	/* One that is under way may have passed it by. */
	if (!t->file)
		plan(t, SOON_S);
}

void textfile_free(struct textfile *t)
{
	if (!t)
		return;
	textfile_switch(t, false);
	free(t);
}

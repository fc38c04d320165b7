/* The state file: read once, then written soon after each change, and before
 * writes to Azure. */
#include "state_file.h"

#include <ev.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/snapshot.h"
#include "io/apart.h"
#include "io/clock.h"
#include "io/store.h"

#define SAVE_DELAY_S 1.0 /* changes come in bursts */
#define SAVE_RETRY_S 30.0
/* Saving takes at most one part in so many of the time. */
#define SAVE_SHARE 10
#define LARGE_REGISTRIES 2000	 /* more than some ms of work ... */
#define LARGE_BYTES (512u << 10) /* ... as is a file of so many */

struct state_file {
	struct ev_loop *loop;
	struct engine *engine;
	const char *path; /* NULL: nothing is kept */
	struct ev_timer timer;
	struct ev_child writer; /* of a large state; active: it is at it */
	size_t bytes;		/* of the file, when last read or written */
	int64_t began, took;	/* the last one: boot ms, and ms */
	bool changed;		/* since the writer began */
	bool failed;
};

static bool is_large(const struct state_file *s)
{
	return s->bytes > LARGE_BYTES ||
	       engine_config(s->engine)->n_registries > LARGE_REGISTRIES;
}

void state_file_load(struct state_file *s)
{
	struct fault f = fault_none(), aside = fault_none();
	struct buf text;

	if (!s->path)
		return;
	buf_init(&text, SNAPSHOT_MAX);
	store_sweep(s->path);
	if (!store_read(s->path, &text, &f)) {
		if (f.kind == FAULT_MISSING) {
			buf_free(&text);
			return;
		}
	} else if (snapshot_read(s->engine, buf_str(&text), text.len, &f)) {
		s->bytes = text.len;
		buf_free(&text);
		return;
	}
	buf_free(&text);
	if (store_set_aside(s->path, &aside))
		log_warn(
			"%s%s The file was set aside as %s.bad; nothing is lost but the memory of times, and everything is read from Azure again.",
			f.text, text_stop(f.text), s->path);
	else
		log_warn("%s%s %s%s", f.text, text_stop(f.text), aside.text,
			 text_stop(aside.text));
}

/* Changes come in bursts; and saving takes its share of the time at most. */
static double pace(const struct state_file *s)
{
	double least = (double)s->took * SAVE_SHARE / 1000.;

	return least > SAVE_DELAY_S ? least : SAVE_DELAY_S;
}

static void start_timer(struct state_file *s, double after)
{
	ev_now_update(s->loop);
	ev_timer_stop(s->loop, &s->timer);
	ev_timer_set(&s->timer, after, 0.);
	ev_timer_start(s->loop, &s->timer);
}

static bool save(struct state_file *s, bool synced)
{
	struct fault f = fault_none();
	struct buf text;
	bool ok = false;

	if (!s->path)
		return true;
	buf_init(&text, SNAPSHOT_MAX);
	if (!snapshot_write(s->engine, &text))
		fault_set(&f, FAULT_LOCAL, 0,
			  "The state is too large to be saved.");
	else
		ok = (synced ? store_replace : store_replace_soon)(
			s->path, text.data, text.len, &f);
	s->bytes = text.len;
	buf_free(&text);
	if (!ok && !s->failed)
		log_error(
			"%s%s The daemon goes on; after a restart it reads everything from Azure again.",
			f.text, text_stop(f.text));
	s->failed = !ok;
	return ok;
}

/* ---- by a copy of the process ---- */

static void on_written(struct ev_loop *loop, struct ev_child *c, int events)
{
	struct state_file *s = c->data;

	(void)events;
	ev_child_stop(loop, c);
	s->took = clock_boot_ms() - s->began;
	s->failed = c->rstatus != 0;
	if (s->failed)
		start_timer(s, SAVE_RETRY_S);
	else if (s->changed)
		start_timer(s, pace(s));
}

static bool write_apart(void *arg)
{
	return save(arg, true);
}

/* False: there is no memory, or no process, for a copy. */
static bool begin_writer(struct state_file *s)
{
	pid_t pid = apart_begin(write_apart, s);

	if (pid < 0)
		return false;
	ev_timer_stop(s->loop, &s->timer);
	s->began = clock_boot_ms();
	s->changed = false;
	ev_child_set(&s->writer, pid, 0);
	ev_child_start(s->loop, &s->writer);
	return true;
}

/* What is known now is newer than what it writes. */
static void end_writer(struct state_file *s)
{
	bool over = ev_is_pending(&s->writer);

	if (!ev_is_active(&s->writer))
		return;
	ev_child_stop(s->loop, &s->writer);
	if (!over)
		apart_end(s->writer.pid);
}

/* ---- when ---- */

bool state_file_save(struct state_file *s)
{
	if (!s->path)
		return true;
	ev_timer_stop(s->loop, &s->timer);
	end_writer(s);
	return save(s, true);
}

static void save_due(struct ev_loop *loop, struct ev_timer *t, int events)
{
	struct state_file *s = t->data;

	(void)loop;
	(void)events;
	if (is_large(s) && begin_writer(s))
		return;
	if (!state_file_save(s))
		start_timer(s, SAVE_RETRY_S);
}

void state_file_touch(struct state_file *s)
{
	if (!s->path || ev_is_active(&s->timer))
		return;
	s->changed = true;
	if (!ev_is_active(&s->writer))
		start_timer(s, pace(s));
}

/*
 * What comes after a crash has to know of a write.  A killed process leaves
 * what it has written to its file, whether that is on the disk or not; and the
 * save for that is due anyway.  A file that is so large that this would take
 * long is not written for each of many.
 */
void state_file_before_write(struct state_file *s)
{
	if (!ev_is_active(&s->timer) ||
	    clock_boot_ms() < s->began + s->took * (1 + SAVE_SHARE))
		return;
	if (is_large(s) && begin_writer(s))
		return;
	s->began = clock_boot_ms();
	save(s, false);
	s->took = clock_boot_ms() - s->began;
}

struct state_file *state_file_new(struct ev_loop *loop, struct engine *e,
				  const char *path)
{
	struct state_file *s = text_alloc(1, sizeof(*s));

	s->loop = loop;
	s->engine = e;
	s->path = path;
	ev_init(&s->timer, save_due);
	s->timer.data = s;
	ev_init(&s->writer, on_written);
	s->writer.data = s;
	return s;
}

void state_file_free(struct state_file *s)
{
	if (!s)
		return;
	ev_timer_stop(s->loop, &s->timer);
	end_writer(s);
	free(s);
}

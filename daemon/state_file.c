/* The state file: read once, then written soon after each change, and before
 * writes to Azure. */
#include "state_file.h"

#include <errno.h>
#include <ev.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/snapshot.h"
#include "instant.h"
#include "io/clock.h"
#include "io/store.h"
#include "io/store_publish.h"

#define SAVE_DELAY_S 1.0 /* changes come in bursts */
#define SAVE_RETRY_S 5.0
/* Saving takes at most one part in so many of the time. */
#define SAVE_SHARE 10
#define LARGE_REGISTRIES 2000	 /* more than some ms of work ... */
#define LARGE_BYTES (512u << 10) /* ... as is a file of so many */

struct state_file {
	struct ev_loop *loop;
	struct engine *engine;
	const char *path; /* NULL: nothing is kept */
	struct ev_timer timer;
	int64_t again;	     /* boot ms: before a write, no sooner */
	int64_t began, took; /* boot ms, and ms, of the last one */
	size_t bytes;	     /* of the file, when last read or written here */
	void (*pump)(void *arg);
	void *arg;
	bool failed;
	struct store_publish *file; /* on its way to the disk; NULL: none */
	struct ev_child synced;	    /* the process that waits for that */
	bool outdated;		    /* a newer one is in its place already */
};

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

static bool tell(struct state_file *s, bool ok, const struct fault *f)
{
	if (!ok && !s->failed)
		log_error(
			"%s%s The daemon goes on, but a restart would know of no pause; everything else is read from Azure again.",
			f->text, text_stop(f->text));
	s->failed = !ok;
	return ok;
}

static bool make(const struct state_file *s, struct buf *text, struct fault *f)
{
	buf_init(text, SNAPSHOT_MAX);
	return snapshot_write(s->engine, text) ||
	       fault_set(f, FAULT_LOCAL, 0,
			 "The state is too large to be saved.");
}

static bool save(struct state_file *s, bool synced)
{
	struct fault f = fault_none();
	struct buf text;
	bool ok;

	if (!s->path)
		return true;
	ok = make(s, &text, &f) &&
	     (synced ? store_replace : store_replace_soon)(s->path, text.data,
							   text.len, &f);
	s->bytes = text.len;
	buf_free(&text);
	return tell(s, ok, &f);
}

/* ---- without waiting for the disk, which may take seconds ---- */

static void plan(struct state_file *s, double seconds)
{
	ev_timer_stop(s->loop, &s->timer);
	ev_now_update(s->loop);
	ev_timer_set(&s->timer, seconds, 0.);
	ev_timer_start(s->loop, &s->timer);
}

/* To make a large one takes long itself, and is the child's part. */
static bool is_large(const struct state_file *s)
{
	return s->bytes > LARGE_BYTES ||
	       engine_config(s->engine)->n_registries > LARGE_REGISTRIES;
}

/* Changes come in bursts; and to make a large one takes its share of the time
 * at most. */
static double pace(const struct state_file *s)
{
	double least = (double)s->took * SAVE_SHARE / 1000.;

	return is_large(s) && least > SAVE_DELAY_S ? least : SAVE_DELAY_S;
}

static void give_up(struct state_file *s)
{
	if (!s->file)
		return;
	ev_child_stop(s->loop, &s->synced);
	store_publish_drop(s->file);
	s->file = NULL;
}

/* The engine is told how a save of its own time has ended. */
static void over(struct state_file *s, bool ok, const struct fault *f)
{
	if (!tell(s, ok, f))
		plan(s, SAVE_RETRY_S);
	engine_saved(s->engine, ok, instant_now());
	s->pump(s->arg);
}

static void on_synced(struct ev_loop *loop, struct ev_child *w, int events)
{
	struct state_file *s = w->data;
	struct fault f = fault_none();
	bool ok;

	(void)events;
	ev_child_stop(loop, w);
	s->took = clock_boot_ms() - s->began;
	ok = store_publish_synced(s->file, w->rstatus, &f);
	if (ok && !s->outdated)
		ok = store_publish_end(s->file, &f);
	else
		store_publish_drop(s->file);
	s->file = NULL;
	over(s, ok, &f);
}

static bool add_now(struct state_file *s, struct fault *f)
{
	struct buf text;
	bool ok = make(s, &text, f) &&
		  store_publish_add(s->file, text.data, text.len, f);

	s->bytes = text.len;
	buf_free(&text);
	return ok;
}

static bool add(struct store_publish *file, void *arg)
{
	struct fault f = fault_none();
	bool ok = add_now(arg, &f);

	(void)file;
	errno = f.code ? f.code : EFBIG;
	return ok;
}

static bool begin(struct state_file *s, struct fault *f)
{
	pid_t pid = -1;

	s->outdated = false;
	s->began = clock_boot_ms();
	s->file = store_publish_begin(s->path, 0600, f);
	if (s->file && is_large(s))
		pid = store_publish_make(s->file, add, s, f);
	else if (s->file && add_now(s, f))
		pid = store_publish_sync(s->file, f);
	if (pid > 0) {
		ev_child_set(&s->synced, pid, 0);
		ev_child_start(s->loop, &s->synced);
	} else {
		store_publish_drop(s->file);
		s->file = NULL;
	}
	return pid > 0;
}

static void save_due(struct ev_loop *loop, struct ev_timer *t, int events)
{
	struct state_file *s = t->data;
	struct fault f = fault_none();

	(void)loop;
	(void)events;
	ev_timer_stop(s->loop, t);
	if (s->file) /* one after the other */
		plan(s, pace(s));
	else if (!begin(s, &f))
		over(s, false, &f);
}

bool state_file_save(struct state_file *s)
{
	ev_timer_stop(s->loop, &s->timer);
	give_up(s);
	return save(s, true);
}

void state_file_touch(struct state_file *s)
{
	if (s->path && !ev_is_active(&s->timer))
		plan(s, pace(s));
}

/*
 * What comes after a crash has to know of a write.  A killed process leaves
 * what it has written to its file, whether that is on the disk or not; and the
 * save for that is due anyway, or under way.  A file that is so large that this
 * would take long is not written for each of many.
 */
void state_file_before_write(struct state_file *s)
{
	int64_t began = clock_boot_ms();

	if (!(ev_is_active(&s->timer) || (s->file && !s->outdated)) ||
	    began < s->again)
		return;
	if (is_large(s)) {
		if (!s->file && began >= s->began + (1 + SAVE_SHARE) * s->took)
			save_due(s->loop, &s->timer, 0);
		return;
	}
	if (save(s, false) && s->file) {
		s->outdated = true;
		state_file_touch(s);
	}
	s->again = clock_boot_ms() + SAVE_SHARE * (clock_boot_ms() - began);
}

struct state_file *state_file_new(struct ev_loop *loop, struct engine *e,
				  const char *path, void (*pump)(void *arg),
				  void *arg)
{
	struct state_file *s = text_alloc(1, sizeof(*s));

	s->loop = loop;
	s->engine = e;
	s->path = path;
	s->pump = pump;
	s->arg = arg;
	ev_init(&s->timer, save_due);
	ev_init(&s->synced, on_synced);
	s->timer.data = s->synced.data = s;
	return s;
}

void state_file_free(struct state_file *s)
{
	if (!s)
		return;
	ev_timer_stop(s->loop, &s->timer);
	give_up(s);
	free(s);
}

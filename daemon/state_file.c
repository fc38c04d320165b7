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
#include "instant.h"
#include "io/clock.h"
#include "io/store.h"

#define SAVE_DELAY_S 1.0 /* changes come in bursts */
#define SAVE_RETRY_S 5.0
/* Saving before writes takes at most one part in so many of the time. */
#define SAVE_SHARE 10

struct state_file {
	struct ev_loop *loop;
	struct engine *engine;
	const char *path; /* NULL: nothing is kept */
	struct ev_timer timer;
	int64_t again; /* boot ms: before a write, no sooner */
	void (*pump)(void *arg);
	void *arg;
	bool failed;
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
	buf_free(&text);
	if (!ok && !s->failed)
		log_error(
			"%s%s The daemon goes on, but a restart would know of no pause; everything else is read from Azure again.",
			f.text, text_stop(f.text));
	s->failed = !ok;
	return ok;
}

bool state_file_save(struct state_file *s)
{
	ev_timer_stop(s->loop, &s->timer);
	return save(s, true);
}

static void save_due(struct ev_loop *loop, struct ev_timer *t, int events)
{
	struct state_file *s = t->data;

	(void)events;
	if (!state_file_save(s)) {
		ev_timer_set(t, SAVE_RETRY_S, 0.);
		ev_timer_start(loop, t);
	}
	engine_saved(s->engine, !s->failed, instant_now());
	s->pump(s->arg);
}

void state_file_touch(struct state_file *s)
{
	if (!s->path || ev_is_active(&s->timer))
		return;
	ev_now_update(s->loop);
	ev_timer_set(&s->timer, SAVE_DELAY_S, 0.);
	ev_timer_start(s->loop, &s->timer);
}

/*
 * What comes after a crash has to know of a write.  A killed process leaves
 * what it has written to its file, whether that is on the disk or not; and the
 * save for that is due anyway.  A file that is so large that this would take
 * long is not written for each of many.
 */
void state_file_before_write(struct state_file *s)
{
	int64_t began = clock_boot_ms();

	if (!ev_is_active(&s->timer) || began < s->again)
		return;
	save(s, false);
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
	s->timer.data = s;
	return s;
}

void state_file_free(struct state_file *s)
{
	if (!s)
		return;
	ev_timer_stop(s->loop, &s->timer);
	free(s);
}

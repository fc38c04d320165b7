/* The end that somebody asks for: what was begun is waited for, but not for
 * long. */
#include "ending.h"

#include <stddef.h>

#include "base/log.h"
#include "hooks.h"
#include "runner.h"

#define STOP_S 4.0 /* systemd and people expect an end within 5 s */

/* Something that was begun is waited for: a write, and after that a lease that
 * is let go of, or a program. */
static bool waits(const struct ending *e)
{
	bool busy = runner_stopping(e->runner) || runner_letting_go(e->runner);

	return busy || hooks_busy(e->hooks);
}

static void on_stop_timer(struct ev_loop *loop, struct ev_timer *w, int events)
{
	struct ending *e = w->data;

	(void)events;
	ev_break(loop, EVBREAK_ALL);
	if (!runner_stopping(e->runner) && runner_letting_go(e->runner)) {
		log_warn(
			"A lease was not let go of in time; it runs out by itself.");
		return;
	}
	if (!runner_stopping(e->runner)) {
		log_warn(
			"A program that on-event names has not ended in time; it is killed.");
		return;
	}
	e->why =
		"It was told to stop, and a write to Azure was not answered in time.";
	log_warn(
		"A write to Azure was not answered in time; it is read back after the next start.");
}

void ending_look(const struct ending *e)
{
	if (e->begun && !waits(e))
		ev_break(e->loop, EVBREAK_ALL);
}

void ending_begin(struct ending *e, struct runner *runner, struct hooks *hooks)
{
	bool again = e->begun;

	e->runner = runner;
	e->hooks = hooks;
	e->begun = true;
	e->why = "It was told to stop.";
	hooks_stop(e->hooks);
	if (again || !waits(e)) {
		ev_break(e->loop, EVBREAK_ALL);
		return;
	}
	log_notice("Stopping: waiting for %s.",
		   runner_stopping(e->runner) ? "the answer to a write"
		   : runner_letting_go(e->runner)
			   ? "a lease to be let go of"
			   : "the end of a program that on-event names");
	ev_timer_start(e->loop, &e->timer);
}

void ending_init(struct ending *e, struct ev_loop *loop)
{
	*e = (struct ending){ .loop = loop };
	ev_timer_init(&e->timer, on_stop_timer, STOP_S, 0.);
	e->timer.data = e;
}

void ending_stop(struct ending *e)
{
	ev_timer_stop(e->loop, &e->timer);
}

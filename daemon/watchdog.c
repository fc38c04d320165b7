/* A ping to the service manager, for as long as the engine keeps its times. */
#include "watchdog.h"

#include "instant.h"
#include "io/notify.h"

#define STUCK_MS 10000 /* overdue by this much: no ping */

static void on_timer(struct ev_loop *loop, struct ev_timer *t, int events)
{
	const struct watchdog *w = t->data;

	(void)loop;
	(void)events;
	/* A ping from a timer alone proves nothing. */
	if (!engine_overdue(w->engine, instant_now(), STUCK_MS))
		notify_alive();
	w->ride(w->arg);
}

void watchdog_start(struct watchdog *w, struct ev_loop *loop,
		    const struct engine *e, void (*ride)(void *arg), void *arg)
{
	double every = (double)notify_watchdog_ms() / 1000.0;

	w->engine = e;
	w->ride = ride;
	w->arg = arg;
	ev_timer_init(&w->timer, on_timer, every, every);
	w->timer.data = w;
	if (every > 0)
		ev_timer_start(loop, &w->timer);
}

void watchdog_stop(struct watchdog *w, struct ev_loop *loop)
{
	ev_timer_stop(loop, &w->timer);
}

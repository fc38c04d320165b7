/*
 * watchdog: tells the service manager that the daemon is alive and not stuck,
 * as often as it wants to hear so (sd_watchdog_enabled(3)).
 *
 * struct watchdog is the caller's, zeroed; so are loop and engine.
 */
#ifndef KEYROTD_WATCHDOG_H
#define KEYROTD_WATCHDOG_H

#include <ev.h>

#include "engine/engine.h"

struct watchdog {
	const struct engine *engine;
	struct ev_timer timer;
	void (*ride)(void *arg);
	void *arg;
};

/* ride(arg) is called whenever the timer rings, for what has no timer. */
void watchdog_start(struct watchdog *w, struct ev_loop *loop,
		    const struct engine *e, void (*ride)(void *arg), void *arg);
/* Fine when it never began. */
void watchdog_stop(struct watchdog *w, struct ev_loop *loop);

#endif

/*
 * hooks: the programs of on-event, run for events of the kinds that the
 * configuration in force has chosen.
 *
 * What they get: the event as one line of JSON on standard input, the same
 * that `keyrotctl events --json` prints but for its sequence, and as KEYROTD_*
 * in an environment that is otherwise clean.  One that fails is told once an
 * hour, and counted in between; none is run again for the same event.  Owns
 * what runs (io/hook); engine and loop are the caller's.  NULL (a single pass,
 * a dry run): every function does nothing.
 */
#ifndef KEYROTD_HOOKS_H
#define KEYROTD_HOOKS_H

#include <stdbool.h>

#include "engine/engine.h"
#include "engine/metrics.h"

struct ev_loop;
struct hooks;

struct hooks_options {
	struct engine *engine;
	/* Nothing runs any more. */
	void (*idle)(void *arg);
	void *arg;
};

struct hooks *hooks_new(struct ev_loop *loop, const struct hooks_options *o);
void hooks_free(struct hooks *h); /* what still runs is killed */
void hooks_note(struct hooks *h, const struct note *n);
/* How the runs ended so far, into its part of what metrics tell. */
void hooks_count(const struct hooks *h, struct metrics_outside *o);
/* None is begun from now on. */
void hooks_stop(struct hooks *h);
/* One runs. */
bool hooks_busy(const struct hooks *h);

#endif

/*
 * ending: how the daemon ends when it is told to: no new write and no program
 * is begun, and what was begun already is waited for, some seconds.
 *
 * The end is that the loop is left.  All that it holds is the caller's.
 */
#ifndef KEYROTD_ENDING_H
#define KEYROTD_ENDING_H

#include <ev.h>
#include <stdbool.h>

struct hooks;
struct runner;

struct ending {
	struct ev_loop *loop;
	struct runner *runner; /* from ending_begin on, as hooks */
	struct hooks *hooks;
	struct ev_timer timer;
	bool begun;
	const char *why; /* for the audit; NULL: it was not told to */
};

void ending_init(struct ending *e, struct ev_loop *loop);
void ending_stop(struct ending *e); /* before the loop goes */

/* Somebody wants the end; who asks a second time gets it at once. */
void ending_begin(struct ending *e, struct runner *runner, struct hooks *hooks);
/* Something is over: was it the last thing that was waited for? */
void ending_look(const struct ending *e);

#endif

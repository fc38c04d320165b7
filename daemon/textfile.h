/*
 * textfile: the metrics as a file for the node exporter's textfile collector.
 *
 * It is replaced whole once a minute, and soon after something has happened
 * that is worth a note.  It is made part by part, one a turn of the loop, and
 * one that takes long is not made again at once.  When the daemon stops the
 * file is taken away: what nobody keeps true any more is gone, and is missed
 * (absent() in Prometheus); after a crash it stays, and its
 * keyrotd_time_seconds tells how old it is.
 *
 * Owns its timer and the file; the loop and the engine are the caller's.
 */
#ifndef KEYROTD_TEXTFILE_H
#define KEYROTD_TEXTFILE_H

#include "engine/metrics.h"

struct ev_loop;
struct textfile;

struct textfile_options {
	const struct engine *engine;
	const char *path; /* borrowed */
	/* Have the engine look at what is due by now: ages are those of the
	 * last time that it did, which may be an hour ago when all is quiet. */
	void (*look)(void *arg);
	/* What metrics tell besides the engine. */
	void (*outside)(struct metrics_outside *o, void *arg);
	void *arg;
};

struct textfile *textfile_new(struct ev_loop *loop,
			      const struct textfile_options *o);
void textfile_free(struct textfile *t); /* the file goes; NULL is fine */
/* Whether there is to be such a file: by the configuration, at any time. */
void textfile_switch(struct textfile *t, bool on);
/* Something has changed. */
void textfile_touch(struct textfile *t);

#endif

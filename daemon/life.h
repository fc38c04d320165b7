/*
 * life: start and stop order, signals, reload.
 *
 * Everything is started in one visible list and stopped in its reverse.  It
 * owns all parts of the daemon from life_start to life_stop.
 */
#ifndef KEYROTD_LIFE_H
#define KEYROTD_LIFE_H

#include <stdbool.h>

#include "engine/engine.h"

struct life;

struct life_options {
	const char *config_file; /* borrowed */
	bool once;		 /* one complete pass, then end */
	bool dry_run;		 /* never write to Azure */
	int log_level;		 /* overrules the file; -1: the file's */
};

/* A reload that is asked for from now on waits until somebody hears it. */
struct life *life_new(const struct life_options *o);
/* Read the configuration; NULL after a mistake, which was told. */
struct config *life_load(struct life *l);
/* Start all parts.  Takes c.  False when one cannot be had, which was told. */
bool life_start(struct life *l, struct config *c);
/* Until it was told to stop, or the pass is over. */
void life_run(struct life *l);
/* Stop and free all that there is, and l. */
void life_stop(struct life *l);

/* After life_start: what is known, and whether the pass was complete. */
const struct engine *life_engine(const struct life *l);
bool life_pass_done(const struct life *l);

#endif

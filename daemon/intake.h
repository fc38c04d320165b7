/*
 * intake: the configuration is read for a daemon that runs, at the start and at
 * each reload, and people are told what came of it.
 *
 * Mistakes are told at once, also to whoever asked for the reload; warnings,
 * and what was chosen, after the line that says what is watched.  Owns what is
 * still to be told, and the names and sums of the files, for the audit.
 */
#ifndef KEYROTD_INTAKE_H
#define KEYROTD_INTAKE_H

#include "config/config.h"
#include "engine/engine.h"

struct evidence;
struct intake;

struct intake *intake_new(const char *config_file); /* borrowed */
void intake_free(struct intake *k);

/* Read it.  problem (NULL: nobody asked) hears of each mistake.  NULL after at
 * least one; the caller owns the result. */
struct config *intake_load(struct intake *k, config_problem *problem,
			   void *arg);
/*
 * Look whether the files are others than when they were last looked at.  True
 * when they are; *changed: their text is not the one that is in force; first:
 * the first mistake in it, "" for none.  It costs a stat(2) for each
 * file, and reading them all when there is something new.
 */
bool intake_changed(struct intake *k, bool *changed,
		    char first[static ENGINE_MISTAKE_MAX]);
/* What was read is taken over: the first line of the log, what was to be told
 * after it, the way out and the sources of tokens. */
void intake_greet(struct intake *k, const struct config *c);
/* Its files, for the audit; each is told once. */
void intake_tell(struct intake *k, struct evidence *v);

#endif

/*
 * state_file: what the engine has to know after a restart, kept in one file.
 *
 * Changes come in bursts and are written together, a second after the first;
 * nobody waits for the disk meanwhile.  Owns the file, its timer and the
 * process that waits; loop (the default one, which alone hears of children),
 * engine and path are the caller's.
 */
#ifndef KEYROTD_STATE_FILE_H
#define KEYROTD_STATE_FILE_H

#include <stdbool.h>

#include "engine/engine.h"

struct ev_loop;
struct state_file;

/* path: borrowed; NULL: nothing is kept, and every function does nothing.
 * pump(arg) is called when the engine was told that it is saved, or is not. */
struct state_file *state_file_new(struct ev_loop *loop, struct engine *e,
				  const char *path, void (*pump)(void *arg),
				  void *arg);
/* Nothing is saved.  NULL is fine. */
void state_file_free(struct state_file *s);

/* Read it into the engine.  A damaged or foreign file is set aside with a
 * message; a missing one is fine. */
void state_file_load(struct state_file *s);
/* Write it now, to the disk; false (and a log line) when it failed. */
bool state_file_save(struct state_file *s);
/* Something in it has changed: it is written soon. */
void state_file_touch(struct state_file *s);
/* A write to Azure is about to be sent.  A small state is in its file on
 * return, a large one soon. */
void state_file_before_write(struct state_file *s);

#endif

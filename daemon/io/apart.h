/*
 * apart: long work on what is known now, done by a copy of this process
 * (fork(2)) while this one goes on.
 *
 * The copy reads and writes files, and ends; it hears no signal, takes no part
 * in the loop, and dies with the process that made it, so that nothing of a
 * former life is written into the next one.
 */
#ifndef KEYROTD_IO_APART_H
#define KEYROTD_IO_APART_H

#include <stdbool.h>
#include <sys/types.h>

/* The process that runs work(arg) and ends with 0 when that was true, with 1
 * when it was not; -1 with errno: there is none.  Whoever begins it hears of
 * its end by SIGCHLD (ev_child), or ends it. */
pid_t apart_begin(bool (*work)(void *arg), void *arg);
/* Whatever it has done so far: it is gone on return. */
void apart_end(pid_t pid);

#endif

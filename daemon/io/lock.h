/*
 * lock: one process at a time for what lies in a folder (flock(2)).
 *
 * The lock is the descriptor's: closing it, or the end of the process however
 * it comes, lets go.  The file itself stays and means nothing.
 */
#ifndef KEYROTD_IO_LOCK_H
#define KEYROTD_IO_LOCK_H

#include "base/fault.h"

/* Take the lock on the file at path, which is made when absent (mode 0600);
 * never waits.  A descriptor for the caller to close, or -1: FAULT_CONFLICT
 * when another process holds it, FAULT_LOCAL with errno otherwise. */
int lock_take(const char *path, struct fault *f);

#endif

/*
 * standard: descriptors 0, 1 and 2, which a careless parent may have closed,
 * and a standard error that nobody reads.
 */
#ifndef KEYROTD_IO_STANDARD_H
#define KEYROTD_IO_STANDARD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"

/*
 * Put /dev/null where one of the three is closed, so that no file or socket
 * that is opened later takes its number and gets what is meant for a reader.
 * Input comes to be write-only and output read-only: whoever uses one that was
 * closed is told so (EBADF), as before.  To be called first of all.
 */
void standard_open(void);

/* A log on standard error that waits for nobody; the caller's, zeroed. */
struct standard_log {
	bool prefix;	       /* "<n>" before each line, as systemd reads it */
	unsigned long dropped; /* lines that nobody took */
};

/*
 * A sink of base/log; arg is a struct standard_log.  One line, whole or not at
 * all, and never with a wait: a pipe that is full, or a terminal that stands
 * still, must not stop whoever has something to say.  What is lost is counted,
 * and told before the next line that is taken.  fields are not written.
 */
void standard_log(int level, const char *text, const struct log_field *fields,
		  void *arg);

/*
 * Print to standard output, on which stdio holds nothing back.  When nobody
 * takes it within wait_ms (0: at once) the rest is not printed: false with
 * errno EAGAIN, or what write(2) says.
 */
bool standard_print(const char *text, size_t len, int wait_ms);

#endif

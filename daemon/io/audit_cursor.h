/*
 * audit_cursor: the audit's records from some place on, in order and some at a
 * time, for whoever reads them while they are written.
 *
 * It finds its place by the names of the files and by halving, goes on from
 * one file to the next, and does not mind that they are given other names or
 * removed meanwhile.  What is no record (see base/chain) is passed over; who
 * wants to know of that verifies.  The owner is whoever called
 * audit_cursor_new.
 */
#ifndef KEYROTD_IO_AUDIT_CURSOR_H
#define KEYROTD_IO_AUDIT_CURSOR_H

#include "base/chain.h"

/* Bytes that one step reads. */
#define AUDIT_CURSOR_STEP ((size_t)128 << 10)

struct audit_cursor;

/* Behind the record `after`, and not before the file in which records of the
 * time since_ms (ms since 1970; 0: any) may stand. */
struct audit_cursor *audit_cursor_new(const char *folder, uint64_t after,
				      int64_t since_ms);
void audit_cursor_free(struct audit_cursor *c); /* NULL is fine */

/*
 * Hand out the records that tell of an event (those with a member "event"), as
 * far as one step reads and none beyond `upto`, which has to be on the disk.
 * False: that was all.
 */
bool audit_cursor_step(struct audit_cursor *c, uint64_t upto,
		       void (*each)(const struct chain_record *r, void *arg),
		       void *arg);

#endif

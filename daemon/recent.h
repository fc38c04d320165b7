/*
 * recent: events in the order in which they happen: those that wait for the
 * disk, and the last ones that were told.
 *
 * An event is told when its record of the audit is on the disk, and has the
 * sequence of that record.  While the disk takes none it is told without a
 * sequence after RECENT_HOLD_MS.  What was told before the program began is
 * read from the audit's files once it is known where they end.
 *
 * It owns the events; the evidence is the caller's.
 */
#ifndef KEYROTD_RECENT_H
#define KEYROTD_RECENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/chain.h"
#include "engine/engine.h"

#define RECENT_MAX 100 /* events that were told */
#define RECENT_HOLD_MS 5000

struct evidence;
struct recent;

/* An event is told: the parameters of a reply, as JSON. */
typedef void recent_told(const char *event, void *arg);

/* folder: of the audit's files.  evidence may be NULL: none is kept, and no
 * event has a sequence. */
struct recent *recent_new(const struct evidence *evidence, const char *folder,
			  recent_told *told, void *arg);
void recent_free(struct recent *v); /* NULL is fine */

/* Something has happened; number: of its record, 0: it has none. */
void recent_add(struct recent *v, const struct note *n, uint64_t number);
/* The record with that number is on the disk; seq 0: it never will be. */
void recent_kept(struct recent *v, uint64_t number, uint64_t seq);
/* After each turn: what waits too long, and what was before we began. */
void recent_turn(struct recent *v);

/* Is it known what was before?  If it is not after RECENT_HOLD_MS: true. */
bool recent_ready(const struct recent *v);
/* All that was told behind this sequence is here; what was told before it is
 * in the files. */
uint64_t recent_floor(const struct recent *v);
/* The sequence of the last one that was told; -1: not known. */
int64_t recent_last(const struct recent *v);

/* Append those that were told behind a sequence, not before a time (ms since
 * 1970), each ended by NUL. */
void recent_write(const struct recent *v, uint64_t after, int64_t since_ms,
		  struct buf *out);
/* Append a note in the same form; sequence -1: it has none. */
void recent_write_note(const struct note *n, int64_t sequence, struct buf *out);
/* ... or the event that a record tells of, if it does. */
void recent_write_record(const struct chain_record *r, struct buf *out);

#endif

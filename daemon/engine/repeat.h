/*
 * repeat: notes of one kind about one thing are told once, then counted.
 *
 * The first one is told.  What comes again within an hour is counted, and the
 * count is told at the end of that hour, if there is one; then another hour
 * begins.  Notes are of one sort when kind, what it is about, versions and
 * words are the same; request ids, times and large numbers in a text are no
 * words.
 * Thus another reason is another sort, and its first note is told.
 *
 * Never counted is what somebody may have to prove (writes and what came of
 * them) and what a person has asked for.
 *
 * Some notes turn about, each undoing the last: a key that cannot be read and
 * can again, the state of the whole.  Of such a pair the one that was counted
 * is told all the same once it has stayed so for some minutes, and so is, at
 * once, a change after such a time: that was no flicker.
 *
 * It owns what it counts by: REPEAT_MAX sorts at most, of the first REPEAT_KEPT
 * that come again with the last note.  Beyond that the longest known sort is
 * forgotten, and told anew when it comes again.
 */
#ifndef KEYROTD_ENGINE_REPEAT_H
#define KEYROTD_ENGINE_REPEAT_H

#include <sys/queue.h>

#include "engine/engine.h"

#define REPEAT_MS INT64_C(3600000)
#define REPEAT_STEADY_MS INT64_C(300000)
#define REPEAT_MAX 20000
#define REPEAT_KEPT 1000
#define REPEAT_BUCKETS 4096

struct repeat;
TAILQ_HEAD(repeat_list, repeat);

struct repeats {
	LIST_HEAD(, repeat) buckets[REPEAT_BUCKETS];
	struct repeat_list sorts;   /* by when they were told last */
	struct repeat_list turns;   /* pairs, by when they turned last */
	struct repeat_list waiting; /* the same, and that was not told */
	size_t n, kept;
	uint64_t unkept, unkept_times; /* repeated, and not to be told singly */
};

void repeat_init(struct repeats *rs);
void repeat_free(struct repeats *rs);
/* A note came up at boot ms.  True: it is to be told now, and stays the
 * caller's; its text may tell by now how often it came before.  False: it was
 * counted, and is taken. */
bool repeat_tells(struct repeats *rs, struct note *n, int64_t boot);
/* A note that is to be told by now (boot ms; azure: the same on Azure's
 * clock), the caller's; NULL: none.  Ask until there is none. */
struct note *repeat_due(struct repeats *rs, int64_t boot, int64_t azure);
/* Free a note; NULL is fine. */
void repeat_drop(struct note *n);

#endif

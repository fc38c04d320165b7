/*
 * canary: who goes next.  One registry of a watch goes first, the others once
 * it is verified, at most max-parallel at a time.
 *
 * It keeps two queues of a watch: those that wait for the new version, and
 * those that are on it and only return to the unversioned identifier.
 */
#ifndef KEYROTD_ENGINE_CANARY_H
#define KEYROTD_ENGINE_CANARY_H

#include "engine/model.h"

/* This version is wanted: true when it is another one than before, which has
 * to be tried anew. */
bool canary_try(struct watch *w, const char *version);
/* The file names this one to go first; NULL: none. */
void canary_name(struct engine *e, struct watch *w, struct registry *r);
/* Follow what a move has come to: its place in the queues, its slot.  True
 * when it is its turn already and it goes on to write. */
bool canary_follow(struct engine *e, struct registry *r);
/* The next one whose turn it is, taken out of the queue; NULL: nobody's. */
struct registry *canary_next(struct engine *e, struct watch *w);
/* The others need not wait for the first one (any longer). */
bool canary_open(const struct engine *e, const struct watch *w);
/* Boot ms at which the others, or in doubt one more, go without waiting any
 * longer; INT64_MAX. */
int64_t canary_opens(const struct engine *e, const struct watch *w);
/* One was refused, for what nobody can tell, and a few others could not tell
 * it either. */
bool canary_stuck(const struct watch *w);
/* It leaves its watch. */
void canary_leave(struct registry *r);

#endif

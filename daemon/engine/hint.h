/*
 * hint: the queues of the events blocks as subjects.  Event Grid puts into them
 * what happens at vaults; each message is a hint and no more: it brings forward
 * the poll of a watched key, and is deleted.
 *
 * Whoever may write to a queue can put anything into it, so nothing in a
 * message is believed.  It may name a key, and then that key is polled, once a
 * second at most (key_hint); no version and no time is taken from it.  What
 * cannot be read, or is about nothing that is watched, is counted and deleted
 * like the rest.  Polling stays the truth: nothing hangs on a queue, and one
 * that does not answer is a warning and never makes the whole worse.
 *
 * A queue that has messages is asked on and on; an empty one ever more seldom
 * (hint_wait).  Messages are hidden from other readers while they are handled;
 * one that could not be deleted comes back by itself and is handled again,
 * which does no harm.
 *
 * Sources: Microsoft, "Get Messages (REST API)" and "Delete Message" of Queue
 * Storage; "Azure Key Vault as Event Grid source".
 */
#ifndef KEYROTD_ENGINE_HINT_H
#define KEYROTD_ENGINE_HINT_H

#include "engine/model.h"

extern const struct job_kind hint_kind;	     /* taking messages */
extern const struct job_kind hint_drop_kind; /* deleting one */

/* How long to wait, ms, before a queue that has been empty for quiet_ms is
 * looked into again; most: its max-wait, ms. */
int64_t hint_wait(int64_t quiet_ms, int64_t most);

/* ---- by adopt ---- */

/* The queues of e->config; what was known of those of the same name and
 * address is kept. */
void hint_adopt(struct engine *e);
void hint_free(struct engine *e);

/* ---- by engine ---- */

/* Whether messages are for this daemon may be another one than before: begin,
 * or end. */
void hint_look(struct engine *e);
/* Something happened to a job of one of these two kinds. */
void hint_take(struct engine *e, struct job *j, const struct value *v);

/* ---- for people ---- */

/* Why it cannot be read, or its messages not be deleted; NULL. */
const struct fault *hint_error(const struct hint_queue *q);
/* "reading", "unreachable", "unknown" (no answer yet) or "idle" (messages are
 * not for this daemon). */
const char *hint_state_str(const struct engine *e, const struct hint_queue *q);
/* What became of messages, by its number from 0 on: a word; NULL: no more. */
const char *hint_outcome_str(unsigned outcome);

#endif

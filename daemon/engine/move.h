/*
 * move: one registry's way from an old version to the wanted one, as a
 * subject.  move.c judges and acts, move_reply.c takes what comes back; the
 * steps on that way are the other move_*.c.
 *
 * A path here ends where the registry's own state is right and marked: whose
 * turn it is, health and retirement are settle's to ask about.
 */
#ifndef KEYROTD_ENGINE_MOVE_H
#define KEYROTD_ENGINE_MOVE_H

#include "engine/model.h"

/* ---- judging: settle calls these ---- */

/* A pause may have ended: then it is looked at again. */
void move_look(struct engine *e, struct registry *r);
/* It was read, or the wanted version has changed: judge, and act on it. */
void move_judge(struct engine *e, struct registry *r);
/* What is known of the wanted version has changed.  another: it is another
 * one, and failures were the former one's.  better: it can be used, and could
 * not. */
void move_retarget(struct engine *e, struct registry *r, bool another,
		   bool better);
/* Read it now, when it is at rest. */
void move_ask(struct engine *e, struct registry *r);
/* A person says so: read it now, if it waits for a back-off of ours; true when
 * it does.  Whether it is written then is another matter: a second write for
 * one version has a time that nobody ends. */
bool move_hurry(struct engine *e, struct registry *r);
/* See to it that it is read within the interval in force: after another
 * configuration, or when LISTs come no more. */
void move_in_time(struct engine *e, struct registry *r);
/* Out of everything: it leaves. */
void move_stop(struct engine *e, struct registry *r);

/* ---- what comes in (move_reply.c) ---- */

/* Something happened to the registry's job. */
void move_take(struct engine *e, struct registry *r, const struct value *v);

#endif

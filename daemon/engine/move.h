/*
 * move: one registry's way from an old version to the wanted one, as a
 * subject.  move.c judges and acts, move_reply.c takes what comes back.
 *
 * A path here ends where the registry's own state is right and marked: whose
 * turn it is, health and retirement are settle's to ask about.
 */
#ifndef KEYROTD_ENGINE_MOVE_H
#define KEYROTD_ENGINE_MOVE_H

#include "engine/model.h"

extern const struct job_kind move_kind;

/* ---- judging: settle calls these ---- */

/* What it needs, by all that is known. */
struct decision move_decision(const struct engine *e, const struct registry *r);
/* The same if this were asked for (NULL: nothing). */
struct decision move_if(const struct engine *e, const struct registry *r,
			const struct order *o);
/* It would be written if nothing were wrong with the wanted version. */
bool move_would_write(const struct registry *r);
/* A pause may have ended: then it is looked at again. */
void move_look(struct engine *e, struct registry *r);
/* It was read, or the wanted version has changed: judge, and act on it. */
void move_judge(struct engine *e, struct registry *r);
/* What is known of the wanted version has changed.  another: it is another
 * one, and failures were the former one's.  better: it can be used, and could
 * not. */
void move_retarget(struct engine *e, struct registry *r, bool another,
		   bool better);
/* Its turn has come: write, or read first. */
void move_go(struct engine *e, struct registry *r);
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

/* ---- for move_reply.c ---- */

/* The only place that assigns a phase. */
void move_phase(struct engine *e, struct registry *r, enum move_phase phase);
/* GET it as soon as may be, in this phase. */
void move_read(struct engine *e, struct registry *r, enum move_phase phase);
/* A failed attempt: wait as the rules say, then read before anything. */
void move_retry(struct engine *e, struct registry *r, const struct fault *f);
void move_clear_error(struct engine *e, struct registry *r);
void move_forget_operation(struct registry *r);
/* What moving it takes, to be changed: from now on it is at it. */
struct effort *move_effort(struct registry *r);
/* It is at it no more. */
void move_rest(struct engine *e, struct registry *r);
/* Azure ms by which it has to be on the wanted version, or
 * BACKOFF_NO_DEADLINE. */
int64_t move_deadline(const struct engine *e, const struct registry *r);
/* Its job's urgency, before it asks. */
void move_urgency(const struct engine *e, struct registry *r);

/* ---- what comes in (move_reply.c) ---- */

/* Something happened to the registry's job. */
void move_take(struct engine *e, struct registry *r, const struct value *v);

/* Ms up to which an adoption is counted in this place of the histogram;
 * INT64_MAX: the last one. */
int64_t move_adoption_bound(size_t i);

#endif

/*
 * move_question: the questions of a registry: reading it, writing it, following
 * its operation, all by its one job.
 */
#ifndef KEYROTD_ENGINE_MOVE_QUESTION_H
#define KEYROTD_ENGINE_MOVE_QUESTION_H

#include "engine/model.h"

extern const struct job_kind move_question_kind;

/* What the job of a registry asks, into c, whose kind is set. */
void move_question_fill(const void *world, const struct job *j, struct call *c);
/* GET it as soon as may be, in this phase. */
void move_question_read(struct engine *e, struct registry *r,
			enum move_phase phase);
/* At rest, in this phase, until its next routine read, which a LIST may do for
 * many. */
void move_question_routine(struct engine *e, struct registry *r,
			   enum move_phase phase);
/* Azure ms by which it has to be on the wanted version, or
 * BACKOFF_NO_DEADLINE. */
int64_t move_question_deadline(const struct engine *e,
			       const struct registry *r);
/* Its job's urgency, before it asks. */
void move_question_urgency(const struct engine *e, struct registry *r);

#endif

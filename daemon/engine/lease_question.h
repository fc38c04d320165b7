/*
 * lease_question: the questions of a lease: which is next, what it tells
 * people, and when it is asked; all by its one job.
 *
 * What is asked is the lease's, until it is answered.  What the answers mean is
 * lease_step's to say.
 */
#ifndef KEYROTD_ENGINE_LEASE_QUESTION_H
#define KEYROTD_ENGINE_LEASE_QUESTION_H

#include "engine/model.h"

extern const struct job_kind lease_question_kind;

/* Do this step as soon as may be. */
void lease_question_ask(struct engine *e, struct lease *l,
			enum lease_step step);
/* The next question at this boot ms. */
void lease_question_at(struct engine *e, struct lease *l, int64_t boot);
/* ... in a pace, as a standby asks. */
void lease_question_later(struct engine *e, struct lease *l);
/* ... a third after the one by which it is held was sent. */
void lease_question_renew(struct engine *e, struct lease *l);
/* Tell people that we hold it, and nobody wants it. */
void lease_question_tell(struct engine *e, struct lease *l);
/* Tell its holder that we want it. */
void lease_question_wish(struct engine *e, struct lease *l);
/* Let go of it: we lead no more from now on, whatever comes of it. */
void lease_question_let_go(struct engine *e, struct lease *l);
/* It is time for its next question: ask that. */
void lease_question_due(struct engine *e, struct lease *l);

#endif

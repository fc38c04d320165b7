/*
 * lease_step: what is answered to the steps of a lease (making its blob, having
 * it, renewing it, telling, looking), and which step is next by that.
 *
 * Whose the lease is, by the service's word, is changed here; when we let go of
 * it ourselves, lease_question does that, and when it lapses, lease_settle.
 */
#ifndef KEYROTD_ENGINE_LEASE_STEP_H
#define KEYROTD_ENGINE_LEASE_STEP_H

#include "engine/model.h"

/* The question that was sent at this boot ms has come back. */
void lease_step_answer(struct engine *e, struct lease *l, const struct reply *r,
		       int64_t sent);

#endif

/*
 * lease_outage: when the service of a lease cannot be asked: which steps have
 * failed, what that is taken for, and when it is over.
 *
 * The steps that failed, their number and the error that stands are the
 * lease's, and changed here.
 */
#ifndef KEYROTD_ENGINE_LEASE_OUTAGE_H
#define KEYROTD_ENGINE_LEASE_OUTAGE_H

#include "engine/model.h"

#define LEASE_OUTAGE_BIT(step) (1u << (step))

/* These steps (LEASE_OUTAGE_BIT of each) can be done, or are called for no
 * more: the outage is over when none is left that failed. */
void lease_outage_works(struct engine *e, struct lease *l, unsigned steps);
/* The last question was answered, whatever the answer is: these steps work. */
void lease_outage_answered(struct engine *e, struct lease *l, unsigned steps);
/* Nobody else can have it either, by this error. */
bool lease_outage_is(const struct fault *f);
/* The last question came to nothing, for this reason. */
void lease_outage_add(struct engine *e, struct lease *l, const struct fault *f);

#endif

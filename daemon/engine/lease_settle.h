/*
 * lease_settle: the role that a lease gives, by what is known of it, and the
 * turn from one role to the other.
 *
 * The role of a lease is changed here alone.  The verdict is lease_role's.
 */
#ifndef KEYROTD_ENGINE_LEASE_SETTLE_H
#define KEYROTD_ENGINE_LEASE_SETTLE_H

#include "engine/model.h"

/* Our role now.  When it has turned, or is known for the first time, what is
 * under the lease is marked, and it is told. */
void lease_settle_role(struct engine *e, struct lease *l);
/* Who held it until now, be it ourselves, is not who holds it next. */
void lease_settle_forget(struct lease *l);
/* Set its timer to the next moment that matters, besides its job's own: the
 * role lapses, or the question is lost. */
void lease_settle_arm(struct engine *e, struct lease *l);

#endif

/*
 * lease_adopt: what another configuration makes of the leases: which are kept,
 * which come, and which are let go of.
 *
 * The marks of a reload are set here alone, and so is the engine's table of
 * which lease has which place in the configuration.
 */
#ifndef KEYROTD_ENGINE_LEASE_ADOPT_H
#define KEYROTD_ENGINE_LEASE_ADOPT_H

#include "engine/model.h"

/* Another configuration, after its ends are known and before watches take
 * theirs: leases are kept by their blob, added, or let go of. */
void lease_adopt(struct engine *e);
/* By the configuration the watch is under it from now on; NULL: under none. */
void lease_adopt_put(struct watch *w, struct lease *l);
/* A configuration was read again, and all has its place: what that has changed
 * of who acts is told. */
void lease_adopt_reloaded(struct engine *e);

#endif

/*
 * drift: who has changed the key settings of a registry: this daemon, Azure,
 * the daemon that leads, or another writer, who is told of.
 *
 * Several daemons that share a lease do one thing.  What the one that leads has
 * written is not asked for here, but it is what this one would write, and no
 * other writer's.  It may be read only after that one has died.
 */
#ifndef KEYROTD_ENGINE_DRIFT_H
#define KEYROTD_ENGINE_DRIFT_H

#include "engine/model.h"

/* What was read just now, against what was read before, which r->facts has
 * still: f->drifted and f->led are set, and another writer is told of. */
void drift_look(struct engine *e, const struct registry *r,
		struct registry_facts *f);

#endif

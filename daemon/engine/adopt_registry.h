/*
 * adopt_registry: one registry: new, taken over from another watch, freed.
 */
#ifndef KEYROTD_ENGINE_ADOPT_REGISTRY_H
#define KEYROTD_ENGINE_ADOPT_REGISTRY_H

#include "engine/model.h"

/* One registry of the file, or of a rule: found again, moved from another
 * watch, or new.  Then *id is taken.  NULL: it is no id of a registry. */
struct registry *adopt_registry_take(struct engine *e, struct watch *w,
				     char **id, const struct credential *cred);
/* Nothing of it counts or waits any more.  The index may know it still. */
void adopt_registry_free(struct engine *e, struct registry *r);

#endif

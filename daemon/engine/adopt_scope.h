/*
 * adopt_scope: the scopes in which registries are read, and where rules look:
 * subscriptions with their credential, and groups of them.  They are the
 * engine's, and stay once they were made.
 */
#ifndef KEYROTD_ENGINE_ADOPT_SCOPE_H
#define KEYROTD_ENGINE_ADOPT_SCOPE_H

#include "engine/model.h"

/* The subscription's, with this credential; made when there is none. */
struct scope *adopt_scope_of(struct engine *e, const char *subscription,
			     const struct credential *c);
/* That of a place: only rules list a group by itself. */
struct scope *adopt_scope_of_place(struct engine *e,
				   const struct config_place *p,
				   const struct credential *c);
/* Nobody is in it, or looks there, any more: nothing is asked for.  It begins
 * anew when somebody comes back. */
void adopt_scope_stop(struct engine *e, struct scope *s);

#endif

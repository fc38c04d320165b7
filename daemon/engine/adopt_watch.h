/*
 * adopt_watch: one watch: made, found again, given the words of the file or of
 * a rule, freed.
 */
#ifndef KEYROTD_ENGINE_ADOPT_WATCH_H
#define KEYROTD_ENGINE_ADOPT_WATCH_H

#include "engine/model.h"

/* Of the key of c; no index knows it yet. */
struct watch *adopt_watch_new(struct engine *e, const struct config_watch *c);
/* No registry is of it any more. */
void adopt_watch_free(struct engine *e, struct watch *w);
/* It is as c says, from now on. */
void adopt_watch_options(struct engine *e, struct watch *w,
			 const struct config_watch *c);
/* That of the key of c; NULL: there is none. */
struct watch *adopt_watch_find(const struct engine *e,
			       const struct config_watch *c);
/* That of a watch block, new or known, as the block says. */
struct watch *adopt_watch_of(struct engine *e, const struct config_watch *c);

#endif

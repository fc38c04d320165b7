/*
 * retirement: when may an old key version be disabled?
 *
 * Only when every registry known to the daemon was read after the last one left
 * it and shows another version, plus a hold, which is counted from the moment
 * that this became sure: a registry that comes later, or was not to be read
 * meanwhile, begins it anew.  A LIST may be old: before the hold is over, each
 * registry of the key was read by a GET of its own.  After a restart everything
 * is unknown until it was read again; the "since" of what was clear is
 * remembered, as far as it can be.
 */
#ifndef KEYROTD_ENGINE_RETIREMENT_H
#define KEYROTD_ENGINE_RETIREMENT_H

#include "engine/model.h"

enum retirement_verdict {
	RETIREMENT_UNKNOWN,
	RETIREMENT_NEWEST,
	RETIREMENT_IN_USE,
	RETIREMENT_DRAINING,
	RETIREMENT_CLEAR,
};

/* A watch was looked at: what nothing uses is so since now. */
void retirement_update(struct engine *e, struct watch *w);
/* The verdict on one version of a watch's key.  *since: Azure ms from which
 * on nothing was seen on it, *until: end of the hold; -1 when not known. */
enum retirement_verdict retirement_of(const struct engine *e,
				      const struct watch *w,
				      const char *version, int64_t *since,
				      int64_t *until);
/* Why that is so, a clause for people; NULL: the verdict says it all. */
const char *retirement_why(const struct engine *e, const struct watch *w,
			   const char *version);
/* The registries that are yet to be read before it can be called clear, its
 * hold being over: the first `max` into who; how many there are. */
size_t retirement_awaits(const struct engine *e, const struct watch *w,
			 const char *version, const struct registry **who,
			 size_t max);
const char *retirement_str(enum retirement_verdict v);

#endif

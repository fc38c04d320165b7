/*
 * attempt: when something is asked next that concerns a registry or a key, by
 * the timers and jobs that will ask it, not by any interval.
 *
 * What is told holds unless news come first: an answer, a person, another
 * configuration.
 */
#ifndef KEYROTD_ENGINE_ATTEMPT_H
#define KEYROTD_ENGINE_ATTEMPT_H

#include "engine/model.h"

/* Boot ms, now or later, of the next request for this registry: its own, that
 * of the LIST that reads it along, or, when it waits for these, its key's or
 * that of the registry that goes first.  INT64_MAX: none is to come. */
int64_t attempt_next(const struct engine *e, const struct registry *r);
/* The same for a request about the watch's key. */
int64_t attempt_key(const struct engine *e, const struct watch *w);

#endif

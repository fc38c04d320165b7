/*
 * reading: when each key and each registry is read next.
 *
 * Nothing is left unread, by construction: a registry at rest always has a
 * timer of its own.  A LIST that comes in time puts the timer off, and one
 * that does not come leaves the registry to it.
 */
#ifndef KEYROTD_ENGINE_READING_H
#define KEYROTD_ENGINE_READING_H

#include "engine/model.h"

/* Boot ms at which a registry at rest is to be asked itself, if nothing has
 * read it by then: in time before what is known of it is stale, at a place of
 * its own. */
int64_t reading_due(struct engine *e, struct registry *r);

#endif

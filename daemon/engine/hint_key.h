/*
 * hint_key: what a message of a queue of events is about.
 *
 * Only whom it names is taken from it, to look that up among the keys that are
 * watched: no version, no time, and not that anything has happened at all.
 */
#ifndef KEYROTD_ENGINE_HINT_KEY_H
#define KEYROTD_ENGINE_HINT_KEY_H

#include "engine/model.h"

/* The polls of the keys that this message is about are brought forward, of a
 * vault whose rights have changed those of all its keys.  What became of it is
 * what became of the one of its events that did most. */
enum hint_outcome hint_act(struct engine *e, const struct hint *h);
/* There may have been messages about any key. */
void hint_all(struct engine *e);

#endif

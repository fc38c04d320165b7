/*
 * move_effect: did a write have its effect?  One that was accepted and did
 * nothing is made in another form, and then told.
 */
#ifndef KEYROTD_ENGINE_MOVE_EFFECT_H
#define KEYROTD_ENGINE_MOVE_EFFECT_H

#include "engine/model.h"

/* A write is over and was read back; target is the wanted version.  True when
 * what was read counts, and is to be judged; else its next step is set. */
bool move_effect_read(struct engine *e, struct registry *r, const char *target);

#endif

/*
 * settle: what follows from what was marked, in one plain function and always
 * in the same order: the wanted versions, moves judged, who goes next, whose
 * turn came acts, health, retirement.
 */
#ifndef KEYROTD_ENGINE_SETTLE_H
#define KEYROTD_ENGINE_SETTLE_H

#include "engine/model.h"

/* After each value: false when nothing was marked.  Registries that are done
 * with leaving stand in engine.gone. */
bool settle_run(struct engine *e);

#endif

/*
 * health_whole: the state of the whole and its sentence, by what was counted.
 * engine.h has the questions that others ask: engine_state, engine_sentence,
 * engine_all_current.
 */
#ifndef KEYROTD_ENGINE_HEALTH_WHOLE_H
#define KEYROTD_ENGINE_HEALTH_WHOLE_H

#include "engine/model.h"

/* The state of the whole, when it is another one. */
void health_whole_tell(struct engine *e);

#endif

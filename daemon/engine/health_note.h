/*
 * health_note: what is told of a registry when it was assessed anew, each thing
 * once.
 *
 * It keeps for which version it has told that the registry is overdue, and that
 * is saved.
 */
#ifndef KEYROTD_ENGINE_HEALTH_NOTE_H
#define KEYROTD_ENGINE_HEALTH_NOTE_H

#include "engine/health_assess.h"

/* r is still as it was before this assessment. */
void health_note_state(struct engine *e, struct registry *r,
		       const struct health_assessment *a);
/* bits: the warnings of now, r->warnings those of before. */
void health_note_warnings(struct engine *e, struct registry *r, unsigned bits);

#endif

/*
 * adopt_leave: who is named no more leaves: at once, or once the last write is
 * over.
 */
#ifndef KEYROTD_ENGINE_ADOPT_LEAVE_H
#define KEYROTD_ENGINE_ADOPT_LEAVE_H

#include "engine/model.h"

/* Registries that are not `kept`: those that have a write under way are put
 * behind the n of `all`, which has room; how many there are then. */
size_t adopt_leave_registries(struct engine *e, struct registry **all,
			      size_t n);
/* Watches that are not `kept`. */
void adopt_leave_watches(struct engine *e);
/* Scopes that nobody is in. */
void adopt_leave_scopes(struct engine *e);
/* Tokens that nothing is asked with any more are wiped, and have no place.
 * Who needs one now and then, such as the doctor, asks for another. */
void adopt_leave_tokens(struct engine *e);
/* Free the registries that have left and have nothing under way any more. */
void adopt_leave_gone(struct engine *e);

#endif

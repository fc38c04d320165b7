/*
 * outlook: what is still to move, held against the limits in force, and told
 * when it will not be done in time (forecast does the arithmetic).
 *
 * What is still to move is counted when a registry begins or ends; the
 * forecast is made when a move begins, and every some seconds while one goes
 * on: its cost is the watches that move, not their registries.
 */
#ifndef KEYROTD_ENGINE_OUTLOOK_H
#define KEYROTD_ENGINE_OUTLOOK_H

#include "engine/model.h"

/* The registry is, or is not, one that has yet to come to the wanted version,
 * and that the daemon will move. */
void outlook_moving(struct engine *e, struct registry *r, bool moving);
/* Limits may be others than before. */
void outlook_stale(struct engine *e);
/* After an event: make the forecast when it is time, and tell of it. */
void outlook_look(struct engine *e);
/* It is linked to its watch and scope. */
void outlook_link(struct registry *r);

/* The watch goes. */
void outlook_free(struct watch *w);

#endif

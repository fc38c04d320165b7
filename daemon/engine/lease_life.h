/*
 * lease_life: a lease begins, is let go of, and is no more.
 *
 * It owns the memory of each lease, and the place of each in the engine's list.
 */
#ifndef KEYROTD_ENGINE_LEASE_LIFE_H
#define KEYROTD_ENGINE_LEASE_LIFE_H

#include "engine/model.h"

/* A lease of the file that is not there yet: a standby's, with an id of its
 * own.  Its name and place are to be set. */
struct lease *lease_life_new(struct engine *e, const struct config_lease *c);
/* Where it is asked for, which is counted there; NULL: nowhere. */
void lease_life_place(struct lease *l, struct end *end);
/* It is no more: nothing is under it, and it is freed. */
void lease_life_gone(struct engine *e, struct lease *l);
/* It is let go of first.  ending: the daemon ends; else: the file names it no
 * more. */
void lease_life_leave(struct engine *e, struct lease *l, bool ending);
/* Let go of all that are held: the daemon ends. */
void lease_life_end(struct engine *e);
void lease_life_free_all(struct engine *e);

#endif

/*
 * lease_turn: a lease's turn: something happened to it.
 *
 * Before and after whatever that is its role is settled, and its timer is set.
 */
#ifndef KEYROTD_ENGINE_LEASE_TURN_H
#define KEYROTD_ENGINE_LEASE_TURN_H

#include "engine/model.h"

/* Something happened to its job. */
void lease_turn_take(struct engine *e, struct lease *l, const struct value *v);
/* Its timer rang. */
void lease_turn_rang(struct engine *e, struct lease *l);
/* A person has paused something, or ended that: who may not write anything
 * that is under a lease leaves it to others, and asks for it again. */
void lease_turn_paused(struct engine *e);

#endif

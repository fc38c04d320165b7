/*
 * lease_say: what is told of a lease: who leads, and for what.
 *
 * Of a standby it is told once who leads, which the lease remembers.  When that
 * is to be told anew lease_settle and lease_adopt say.
 */
#ifndef KEYROTD_ENGINE_LEASE_SAY_H
#define KEYROTD_ENGINE_LEASE_SAY_H

#include "engine/model.h"

/* Who leads by it, which this daemon does not, as far as that is known: a
 * clause of at most size bytes with its end.  l: NULL is allowed. */
void lease_say_leader(const struct lease *l, char *dst, size_t size);
/* This daemon leads from now on. */
void lease_say_leading(struct engine *e, const struct lease *l);
/* It leads already: a reload has put more under it than was, or calls it
 * otherwise. */
void lease_say_more(struct engine *e, const struct lease *l);
/* A reload has put under none what was under it. */
void lease_say_alone(struct engine *e, const struct lease *l);
/* Another leads: told once it is known who, or that this cannot be had, and
 * not again before it is somebody else. */
void lease_say_other(struct engine *e, struct lease *l);
/* Whether anybody confirms that this daemon leads has changed. */
void lease_say_confirmed(struct engine *e, const struct lease *l);

#endif

/*
 * lease: the leases of the file as subjects: each is asked for, renewed, told
 * of and let go of, by a job of its own.
 *
 * Whoever holds one acts for all that is under it; the others ask again every
 * few seconds, so that one of them has it soon after it ran out.  It is never
 * broken.  The blob's metadata tells people who holds it, and the lease's id,
 * which is no secret: whoever may write the blob can break the lease anyway.
 * By that id a daemon that is preferred writes there, beside the holder's name,
 * that it wants the lease; who holds it, and reads that, lets go.  Source:
 * Microsoft, "Lease Blob" and "Set Blob Metadata" (REST).
 *
 * This file answers questions, and changes nothing.  What becomes of a lease is
 * in the other lease_*.c: lease_adopt and lease_life say which there are,
 * lease_turn takes what happens to one, lease_step what is answered,
 * lease_question asks, lease_outage counts what fails, lease_settle turns the
 * role, and lease_say tells it.
 */
#ifndef KEYROTD_ENGINE_LEASE_H
#define KEYROTD_ENGINE_LEASE_H

#include "engine/model.h"

/* Whether it leads for this watch now (NULL lease: alone). */
enum lease_role lease_role(const struct lease *l, int64_t boot);
/* May the registry be written now, by whoever leads?  last_step: that is the
 * last step of a move. */
bool lease_lets(const struct engine *e, const struct registry *r,
		bool last_step, struct instant now);
/* Boot ms from which on a standby writes the registries of this watch all the
 * same; INT64_MAX: never, or it need not be a standby for that. */
int64_t lease_opens(const struct engine *e, const struct watch *w);
/* What this daemon is, over all leases of the file. */
enum lease_role lease_role_all(const struct engine *e);
/* All of them are another's: nothing of what is told first to one of them is
 * for this daemon. */
bool lease_all_standby(const struct engine *e);
/* The host that holds it, as far as that is known; NULL. */
const char *lease_leader(const struct engine *e, const struct lease *l);
/* One is being let go of. */
bool lease_is_letting_go(const struct engine *e);
/* Whose it is nobody has said so far, and it has not failed a few times. */
bool lease_is_unheard(const struct lease *l);
/* The one with this place in the configuration; NULL for CONFIG_ALONE, and in
 * a dry run, which takes part in nothing. */
struct lease *lease_at(const struct engine *e, size_t at);

/* ---- how often: the other lease_*.c call these ---- */

/* Ms: a third of what it lasts; so often it is renewed. */
int64_t lease_third(const struct lease *l);
/* Ms between two times that a standby asks: a third, and 5 s at most. */
int64_t lease_pace(const struct lease *l);

/* ---- what is under it ---- */

/* A registry is being written. */
bool lease_is_writing(const struct engine *e, const struct lease *l);
/* No move is under way. */
bool lease_is_idle(const struct engine *e, const struct lease *l);
/* A person has paused all of it, here. */
bool lease_is_paused(const struct engine *e, const struct lease *l);

#endif

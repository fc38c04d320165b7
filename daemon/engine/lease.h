/*
 * lease: the leases of the file as subjects: each is asked for, renewed, told
 * of and let go of, by a job of its own.
 *
 * Whoever holds one acts for all that is under it; the others ask again every
 * few seconds, so that one of them has it soon after it ran out.  It is never
 * broken.  The blob's metadata tells people who holds it, and the lease's id,
 * which is no secret: whoever may write the blob can break the lease anyway.
 * By that id a daemon that is preferred writes there, beside the holder's name,
 * that it wants the lease; who holds it, and reads that, lets go.  Source: Microsoft, "Lease Blob" and "Set Blob Metadata" (REST).
 */
#ifndef KEYROTD_ENGINE_LEASE_H
#define KEYROTD_ENGINE_LEASE_H

#include "engine/model.h"

extern const struct job_kind lease_kind;

/* Another configuration, after its ends are known and before watches take
 * theirs: leases are kept by their blob, added, or let go of. */
void lease_adopt(struct engine *e);
/* By the configuration the watch is under it from now on; NULL: under none. */
void lease_put(struct watch *w, struct lease *l);
/* A configuration was read again, and all has its place: what that has changed
 * of who acts is told. */
void lease_reloaded(struct engine *e);
/* The one with this place in the configuration; NULL for CONFIG_ALONE, and in
 * a dry run, which takes part in nothing. */
struct lease *lease_at(const struct engine *e, size_t at);
/* Something happened to its job. */
void lease_take(struct engine *e, struct lease *l, const struct value *v);
/* Its timer rang. */
void lease_rang(struct engine *e, struct lease *l);
/* A person has paused something, or ended that: who may not write anything
 * that is under a lease leaves it to others, and asks for it again. */
void lease_paused(struct engine *e);
/* Let go of all that are held: the daemon ends. */
void lease_end(struct engine *e);
void lease_free_all(struct engine *e);

/* ---- questions ---- */

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
/* Who leads by it, which this daemon does not, as far as that is known: a
 * clause. */
void lease_say_leader(const struct lease *l, char *dst, size_t size);
/* One is being let go of. */
bool lease_is_letting_go(const struct engine *e);
/* Whose it is nobody has said so far, and it has not failed a few times. */
bool lease_is_unheard(const struct lease *l);

#endif

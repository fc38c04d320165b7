/*
 * doctor: asks about everything that the configuration names, and tells what
 * is amiss with it.
 *
 * A visit has subjects: hosts, the clock, credentials, keys, registries.  Each
 * has a job in traffic/, so that its questions go by the same tokens, budgets
 * and bounds as all others, and a script of one to two questions.  A subject
 * begins when those that it hangs on are done; when one of them has failed it
 * is left out.  What is done is handed out in the order of the plan.  Nothing
 * is written, and no more than DOCTOR_AHEAD subjects are under way or wait to
 * be told.
 *
 * The visit takes what it needs of the configuration when it begins, and
 * belongs to the engine.
 */
#ifndef KEYROTD_ENGINE_DOCTOR_H
#define KEYROTD_ENGINE_DOCTOR_H

#include "engine/doctor_checks.h"
#include "traffic/traffic.h"

#define DOCTOR_AHEAD 256
#define DOCTOR_SILENCE_MS 180000 /* nothing was done for so long: it ends */

struct doctor;

extern const struct job_kind doctor_kind;

/* kind: how its owner knows the visit's timer by. */
struct doctor *doctor_new(struct traffic *t, const struct config *c,
			  unsigned kind);
void doctor_free(struct doctor *d); /* NULL is fine; what runs is cancelled */

/* Something happened to one of its jobs, or its timer rang. */
void doctor_take(struct doctor *d, const struct value *v);
/* Hand out the findings of the next subject, in order; false: none is done. */
bool doctor_next(struct doctor *d, doctor_found *found, void *arg);
/* All was handed out. */
bool doctor_over(const struct doctor *d);
/* Subjects that are done, and all of them. */
void doctor_progress(const struct doctor *d, size_t *done, size_t *all);

#endif

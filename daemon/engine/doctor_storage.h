/*
 * doctor_storage: the blob of a lease, and the queue of events.  Rows of the
 * table in engine/doctor_checks; each judges plain facts.
 */
#ifndef KEYROTD_ENGINE_DOCTOR_STORAGE_H
#define KEYROTD_ENGINE_DOCTOR_STORAGE_H

#include "engine/doctor_advice.h"

void doctor_storage_lease(const struct doctor_facts *f, struct advice *a);
void doctor_storage_queue(const struct doctor_facts *f, struct advice *a);
/* The right to take and to tell of a lease, or to delete messages. */
void doctor_storage_write(const struct doctor_facts *f, struct advice *a);

/* The blob is not there yet: the daemon makes it. */
bool doctor_storage_is_new(const struct fault *f);

#endif

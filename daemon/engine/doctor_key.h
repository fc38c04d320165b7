/*
 * doctor_key: whether a key can be read and used, and is safe.
 * Rows of the table in engine/doctor_checks; each judges plain facts.
 */
#ifndef KEYROTD_ENGINE_DOCTOR_KEY_H
#define KEYROTD_ENGINE_DOCTOR_KEY_H

#include "engine/doctor_advice.h"

void doctor_key_read(const struct doctor_facts *f, struct advice *a);
void doctor_key_usable(const struct doctor_facts *f, struct advice *a);
void doctor_key_recovery(const struct doctor_facts *f, struct advice *a);

#endif

/*
 * doctor_registry: whether a registry can follow its key.
 * Rows of the table in engine/doctor_checks; each judges plain facts.
 */
#ifndef KEYROTD_ENGINE_DOCTOR_REGISTRY_H
#define KEYROTD_ENGINE_DOCTOR_REGISTRY_H

#include "engine/doctor_advice.h"

void doctor_registry_read(const struct doctor_facts *f, struct advice *a);
void doctor_registry_premium(const struct doctor_facts *f, struct advice *a);
void doctor_registry_encryption(const struct doctor_facts *f, struct advice *a);
void doctor_registry_key(const struct doctor_facts *f, struct advice *a);
void doctor_registry_identity(const struct doctor_facts *f, struct advice *a);
void doctor_registry_state(const struct doctor_facts *f, struct advice *a);
void doctor_registry_rights(const struct doctor_facts *f, struct advice *a);
void doctor_registry_write(const struct doctor_facts *f, struct advice *a);
void doctor_registry_operations(const struct doctor_facts *f, struct advice *a);
void doctor_registry_trust(const struct doctor_facts *f, struct advice *a);
void doctor_registry_logs(const struct doctor_facts *f, struct advice *a);

#endif

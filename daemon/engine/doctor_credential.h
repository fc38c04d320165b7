/*
 * doctor_credential: whether a credential gets its tokens, and who it is.
 * Rows of the table in engine/doctor_checks; each judges plain facts.
 */
#ifndef KEYROTD_ENGINE_DOCTOR_CREDENTIAL_H
#define KEYROTD_ENGINE_DOCTOR_CREDENTIAL_H

#include "engine/doctor_advice.h"

void doctor_credential_token(const struct doctor_facts *f, struct advice *a);

#endif

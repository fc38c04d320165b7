/*
 * doctor_host: how far the way to a host leads, and this host's clock.
 * Rows of the table in engine/doctor_checks; each judges plain facts.
 */
#ifndef KEYROTD_ENGINE_DOCTOR_HOST_H
#define KEYROTD_ENGINE_DOCTOR_HOST_H

#include "engine/doctor_advice.h"

void doctor_host_name(const struct doctor_facts *f, struct advice *a);
void doctor_host_connect(const struct doctor_facts *f, struct advice *a);
void doctor_host_tls(const struct doctor_facts *f, struct advice *a);
void doctor_host_answer(const struct doctor_facts *f, struct advice *a);
void doctor_host_clock(const struct doctor_facts *f, struct advice *a);

#endif

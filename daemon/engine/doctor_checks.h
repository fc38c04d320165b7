/*
 * doctor_checks: findings out of facts.  Pure; one row of the table in
 * doctor_checks.c for each check: what it is about, its name, the check that
 * it hangs on, and a function that judges.
 */
#ifndef KEYROTD_ENGINE_DOCTOR_CHECKS_H
#define KEYROTD_ENGINE_DOCTOR_CHECKS_H

#include "base/finding.h"
#include "engine/doctor_facts.h"

typedef void doctor_found(const struct finding *f, void *arg);

/* Make all checks of this subject, in the order of the table.  True when none
 * has failed, so that what hangs on the subject may be asked about. */
bool doctor_checks_run(const struct doctor_facts *f, doctor_found *found,
		       void *arg);
/* "Vault", "Key": the word before the name in a heading and in JSON. */
const char *doctor_checks_kind(enum doctor_kind kind);

#endif

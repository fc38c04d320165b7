/*
 * doctor_rule: whether a discover block finds what it is meant to find.
 * Rows of the table in engine/doctor_checks; each judges plain facts.
 */
#ifndef KEYROTD_ENGINE_DOCTOR_RULE_H
#define KEYROTD_ENGINE_DOCTOR_RULE_H

#include "engine/doctor_advice.h"

void doctor_rule_scope(const struct doctor_facts *f, struct advice *a);
void doctor_rule_registries(const struct doctor_facts *f, struct advice *a);
void doctor_rule_limit(const struct doctor_facts *f, struct advice *a);
void doctor_rule_pattern(const struct doctor_facts *f, struct advice *a);
void doctor_rule_exclude(const struct doctor_facts *f, struct advice *a);
void doctor_rule_tags(const struct doctor_facts *f, struct advice *a);

#endif

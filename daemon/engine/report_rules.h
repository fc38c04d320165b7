/*
 * report_rules: the discover blocks in force and how each stands, as JSON for
 * the socket.  Read-only.
 */
#ifndef KEYROTD_ENGINE_REPORT_RULES_H
#define KEYROTD_ENGINE_REPORT_RULES_H

#include "base/json.h"
#include "engine/model.h"

/* The member "rules" of an object that is being written. */
void report_rules(const struct engine *e, struct json_writer *w);

#endif

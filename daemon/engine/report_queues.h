/*
 * report_queues: the queues of events and how each stands, as JSON for the
 * socket.  Read-only.
 */
#ifndef KEYROTD_ENGINE_REPORT_QUEUES_H
#define KEYROTD_ENGINE_REPORT_QUEUES_H

#include "base/json.h"
#include "engine/model.h"

/* The member "event_queues" of an object that is being written. */
void report_queues(const struct engine *e, struct json_writer *w);

#endif

/*
 * report_leases: which part this daemon has, and the leases that tell it, as
 * JSON for the socket.
 */
#ifndef KEYROTD_ENGINE_REPORT_LEASES_H
#define KEYROTD_ENGINE_REPORT_LEASES_H

#include "base/json.h"
#include "engine/model.h"

/* Members of the summary: role, leader, leader_since and leases. */
void report_leases(const struct engine *e, struct json_writer *w);
/* Members of a registry or a key of this watch: role and lease. */
void report_role(const struct engine *e, struct json_writer *w,
		 const struct watch *k);

#endif

/*
 * job_way: what lets a question out: room at its host, its lane's budget, a
 * flight.
 */
#ifndef KEYROTD_TRAFFIC_JOB_WAY_H
#define KEYROTD_TRAFFIC_JOB_WAY_H

#include "traffic/traffic.h"

/* The lane's bucket may have filled: as many of those that wait for it as may
 * be paid for go on to wait for room, and its timer is set for the rest. */
void job_lane_clear(struct traffic *t, struct lane *l);
/* Send what may be sent. */
void job_pump(struct traffic *t);

#endif

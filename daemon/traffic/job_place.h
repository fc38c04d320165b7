/*
 * job_place: where a job is, for the other files of traffic/job.h; in job.c.
 *
 * A job's own part of the queues, of the flights and of the list of what is to
 * be told is changed here, or by who has just taken it out of one.
 */
#ifndef KEYROTD_TRAFFIC_JOB_PLACE_H
#define KEYROTD_TRAFFIC_JOB_PLACE_H

#include "traffic/traffic.h"

/* The job whose place in a host's or a lane's queue this is. */
struct job *job_of_wait(struct heap_node *n);
/* The host that its question goes to; a token's, where it is asked for. */
struct host *job_host(const struct job *j);
/* What job.place becomes with a question that is put now. */
int64_t job_place(const struct traffic *t, const struct job *j);
/* Its key in every queue: the smallest goes first. */
int64_t job_rank(const struct job *j);
/* Out of its lane's sleepers, if it is among them. */
void job_wake_up(struct job *j);
/* It is not counted as one that may be paid for any more. */
void job_not_cleared(struct job *j);
/* Out of whatever it waits in, at rest; its turn is kept.  Else job_cancel. */
void job_leave(struct traffic *t, struct job *j);
/* No call of its end's is kept for it any more. */
void job_turn_over(const struct job *j);
/* What job_next is to say of it; TOLD_ALL: nothing. */
void job_tell(struct traffic *t, struct job *j, enum job_told what);
/* The flight is over; its job, now at rest, or NULL when nobody waits. */
struct job *job_land(struct traffic *t, struct flight *f);

#endif

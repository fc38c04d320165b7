/*
 * job_answer: what an answer teaches of its host, its end, its token and
 * Azure's time, and whether its question is put once more.
 */
#ifndef KEYROTD_TRAFFIC_JOB_ANSWER_H
#define KEYROTD_TRAFFIC_JOB_ANSWER_H

#include "traffic/traffic.h"

/* The flight has landed with this answer.  When that is for a job's owner to
 * hear, it is in t->answered and t->reply (borrowed from r). */
void job_answer(struct traffic *t, struct flight *f, const struct reply *r);

#endif

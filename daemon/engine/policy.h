/*
 * policy: a key's rotation policy as a subject: what Key Vault does to the key
 * by itself, read once a day and shown.  Nothing hangs on it: it is asked for
 * by a job of its own, so that no trouble with it touches the key's polls, and
 * a refusal is silently taken for "not readable".
 */
#ifndef KEYROTD_ENGINE_POLICY_H
#define KEYROTD_ENGINE_POLICY_H

#include "engine/model.h"

extern const struct job_kind policy_kind;

/* Something happened to the watch's job for it. */
void policy_take(struct engine *e, struct watch *w, const struct value *v);
/* The key was read, or there is another configuration: see to it that the
 * policy is read within the day, or is not any more. */
void policy_in_time(struct engine *e, struct watch *w);
/* Read it now, unless a question is under way. */
void policy_read(struct engine *e, struct watch *w);
/* Forget it, and ask no more. */
void policy_stop(struct engine *e, struct watch *w);

#endif

/*
 * key: a watch's key as a subject: polling its newest version, and reading
 * the versions in use.
 */
#ifndef KEYROTD_ENGINE_KEY_H
#define KEYROTD_ENGINE_KEY_H

#include "engine/model.h"

extern const struct job_kind key_kind;

/* Something happened to the watch's job. */
void key_take(struct engine *e, struct watch *w, const struct value *v);
/* Poll now, unless a question is under way; true when one goes out. */
void key_poll(struct engine *e, struct watch *w);
/* The same because a person says so: what is not to be had of the versions in
 * use is asked for again, too.  True when it waited for a back-off of ours. */
bool key_hurry(struct engine *e, struct watch *w);
/* A hint says that something happened to it: it is polled now, or when it was
 * polled last a second ago.  news: there may be a new version, which the vault
 * does not show at once: as long as it shows none, it is polled again 1, 2 and
 * 4 s later.  True when a question goes out by it. */
bool key_hint(struct engine *e, struct watch *w, bool news);
/* Read a version in use of which nothing is known, unless a question is
 * under way. */
void key_look(struct engine *e, struct watch *w);
/* See to it that it is polled within the interval in force, and at once when
 * that is over, or the last poll failed: after another configuration. */
void key_in_time(struct engine *e, struct watch *w);
/* It was read lately: one missed poll is allowed for, two are not. */
bool key_fresh(const struct engine *e, const struct watch *w);
/* ... and nothing was told since that puts the wanted version in doubt: Key
 * Vault did not find it, or the key.  Nothing is written in doubt. */
bool key_sure(const struct engine *e, const struct watch *w);
/* Boot ms at which key_fresh ends; INT64_MAX: it does not hold. */
int64_t key_stales(const struct engine *e, const struct watch *w);
/* What people ask for: "usable", "unusable" (or gone), "unreachable" or
 * "unknown". */
const char *key_state_str(const struct engine *e, const struct watch *w);

#endif

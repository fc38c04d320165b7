/*
 * list: one LIST per subscription and credential in place of many GETs, as a
 * subject.
 */
#ifndef KEYROTD_ENGINE_LIST_H
#define KEYROTD_ENGINE_LIST_H

#include "engine/model.h"

extern const struct job_kind list_kind;

/* Something happened to the scope's job. */
void list_take(struct engine *e, struct scope *s, const struct value *v);
/* A reload: begin now; one that is under way goes on, and whoever has come
 * since it began is asked itself at its end. */
void list_begin(struct engine *e, struct scope *s);
/* A person says so: try again now one that failed; true when it waited for a
 * back-off of ours. */
bool list_hurry(struct engine *e, struct scope *s);
/* A registry is not found where it should be: it may lie in another group
 * now, which only a LIST tells.  Not more often than every few minutes. */
void list_seek(struct engine *e, struct scope *s);
/* Free what is kept of the pages of a pass. */
void list_forget(struct scope *s);

#endif

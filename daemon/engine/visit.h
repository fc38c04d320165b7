/*
 * visit: registries that left the file are looked for in the LISTs that are
 * made all the same, and asked where these show that something has changed.
 *
 * One that such a LIST shows on another version, or that two whole LISTs in a
 * row do not show, is asked once, with the credential that had read it, behind
 * all that is watched.  Its own answer alone counts: on another version it is
 * remembered there, not found (404) it is gone, and anything else, such as a
 * role that does not reach it any more (403), leaves it as it was.  A struct
 * visit is of its scope.
 */
#ifndef KEYROTD_ENGINE_VISIT_H
#define KEYROTD_ENGINE_VISIT_H

#include "engine/model.h"

extern const struct job_kind visit_kind;

/* A page of the scope's LIST is in; or all of it. */
void visit_page(struct engine *e, struct scope *s, const struct reply *m);
void visit_listed(struct engine *e, struct scope *s);
/* Something happened to the job of a visit. */
void visit_take(struct engine *e, struct scope *s, const struct value *v);
/* Nobody looks there any more. */
void visit_stop(struct engine *e, struct scope *s);

#endif

/*
 * rules_tell: what is told of discover blocks: who comes by them, who goes and
 * why, and where a rule stands amiss.
 *
 * Each registry is told by a note of its own, in the log and in the audit,
 * unless thousands come or go at once: then the last of them are told in one.
 */
#ifndef KEYROTD_ENGINE_RULES_TELL_H
#define KEYROTD_ENGINE_RULES_TELL_H

#include "engine/model.h"

/* Its rule has found it. */
void rules_tell_found(struct engine *e, const struct registry *r);
/* Its rule lets go of it, for r->out: so many lists in a row say so; 0: the
 * configuration alone does. */
void rules_tell_left(struct engine *e, const struct registry *r,
		     unsigned lists);
/* One that the rule of that name had found in a former life, for v. */
void rules_tell_gone(struct engine *e, const char *rule,
		     const struct rule_seen *x, enum rule_verdict v);
/* Those that were too many to be told one by one, once all came and went. */
void rules_tell_rest(struct engine *e);
/* It means more than it may watch, or others than when that was told. */
void rules_tell_beyond(struct engine *e, struct rule *rule);

#endif

/*
 * rules_tell: what is told of discover blocks: who comes by them, who goes and
 * why, and where a rule stands amiss.
 *
 * Each registry is told by a note of its own, in the log and in the audit,
 * unless thousands come or go at once: then one warning tells of the last.
 */
#ifndef KEYROTD_ENGINE_RULES_TELL_H
#define KEYROTD_ENGINE_RULES_TELL_H

#include "engine/model.h"

#define RULES_NOBODY_MAX 512 /* bytes of why a rule watches nobody */

/* Its rule has found it. */
void rules_tell_found(struct engine *e, struct registry *r);
/* Its rule lets go of it, for r->out: so many lists in a row say so; 0: the
 * configuration alone does. */
void rules_tell_left(struct engine *e, const struct registry *r,
		     unsigned lists);
/* One that the rule of that name had found in a former life, for v. */
void rules_tell_gone(struct engine *e, const char *rule,
		     const struct rule_seen *x, enum rule_verdict v);
/* Those that were too many to be told one by one, once all came and went. */
void rules_tell_rest(struct engine *e);
/* It watches nobody, as all its lists say, and not because others do: why, in
 * sentences; false: it does, or may.  That may be meant, or be a slip. */
bool rules_nobody(const struct rule *rule, char *dst, size_t size);
/* ... is told once, and once more after each reload. */
void rules_tell_nobody(struct engine *e, struct rule *rule);
/* It means more than it may watch, or others than when that was told. */
void rules_tell_beyond(struct engine *e, struct rule *rule);

#endif

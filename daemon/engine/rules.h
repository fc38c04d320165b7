/*
 * rules: the discover blocks in force: what the LISTs show of the registries
 * that they mean, who of these would come, and who has to go.
 *
 * A rule looks in places, each through the LIST of a scope.  A LIST that does
 * not come whole teaches nothing.  One that is found comes at the end of the
 * LIST; one that is watched goes after two whole LISTs in a row that do not
 * show it as one that is meant.  Nothing is watched or let go of here: that is
 * adopt's, which asks rules_decide.  All of it belongs to the engine.
 */
#ifndef KEYROTD_ENGINE_RULES_H
#define KEYROTD_ENGINE_RULES_H

#include "engine/model.h"

#define RULES_OUTS 2 /* LISTs in a row */

/* ---- by the LIST of a scope ---- */

/* A pass begins. */
void rules_begin(struct engine *e, struct scope *s);
/* A page of it is in. */
void rules_page(struct engine *e, struct scope *s, const struct reply *m);
/* It is whole.  False: another one is wanted at once. */
bool rules_listed(struct engine *e, struct scope *s);
/* It does not come. */
void rules_failed(struct engine *e, struct scope *s, const struct fault *f);

/* ---- by adopt ---- */

/* The rules of e->config; what was known of those of the same name is kept. Of
 * those that there are no more `file` is NULL until rules_forget. */
void rules_adopt(struct engine *e);
void rules_forget(struct engine *e);
/* That look is through the LIST of this scope. */
void rules_look(struct engine *e, struct look *l, struct scope *s);
struct rule *rules_find(const struct engine *e, const char *name); /* NULL */
/* It has brought this registry; NULL: none has, any more. */
void rules_own(struct registry *r, struct rule *rule);
/* It leaves, with a write under way: of no rule any more, in the mode that it
 * had. */
void rules_retire(struct registry *r);
/* Who is to be watched by this rule now, an array for rule_seen_free and
 * free(), and how many; NULL: nobody. */
struct rule_seen *rules_decide(struct engine *e, struct rule *rule, size_t *n);
/* The watch block that has the word on that key (without version), before all
 * rules; NULL: there is none. */
const struct watch *rules_block(const struct engine *e, const char *key);
/* What a rule would say of a registry that its LIST shows, other than how many
 * there are. */
enum rule_verdict rules_judge(const struct engine *e, const struct rule *rule,
			      const struct registry_item *item);
void rules_free(struct engine *e);

/* Some rule's last word is missing: its LIST does not come. */
const struct fault *rules_error(const struct rule *rule);

#endif

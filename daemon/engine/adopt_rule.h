/*
 * adopt_rule: whom rules have found come in, and go.
 */
#ifndef KEYROTD_ENGINE_ADOPT_RULE_H
#define KEYROTD_ENGINE_ADOPT_RULE_H

#include "engine/model.h"
#include "engine/rules.h"

/* The rules of a new file look where it says. */
void adopt_rule_looks(struct engine *e);
/* Whom the old rules have brought stays, as far as that can be told without a
 * LIST: put behind the n of `all`, which has room; how many there are then. */
size_t adopt_rule_keep(struct engine *e, struct registry **all, size_t n);
/* Watch whom the rules have found, and let go of whom they mean no more. */
void adopt_rule_found(struct engine *e);
/* Registries that the rule of that name had found in a former life, each with
 * its key, are watched as far as the rule may still mean them, and told of as
 * far as nobody watches them any more.  What `all` holds is taken. */
void adopt_rule_again(struct engine *e, const char *name, struct rule_seen *all,
		      size_t n);

#endif

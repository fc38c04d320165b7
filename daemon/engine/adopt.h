/*
 * adopt: a configuration becomes watches and registries; what was there is
 * kept, moved or retired by identity.
 */
#ifndef KEYROTD_ENGINE_ADOPT_H
#define KEYROTD_ENGINE_ADOPT_H

#include "engine/model.h"

/* config is taken; all of it is marked for settle. */
void adopt_config(struct engine *e, struct config *config, bool first);
/* config is taken, its budgets and its cloud are in force; of what it names
 * nothing is watched. */
void adopt_nothing(struct engine *e, struct config *config);
/* Watch whom the rules have found, and let go of whom they mean no more. */
void adopt_found(struct engine *e);
/* Registries that a rule had found in a former life, each with its key, are
 * watched as far as the rule may still mean them.  All of `all` is taken. */
void adopt_again(struct engine *e, struct rule *rule, struct rule_seen *all,
		 size_t n);
/* Free the registries that have left and have nothing under way any more. */
void adopt_gone(struct engine *e);
void adopt_free(struct engine *e);

#endif

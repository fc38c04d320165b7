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
/* For who has to see the configuration whole, with the registries that were
 * taken over from it: they are in it from adopt_lend to adopt_take_back. */
void adopt_lend(struct engine *e);
void adopt_take_back(struct engine *e);
void adopt_free(struct engine *e);

#endif

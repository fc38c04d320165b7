/*
 * check_rule: what a discover block says as a whole, and all of them together.
 */
#ifndef KEYROTD_CONFIG_CHECK_RULE_H
#define KEYROTD_CONFIG_CHECK_RULE_H

#include "config/draft.h"

/* Complain about what is wrong with the rules; b->credential_names are
 * there. */
void check_rules(struct config_build *b);

#endif

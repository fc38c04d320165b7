/*
 * check: what only the whole can tell; and the drafts become the configuration.
 */
#ifndef KEYROTD_CONFIG_CHECK_H
#define KEYROTD_CONFIG_CHECK_H

#include "config/draft.h"

/* Complain about what only the whole can tell; without any problem, move all
 * drafts into b->config. */
void check_all(struct config_build *b);

#endif

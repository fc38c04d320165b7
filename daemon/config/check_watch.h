/*
 * check_watch: what a watch block says as a whole.
 */
#ifndef KEYROTD_CONFIG_CHECK_WATCH_H
#define KEYROTD_CONFIG_CHECK_WATCH_H

#include "config/draft.h"

/* What a watch block says as a whole; b->credential_names are there. */
void check_watch(struct config_build *b, struct config_watch_draft *d);

#endif

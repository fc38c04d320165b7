/*
 * check_events: what an events block says as a whole, and all of them together.
 */
#ifndef KEYROTD_CONFIG_CHECK_EVENTS_H
#define KEYROTD_CONFIG_CHECK_EVENTS_H

#include "config/draft.h"

/* Complain about what is wrong with the events blocks; b->credential_names are
 * there. */
void check_events(struct config_build *b);

#endif

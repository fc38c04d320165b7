/*
 * check_credential: what a credential block says as a whole.
 */
#ifndef KEYROTD_CONFIG_CHECK_CREDENTIAL_H
#define KEYROTD_CONFIG_CHECK_CREDENTIAL_H

#include "config/draft.h"

/* The options that a credential needs, and those that are not for it. */
void check_credential(struct problems *p,
		      const struct config_credential_draft *d);

#endif

/*
 * fit: whether this machine gives the daemon what its configuration takes: can
 * it see who is in the admin group, may it open enough files?  Where not, one
 * sentence that says what to set.
 */
#ifndef KEYROTD_FIT_H
#define KEYROTD_FIT_H

#include "config/config.h"

/* Whether the group exists and its members can be seen by the daemon; else
 * false and why. */
bool fit_group(const char *name, struct fault *why);
/* Whether some users cannot be told apart by this process. */
bool fit_sees_all(void);

/* How many servers are asked: the vaults, and who else. */
size_t fit_hosts(const struct config *c);
/* How many files the daemon may want open at once with that configuration. */
size_t fit_files_needed(const struct config *c);
/* Take as many of them as the hard limit lets; else false and why. */
bool fit_files(const struct config *c, struct fault *why);

#endif

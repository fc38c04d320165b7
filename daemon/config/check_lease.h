/*
 * check_lease: lease blocks, and which of them each watch and rule is under.
 */
#ifndef KEYROTD_CONFIG_CHECK_LEASE_H
#define KEYROTD_CONFIG_CHECK_LEASE_H

#include "config/draft.h"

/* Name, blob and credential of each lease block; afterwards others find them
 * by name.  Credentials were checked before. */
void check_leases(struct config_build *b);

/* The lease of a block that says this (`prefer` is given where its section
 * says so), or of the settings: an index into the leases, or CONFIG_ALONE. */
size_t check_lease_of(struct config_build *b, const struct config_section *s,
		      const struct config_lease_choice *choice);

/* Once all blocks have said theirs: what nobody is under, and whose each lease
 * is when the settings have the word. */
void check_leases_used(struct config_build *b);

#endif

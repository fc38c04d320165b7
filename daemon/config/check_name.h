/*
 * check_name: names that blocks call each other by, and what to say of one
 * that there is not.
 */
#ifndef KEYROTD_CONFIG_CHECK_NAME_H
#define KEYROTD_CONFIG_CHECK_NAME_H

#include "config/draft.h"

/* The name close to a wrong one: begin with { .wrong = ... }. */
struct check_name {
	const char *wrong, *best;
	unsigned least;
	size_t tries;
};

/* May this one be meant? */
void check_name_try(struct check_name *p, const char *name);
/* Complain of the option with a sentence that lacks its end: the name that may
 * be meant, if any. */
void check_name_complain(struct config_build *b, const struct config_section *s,
			 const char *option, const char *message,
			 const struct check_name *p);
/* The place of the credential that the option "credential" of a block names,
 * in b->credential_names, which is there; complains when there is none. */
size_t check_name_credential(struct config_build *b,
			     const struct config_section *s, const char *name);

#endif

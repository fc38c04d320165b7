/*
 * chosen: what a person has asked for with --state, --sort and --columns.
 */
#ifndef KEYROTD_CTL_CHOSEN_H
#define KEYROTD_CTL_CHOSEN_H

#include <stdbool.h>

#include "ctl/kinds.h"

struct args;

/* Which word of --state, --sort or --columns the kind does not have, and which
 * there are: a sentence, the caller's to free.  NULL: all are its own. */
char *chosen_problem(const struct args *a, const struct kind *k);

/* The order that is asked for, or the kind's own. */
enum rows_sort chosen_order(const struct args *a, const struct kind *k);

/* Whether state is one of those that are asked for, if any are. */
bool chosen_state(const struct args *a, const char *state);

#endif

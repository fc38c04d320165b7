/*
 * chosen: the columns that a person has asked for with --columns.
 */
#ifndef KEYROTD_CTL_CHOSEN_H
#define KEYROTD_CTL_CHOSEN_H

#include <stdbool.h>

#include "ctl/command.h"
#include "ctl/table.h"

/* Show in t what the command line asks for, if it does.  False after it was
 * said on standard error which name is none, and which there are. */
bool chosen_columns(struct ctl *ctl, struct table *t);

#endif

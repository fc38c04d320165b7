/*
 * usage: what --help prints.
 */
#ifndef KEYROTD_CTL_USAGE_H
#define KEYROTD_CTL_USAGE_H

#include "ctl/command.h"
#include "ctl/out.h"

/* The help of one command, or of the whole program for NULL. */
void usage_print(struct out *o, const struct command *c);

/* One line: how to call it. */
void usage_line(struct out *o, const struct command *c);

#endif

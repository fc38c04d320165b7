/*
 * pick: which watched key is meant by what a person types (keyname_means).
 */
#ifndef KEYROTD_CTL_PICK_H
#define KEYROTD_CTL_PICK_H

#include "base/fault.h"
#include "ctl/client.h"

/* The identifier, the caller's to free; NULL with *f, which lists those that
 * are meant when there are several: FAULT_MISSING, FAULT_INVALID, or what
 * asking the daemon came to. */
char *pick_key(struct client *c, const char *said, struct fault *f);

#endif

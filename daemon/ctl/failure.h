/*
 * failure: a fault as a sentence for people and an exit code.
 */
#ifndef KEYROTD_CTL_FAILURE_H
#define KEYROTD_CTL_FAILURE_H

#include "base/fault.h"
#include "base/json.h"
#include "ctl/command.h"

/*
 * Print what *f says (an error reply of the daemon in words) on standard
 * error and return the exit code for it.  A monitoring plugin says it on
 * standard output in its own form, and the code is 3, UNKNOWN.
 */
int failure_report(struct ctl *ctl, const struct fault *f);

/* A Varlink error of the daemon as one sentence; the caller frees it.
 * parameters may be NULL or anything. */
char *failure_sentence(const char *error, const struct json *parameters);

#endif

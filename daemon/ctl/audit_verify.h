/*
 * audit_verify: keyrotctl audit verify.
 */
#ifndef KEYROTD_CTL_AUDIT_VERIFY_H
#define KEYROTD_CTL_AUDIT_VERIFY_H

#include "ctl/command.h"

/* An exit status: 0 only when all is as it was written. */
int audit_verify_run(struct ctl *ctl);

#endif

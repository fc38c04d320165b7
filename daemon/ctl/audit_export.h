/*
 * audit_export: keyrotctl audit show and audit export.
 */
#ifndef KEYROTD_CTL_AUDIT_EXPORT_H
#define KEYROTD_CTL_AUDIT_EXPORT_H

#include "ctl/command.h"

/* Records that are asked for, as people read them; an exit status. */
int audit_export_show(struct ctl *ctl);
/* The same as lines of JSON, byte for byte, or as CSV (RFC 4180). */
int audit_export_run(struct ctl *ctl);

#endif

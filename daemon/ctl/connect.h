/*
 * connect: reach the daemon's socket, or say in words why not.
 */
#ifndef KEYROTD_CTL_CONNECT_H
#define KEYROTD_CTL_CONNECT_H

#include <stdint.h>

#include "base/fault.h"

/*
 * A close-on-exec stream socket, connected to path (unix(7): at most 107
 * bytes), whose connecting and sending gives up after timeout_ms (at least
 * 1).  The caller closes it.  -1 with *f: FAULT_DENIED (EACCES, EPERM) or
 * FAULT_TRANSIENT, both with errno as code.
 */
int connect_unix(const char *path, int64_t timeout_ms, struct fault *f);

#endif

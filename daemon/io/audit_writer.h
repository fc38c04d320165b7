/*
 * audit_writer: the process that writes the audit, so that the daemon's loop
 * waits for no disk.
 *
 * It is this same program, started anew: so it has no memory of the daemon's,
 * and no secret.
 */
#ifndef KEYROTD_IO_AUDIT_WRITER_H
#define KEYROTD_IO_AUDIT_WRITER_H

#define AUDIT_WRITER_OPTION "--audit-writer"
#define AUDIT_WRITER_NAME "keyrotd-audit" /* in ps(1) */

/*
 * What main() does with that option alone: take records from standard input, a
 * socket (io/audit_internal.h), until the daemon closes it, whatever signal
 * is sent to stop the service meanwhile.  Returns an exit status, 64 when
 * somebody else has called it.
 */
int audit_writer_run(void);

#endif

/*
 * audit_writer: the process that writes the audit, so that the daemon's loop
 * waits for no disk.
 *
 * It is this same program, started anew under another name: so it has no
 * memory of the daemon's, and no secret.
 */
#ifndef KEYROTD_IO_AUDIT_WRITER_H
#define KEYROTD_IO_AUDIT_WRITER_H

#define AUDIT_WRITER_NAME "keyrotd-audit"

/*
 * What main() does under that name: take records from standard input, a
 * socket (io/audit_internal.h), until the daemon closes it, whatever signal
 * is sent to stop the service meanwhile.  Returns an exit status.
 */
int audit_writer_run(void);

#endif

/*
 * notify: what the service manager is told (sd_notify(3),
 * sd_watchdog_enabled(3)) and the journal (sd_journal_send(3)).  The only file
 * pair that includes libsystemd.  Nothing here is ever fatal, and nothing
 * waits: a manager or a journal that does not read is passed over.  What the
 * manager has to know is told with the next sentence; lines that the journal
 * did not take are counted.
 */
#ifndef KEYROTD_IO_NOTIFY_H
#define KEYROTD_IO_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"

/* READY=1 with a first STATUS sentence. */
void notify_ready(const char *status);
/* STATUS=: sent only when the text differs from the last one; controls are
 * stripped. */
void notify_status(const char *status);
/* RELOADING=1 with MONOTONIC_USEC; notify_ready must follow, always. */
void notify_reloading(int64_t monotonic_us);
void notify_stopping(void);
/* Interval at which to call notify_alive, ms; 0 when there is no watchdog. */
int64_t notify_watchdog_ms(void);
void notify_alive(void);

/* Sockets handed over by socket activation (sd_listen_fds(3)): the number of
 * the one that is called "varlink", as systemd's own services have it, or else
 * of the first; listening Unix stream sockets only.  -1: none. */
int notify_listen_fd(void);

/* True when standard error is the journal (JOURNAL_STREAM, systemd.exec(5)). */
bool notify_stderr_is_journal(void);
/* A log_sink that sends structured entries to the journal. */
void notify_journal(int level, const char *text, const struct log_field *fields,
		    void *arg);

#endif

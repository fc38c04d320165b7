/*
 * Tells the service manager and the journal how the daemon fares, through
 * libsystemd; without either it does nothing.
 */
#include "io/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

/* The location would be this file's in every entry. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

#include "base/text.h"

#define STATUS_MAX 512
#define FIELDS_MAX 16
#define VALUE_MAX 8192
/* Where libsystemd sends entries to (systemd, "Native Journal Protocol"). */
#define JOURNAL "/run/systemd/journal/socket"

/* Lines that the journal did not take. */
static unsigned long dropped;

/* What the manager shows now; what is the same is not sent again. */
static char last_status[STATUS_MAX];
/* What it has not been told, for it did not read. */
static char owed[16];

/*
 * sd_notify(3): assignments are separated by newlines, so one inside a status
 * would be an assignment of its own.
 */
static void clean(char dst[static STATUS_MAX], const char *src)
{
	text_copy(dst, STATUS_MAX, src ? src : "");
	for (char *p = dst; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
}

/*
 * Whether a datagram to the socket of that name ("@": abstract) would be taken
 * at once: a connected socket can be written while its receiver has room
 * (unix(7)).  libsystemd waits for room, for ever if nobody reads, and offers
 * no other way.  What cannot even be tried is left to it: it fails by itself.
 */
static bool takes(const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t len = strlen(name);
	struct pollfd p = { .fd = -1, .events = POLLOUT };
	bool taken;

	if (len >= sizeof(a.sun_path))
		return true;
	memcpy(a.sun_path, name, len);
	if (*name == '@')
		a.sun_path[0] = '\0';
	p.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	taken = p.fd < 0 ||
		connect(p.fd, (const struct sockaddr *)&a,
			(socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				    len + (*name != '@'))) != 0 ||
		(poll(&p, 1, 0) == 1 && (p.revents & POLLOUT));
	if (p.fd >= 0)
		close(p.fd);
	return taken;
}

/*
 * A failed message (a negative errno) is no reason to stop working, and no
 * socket at all (zero) is the normal case outside systemd.  False when the
 * manager does not read now, or when there is no descriptor to tell it with.
 */
static bool send_now(const char *text)
{
	const char *name = getenv("NOTIFY_SOCKET");
	int n;

	if (name && !takes(name))
		return false;
	n = sd_notify(0, text);
	return n != -EMFILE && n != -ENFILE;
}

/* What the manager is to know comes with whatever is sent next; a sentence
 * that was not sent is another one than the last. */
static void tell(const char *first, const char *status)
{
	char text[STATUS_MAX + 128];

	if (*first)
		text_copy(owed, sizeof(owed), first);
	snprintf(text, sizeof(text), "%s%sSTATUS=%s", owed, *owed ? "\n" : "",
		 status);
	if (!send_now(text))
		return;
	owed[0] = '\0';
	text_copy(last_status, sizeof(last_status), status);
}

void notify_ready(const char *status)
{
	char text[STATUS_MAX];

	clean(text, status);
	tell("READY=1", text);
}

void notify_status(const char *status)
{
	char text[STATUS_MAX];

	clean(text, status);
	if (*owed || strcmp(text, last_status) != 0)
		tell("", text);
}

void notify_reloading(int64_t monotonic_us)
{
	char text[96];

	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
		 monotonic_us);
	(void)send_now(text); /* READY=1 follows, and does not get lost */
}

void notify_stopping(void)
{
	if (!send_now("STOPPING=1"))
		text_copy(owed, sizeof(owed), "STOPPING=1");
}

/* sd_watchdog_enabled(3) advises half of the limit; a third leaves room for
 * an fsync or a name lookup that takes its time. */
int64_t notify_watchdog_ms(void)
{
	uint64_t us = 0;

	if (sd_watchdog_enabled(0, &us) <= 0 || us == 0)
		return 0;
	us /= 3000;
	return us == 0 ? 1 : (int64_t)us;
}

void notify_alive(void)
{
	(void)send_now("WATCHDOG=1");
}

int notify_listen_fd(void)
{
	char **names = NULL;
	int n = sd_listen_fds_with_names(0, &names), found = -1;
	bool named = false;

	for (int i = 0; i < n; i++) {
		int fd = SD_LISTEN_FDS_START + i;
		bool is = names && text_same(names[i], "varlink");

		if ((found < 0 || (is && !named)) &&
		    sd_is_socket_unix(fd, SOCK_STREAM, 1, NULL, 0) > 0) {
			found = fd;
			named = is;
		}
	}
	for (int i = 0; names && i < n; i++)
		free(names[i]);
	free((void *)names);
	return found;
}

bool notify_stderr_is_journal(void)
{
	const char *s = getenv("JOURNAL_STREAM");
	uint64_t dev, ino;
	struct stat st;
	int end = 0;

	if (!s || sscanf(s, "%" SCNu64 ":%" SCNu64 "%n", &dev, &ino, &end) < 2)
		return false;
	return s[end] == '\0' && fstat(STDERR_FILENO, &st) == 0 &&
	       st.st_dev == dev && st.st_ino == ino;
}

/* systemd.journal-fields(7): capitals, digits, underscores within. */
static bool is_field_name(const char *s)
{
	size_t len = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return *s >= 'A' && *s <= 'Z' && len <= 64 && s[len] == '\0';
}

static size_t add(struct iovec *v, size_t n, const char *name,
		  const char *value)
{
	char *s;

	if (n == FIELDS_MAX || !value || !is_field_name(name))
		return n;
	s = text_printf("%s=%.*s", name, VALUE_MAX, value);
	v[n].iov_base = s;
	v[n].iov_len = strlen(s);
	return n + 1;
}

/* libsystemd loses without a word what it is given for a journal that is not
 * there. */
static bool journal_is_there(void)
{
	return access(JOURNAL, F_OK) == 0;
}

void notify_journal(int level, const char *text, const struct log_field *fields,
		    void *arg)
{
	struct iovec v[FIELDS_MAX];
	char priority[16], lost[96];
	size_t n = 0;

	(void)arg;
	if (!takes(JOURNAL)) {
		dropped++;
		return;
	}
	if (dropped && journal_is_there()) {
		snprintf(
			lost, sizeof(lost),
			"%lu line%s of the log could not be written and %s lost.",
			dropped, dropped == 1 ? "" : "s",
			dropped == 1 ? "is" : "are");
		dropped = 0;
		notify_journal(LOG_LEVEL_WARNING, lost, NULL, NULL);
	}
	snprintf(priority, sizeof(priority), "%d", level);
	n = add(v, n, "PRIORITY", priority);
	n = add(v, n, "SYSLOG_IDENTIFIER", "keyrotd");
	n = add(v, n, "MESSAGE", text);
	for (; fields && fields->name; fields++)
		n = add(v, n, fields->name, fields->value);
	/* The journal cannot be reached: the line must not be lost. */
	if ((sd_journal_sendv(v, (int)n) < 0 || !journal_is_there()) &&
	    dprintf(STDERR_FILENO, "<%d>%s\n", level, text) < 0)
		dropped++;
	while (n > 0)
		free(v[--n].iov_base);
}

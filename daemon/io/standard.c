/* Sees to it that descriptors 0, 1 and 2 are open, and logs on the last. */
#include "io/standard.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#define LINE_MAX_BYTES 2560
_Static_assert(LINE_MAX_BYTES <= PIPE_BUF, "a line is written at once");

void standard_open(void)
{
	/* open(2) takes the lowest number that is free: this one. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)open("/dev/null",
				   fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/*
 * A pipe that can be written takes PIPE_BUF bytes at once (pipe(7)), and a
 * line is shorter.  The descriptor stays as it is, for others may share it.
 */
static bool write_line(const struct standard_log *l, int level,
		       const char *text)
{
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };
	char line[LINE_MAX_BYTES];
	int len;

	if (l->prefix)
		len = snprintf(line, sizeof(line), "<%d>%s\n", level, text);
	else
		len = snprintf(line, sizeof(line), "%s\n", text);
	if (len >= LINE_MAX_BYTES) {
		len = LINE_MAX_BYTES - 1;
		line[len - 1] = '\n';
	}
	return poll(&out, 1, 0) == 1 && (out.revents & POLLOUT) &&
	       write(STDERR_FILENO, line, (size_t)len) == len;
}

void standard_log(int level, const char *text, const struct log_field *fields,
		  void *arg)
{
	struct standard_log *l = arg;
	char lost[96];

	(void)fields;
	snprintf(lost, sizeof(lost),
		 "%lu line%s of the log could not be written and %s lost.",
		 l->dropped, l->dropped == 1 ? "" : "s",
		 l->dropped == 1 ? "is" : "are");
	if (l->dropped && write_line(l, LOG_LEVEL_WARNING, lost))
		l->dropped = 0;
	if (l->dropped || !write_line(l, level, text))
		l->dropped++;
}

bool standard_print(const char *text, size_t len, int wait_ms)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	while (len > 0) {
		size_t part = len < PIPE_BUF ? len : PIPE_BUF;
		ssize_t n;

		if (poll(&out, 1, wait_ms) == 0) {
			errno = EAGAIN;
			return false;
		}
		n = write(STDOUT_FILENO, text, part);
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return true;
}

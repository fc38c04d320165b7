/*
 * Sends and receives NUL-ended texts on the socket, with an end to every
 * wait and every size, so that a stuck daemon cannot hang the client.
 */
#include "ctl/stream.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "io/clock.h"

/* A call of many messages may take longer than one, but not for ever. */
#define CALL_TIMEOUTS 12
#define POLL_MAX_MS (1 << 30)

struct stream {
	int fd;
	int output; /* to watch while following, else -1 */
	bool following;
	int64_t silence_ms; /* that is borne while following; -1 any */
	int64_t timeout_ms;
	int64_t end_ms; /* of the call, boot time */
	struct buf in;
	size_t taken;	/* bytes of this call */
	size_t message; /* length of the one lent out, with its NUL */
	const char *what;
};

struct stream *stream_new(int fd, int64_t timeout_ms)
{
	struct stream *s = text_alloc(1, sizeof(*s));

	s->fd = fd;
	s->output = -1;
	s->timeout_ms = timeout_ms;
	s->what = "";
	buf_init(&s->in, STREAM_CALL_MAX);
	return s;
}

void stream_free(struct stream *s)
{
	close(s->fd);
	buf_free(&s->in);
	free(s);
}

bool stream_begin(struct stream *s, const char *what)
{
	s->what = what;
	s->taken = 0;
	s->end_ms = clock_boot_ms() + s->timeout_ms * CALL_TIMEOUTS;
	return !s->in.len;
}

void stream_follow(struct stream *s, int output, int64_t silence_ms)
{
	s->following = true;
	s->silence_ms = silence_ms;
	s->output = output;
}

static bool timed_out(const struct stream *s, struct fault *f)
{
	return fault_set(f, FAULT_TRANSIENT, ETIMEDOUT,
			 "keyrotd has not answered %s in time; it may be busy "
			 "or stuck. See `systemctl status keyrotd`, or give it "
			 "longer with --timeout.",
			 s->what);
}

static bool closed(const struct stream *s, struct fault *f)
{
	if (s->following)
		return fault_set(f, FAULT_TRANSIENT, 0,
				 "keyrotd closed the connection: it was "
				 "stopped, or gave up on a slow reader.");
	return fault_set(f, FAULT_TRANSIENT, 0,
			 "keyrotd closed the connection without a whole answer "
			 "to %s. See `systemctl status keyrotd`.",
			 s->what);
}

static bool broken(const struct stream *s, int code, struct fault *f)
{
	if (code == EAGAIN) /* SO_SNDTIMEO */
		return timed_out(s, f);
	if (code == ECONNRESET || code == EPIPE) /* before it read all */
		return closed(s, f);
	return fault_set(f, FAULT_TRANSIENT, code,
			 "The connection to keyrotd failed in %s: %s.", s->what,
			 strerror(code));
}

bool stream_send(struct stream *s, const char *data, size_t len,
		 struct fault *f)
{
	ssize_t n;

	while (len) {
		n = send(s->fd, data, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return broken(s, errno, f);
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* How long poll(2) may wait; -1 without limit, 0 when it is too late. */
static int patience(const struct stream *s, int64_t end_ms)
{
	int64_t left = end_ms - clock_boot_ms();

	if (s->following && s->silence_ms < 0)
		return -1;
	if (left < 0)
		return 0;
	return left > POLL_MAX_MS ? POLL_MAX_MS : (int)left;
}

static bool wait_readable(struct stream *s, int64_t end_ms, struct fault *f)
{
	struct pollfd p[2] = {
		{ .fd = s->fd, .events = POLLIN },
		{ .fd = s->output },
	};
	int n;

	do {
		n = poll(p, 2, patience(s, end_ms));
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return fault_set(f, FAULT_LOCAL, errno, "poll(2) failed: %s.",
				 strerror(errno));
	if (!n)
		return timed_out(s, f);
	if (p[1].revents & (POLLERR | POLLHUP))
		return fault_set(f, FAULT_LOCAL, EPIPE,
				 "Nobody reads the output any more.");
	return true;
}

static bool keep(struct stream *s, const char *data, size_t len,
		 struct fault *f)
{
	s->taken += len;
	if ((s->following || s->taken <= STREAM_CALL_MAX) &&
	    buf_add(&s->in, data, len))
		return true;
	return fault_set(f, FAULT_LOCAL, EMSGSIZE,
			 "The answer to %s is larger than %zu MiB; the rest "
			 "of it was not read.",
			 s->what, STREAM_CALL_MAX >> 20);
}

/* One read into the buffer. */
static bool receive(struct stream *s, int64_t end_ms, struct fault *f)
{
	char chunk[65536];
	ssize_t n;

	if (!wait_readable(s, end_ms, f))
		return false;
	n = recv(s->fd, chunk, sizeof(chunk), MSG_DONTWAIT);
	if (n > 0)
		return keep(s, chunk, (size_t)n, f);
	if (!n)
		return closed(s, f);
	return errno == EINTR || errno == EAGAIN || broken(s, errno, f);
}

bool stream_next(struct stream *s, const char **text, size_t *len,
		 struct fault *f)
{
	int64_t end_ms = clock_boot_ms() + s->timeout_ms;
	const char *nul = NULL;
	size_t seen = 0;

	if (s->following)
		end_ms += s->silence_ms;
	else if (end_ms > s->end_ms)
		end_ms = s->end_ms;
	while (!nul) {
		/* Only the last read can hold it: look at no byte twice. */
		if (s->in.len > seen)
			nul = memchr(s->in.data + seen, 0, s->in.len - seen);
		seen = s->in.len;
		if (!nul && !receive(s, end_ms, f))
			return false;
	}
	*text = s->in.data;
	*len = (size_t)(nul - s->in.data);
	s->message = *len + 1;
	return true;
}

void stream_drop(struct stream *s)
{
	buf_shift(&s->in, s->message);
	s->message = 0;
}

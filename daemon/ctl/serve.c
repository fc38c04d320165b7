/* Takes one HTTP request from standard input, within bounds of time and size,
 * and puts its answer on standard output. */
#include "ctl/serve.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "io/clock.h"
#include "io/standard.h"

#define FIRST_MS 1000 /* who holds a place and says nothing gives it back */
#define READ_MS 5000
#define WRITE_MS 5000
#define ANSWER_HEAD_MAX 1024
#define DRAIN_MAX (1u << 20) /* bytes that are passed over at the end */

/* More bytes; 0: no more will come, or none came in time. */
static size_t more(char *dst, size_t room, int64_t until)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	int64_t left;
	ssize_t n;

	for (;;) {
		left = until - clock_boot_ms();
		if (left <= 0 || poll(&p, 1, (int)left) == 0)
			return 0;
		n = read(STDIN_FILENO, dst, room);
		if (n >= 0)
			return (size_t)n;
		if (errno != EINTR && errno != EAGAIN)
			return 0;
	}
}

int serve_read(struct request *r)
{
	int64_t began = clock_boot_ms(), until = began + FIRST_MS;
	char text[REQUEST_MAX];
	size_t len = 0, n, head;

	*r = (struct request){ 0 };
	while (len < sizeof(text)) {
		n = more(text + len, sizeof(text) - len, until);
		if (n == 0 && clock_boot_ms() >= until)
			return 408;
		if (n == 0)
			return len ? 400 : 0;
		len += n;
		until = began + READ_MS;
		head = request_length(text, len);
		if (head)
			return request_read(r, text, head);
	}
	return 431;
}

/* What was sent and not read makes the kernel reset the connection when it is
 * closed, and the answer may be lost with it (RFC 9112 section 9.6). */
static void drain(void)
{
	int64_t until = clock_boot_ms() + 1000;
	char text[4096];
	size_t all = 0, n;

	if (shutdown(STDOUT_FILENO, SHUT_WR) != 0)
		return; /* no socket */
	while (all < DRAIN_MAX && (n = more(text, sizeof(text), until)) > 0)
		all += n;
}

bool serve_answer(const struct request *r, int status, const char *type,
		  const char *body)
{
	size_t len = strlen(body);
	struct buf out;
	bool ok;

	buf_init(&out, ANSWER_HEAD_MAX + len);
	buf_printf(&out,
		   "HTTP/1.1 %d %s\r\n"
		   "Content-Type: %s\r\n"
		   "Content-Length: %zu\r\n"
		   "Cache-Control: no-store\r\n"
		   "%s"
		   "Connection: close\r\n"
		   "\r\n",
		   status, request_phrase(status), type, len,
		   status == 405 ? "Allow: GET, HEAD\r\n" : "");
	if (!r->head)
		buf_add(&out, body, len);
	ok = standard_print(buf_str(&out), out.len, WRITE_MS);
	buf_free(&out);
	if (ok && status != 200)
		drain();
	return ok;
}

/*
 * What a client writes to the socket: the first byte says in pieces of how
 * many bytes, the rest is written.  However it comes in, each request is
 * answered with messages of the protocol, or the connection is closed; and
 * the methods of the daemon do their work on a small engine.
 */
#include <ev.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "control.h"
#include "fleet.h"
#include "io/varlink_internal.h"

#define TURNS_MAX 100000
#define QUIET 4 /* turns without anything new: that was all */

struct spoken {
	size_t messages, finals;
	uint64_t errors; /* their names, in order */
	bool closed;	 /* by the server */
};

static struct engine *engine;

static void on_reload(config_problem *problem, void *to, void *arg)
{
	(void)arg;
	problem(CONFIG_WARNING, "c:1: warning: \"x\"\\", to);
}

static void on_pump(void *arg)
{
	(void)arg;
	fleet_drain(engine);
}

static void on_log(int level, const char *text, const struct log_field *fields,
		   void *arg)
{
	(void)level;
	(void)fields;
	(void)arg;
	FUZZ_NEED(text[0] && fuzz_is_line(text));
}

static size_t ends_of(const uint8_t *data, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++)
		n += data[i] == 0;
	return n;
}

/* A message that the server sent (https://varlink.org/Method-Call). */
static void hear(const char *text, size_t len, struct spoken *s)
{
	struct fault f;
	struct json *root = json_parse(text, len, 1 << 24, &f);
	const char *error = json_get_str(root, "error");
	bool more = false;

	FUZZ_NEED(json_type(root) == JSON_OBJECT);
	FUZZ_NEED(json_type(json_get(root, "parameters")) == JSON_OBJECT);
	FUZZ_NEED(!json_get(root, "error") || (error && strchr(error, '.')));
	FUZZ_NEED(!json_get(root, "continues") ||
		  json_bool(json_get(root, "continues"), &more));
	FUZZ_NEED(!more || !error);
	s->messages++;
	s->finals += !more;
	if (error)
		s->errors = s->errors * 31 + text_hash(error);
	json_free(root);
}

static void hear_all(const struct buf *in, struct spoken *s)
{
	const char *text = buf_str(in), *end = text + in->len;

	while (text < end) {
		size_t len = strlen(text);

		FUZZ_NEED(text + len < end);
		hear(text, len, s);
		text += len + 1;
	}
}

/* True when something came. */
static bool receive(int fd, struct buf *in, bool *closed)
{
	char chunk[65536];
	ssize_t n = read(fd, chunk, sizeof(chunk));

	if (n > 0)
		FUZZ_NEED(buf_add(in, chunk, (size_t)n));
	*closed |= n == 0;
	return n > 0;
}

static void converse(struct ev_loop *loop, struct varlink_clients *all,
		     const uint8_t *data, size_t size, size_t piece,
		     struct spoken *s)
{
	struct varlink_peer peer = { .uid = geteuid(),
				     .gid = getegid(),
				     .pid = getpid() };
	int pair[2], quiet = 0;
	size_t sent = 0;
	struct buf in;

	*s = (struct spoken){ .closed = false };
	buf_init(&in, 1 << 24);
	FUZZ_NEED(!socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair));
	varlink_client_new(all, pair[1], &peer);
	for (int turn = 0; quiet < QUIET && !s->closed; turn++) {
		size_t n = size - sent < piece ? size - sent : piece;
		ssize_t done = n ? send(pair[0], data + sent, n, MSG_NOSIGNAL)
				 : 0;

		FUZZ_NEED(turn < TURNS_MAX);
		sent += done > 0 ? (size_t)done : 0;
		ev_run(loop, EVRUN_NOWAIT);
		quiet = receive(pair[0], &in, &s->closed) || done > 0
				? 0
				: quiet + 1;
	}
	close(pair[0]);
	while (all->n && quiet++ < 2 * QUIET)
		ev_run(loop, EVRUN_NOWAIT);
	hear_all(&in, s);
	buf_free(&in);
}

/* How often this one is asked, if nothing else is; otherwise 0. */
static size_t only_info(const uint8_t *data, size_t size)
{
	static const char ask[] =
		"{\"method\":\"org.varlink.service.GetInfo\"}";
	size_t n = 0;

	for (; size >= sizeof(ask); n++) {
		if (memcmp(data, ask, sizeof(ask)))
			return 0;
		data += sizeof(ask);
		size -= sizeof(ask);
	}
	return size ? 0 : n;
}

static void serve(const uint8_t *data, size_t size, size_t piece,
		  struct spoken *s)
{
	static struct ev_loop *loop;
	struct control_options co = { .version = "1",
				      .admin_group = (gid_t)-1,
				      .reload = on_reload,
				      .pump = on_pump };
	struct varlink_clients all = { .o = { .vendor = "v",
					      .product = "p",
					      .version = "1",
					      .url = "u",
					      .max_clients = 4,
					      .max_per_uid = 4,
					      .max_request =
						      VARLINK_MAX_REQUEST,
					      .max_queued = 1 << 24,
					      .max_queued_all = 1 << 25,
					      .idle_ms = 60000,
					      .handler = control_handle },
				       .up = &varlink_call_events };
	struct control *control;

	if (!loop)
		loop = ev_loop_new(EVBACKEND_POLL);
	log_sink_set(on_log, NULL);
	engine = co.engine = fleet_new();
	control = control_new(&co);
	all.loop = loop;
	all.o.arg = control;
	all.o.descriptions = control_descriptions();
	varlink_client_begin(&all);
	converse(loop, &all, data, size, piece, s);
	varlink_client_end(&all);
	control_free(control);
	engine_free(engine);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	size_t piece = fuzz_byte(&in) + 1;
	struct spoken whole, parts;

	/* A byte at a time takes its time. */
	if (piece < in.size / 200)
		piece = in.size / 200;
	serve(in.data, in.size, SIZE_MAX, &whole);
	serve(in.data, in.size, piece, &parts);
	FUZZ_NEED(whole.finals <= ends_of(in.data, in.size));
	if (only_info(in.data, in.size))
		FUZZ_NEED(!whole.closed &&
			  whole.finals == only_info(in.data, in.size));
	FUZZ_NEED(whole.messages == parts.messages);
	FUZZ_NEED(whole.finals == parts.finals);
	FUZZ_NEED(whole.errors == parts.errors);
	FUZZ_NEED(whole.closed == parts.closed);
	return 0;
}

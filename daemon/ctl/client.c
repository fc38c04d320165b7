/*
 * One call of the daemon: writes the request, hands each reply on, and
 * judges whether what came is what the interface promises.
 */
#include "ctl/client.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/text.h"
#include "ctl/connect.h"
#include "ctl/stream.h"

#define REQUEST_MAX ((size_t)60 << 10)
/* More than the largest list needs, and still bounded memory. */
#define TREE_MAX ((size_t)512 << 20) /* bytes of memory, of one message */

struct client {
	struct stream *stream;
	char *path;
	int64_t timeout_ms;
	struct json *error; /* the last error reply, whole */
};

struct call {
	const char *method;
	bool more;
	bool lent;
	client_reply *reply;
	void *arg;
	bool handed; /* a reply was, which cannot be taken back */
};

struct client *client_open(const char *path, int64_t timeout_ms,
			   struct fault *f)
{
	struct client *c;
	int fd = connect_unix(path, timeout_ms, f);

	if (fd < 0)
		return NULL;
	c = text_alloc(1, sizeof(*c));
	c->stream = stream_new(fd, timeout_ms);
	c->path = text_dup(path);
	c->timeout_ms = timeout_ms;
	return c;
}

void client_close(struct client *c)
{
	if (!c)
		return;
	stream_free(c->stream);
	json_free(c->error);
	free(c->path);
	free(c);
}

void client_follow(struct client *c, int output, int64_t silence_ms)
{
	stream_follow(c->stream, output, silence_ms);
}

const char *client_error(const struct client *c, const struct json **parameters)
{
	*parameters = json_get(c->error, "parameters");
	return json_get_str(c->error, "error");
}

static bool send_request(struct client *c, const struct call *call,
			 const struct client_parameter *p, struct fault *f)
{
	struct json_writer *w;
	struct buf out;
	bool ok;

	buf_init(&out, REQUEST_MAX);
	w = json_writer_new(&out, false);
	json_open(w);
	json_add_str(w, "method", call->method);
	json_key(w, "parameters");
	json_open(w);
	for (; p && p->name; p++) {
		if (p->name[0] == '#')
			json_add_int(w, p->name + 1,
				     strtoll(p->value, NULL, 10));
		else
			json_add_str(w, p->name, p->value);
	}
	json_close(w);
	if (call->more)
		json_add_bool(w, "more", true);
	json_close(w);
	if (json_finish(w))
		ok = stream_send(c->stream, out.data, out.len + 1, f);
	else
		ok = fault_set(f, FAULT_LOCAL, 0,
			       "The request %s is too long or not UTF-8.",
			       call->method);
	buf_free(&out);
	return ok;
}

static bool bad(struct fault *f, const struct call *call, const char *what)
{
	return fault_set(f, FAULT_INVALID, 0,
			 "The answer to %s is not what keyrotd's interface "
			 "promises: %s. Is something else listening there?",
			 call->method, what);
}

/* Of the parameters all, of what is in them nothing but where it stands. */
static const char *const frame[] = { "parameters*", "continues", "error",
				     NULL };

/* The next message, parsed; NULL with *f.  Its text stays until stream_drop. */
static struct json *next_message(struct client *c, const struct call *call,
				 struct fault *f)
{
	struct fault why;
	struct json *message;
	const char *text;
	size_t len;

	if (!stream_next(c->stream, &text, &len, f))
		return NULL;
	message = call->lent ? json_parse_lent(text, len, frame, TREE_MAX, &why)
			     : json_parse(text, len, TREE_MAX, &why);
	if (!message)
		bad(f, call, "it cannot be read as JSON");
	return message;
}

/* Hand one message on; *again tells whether another one follows. */
static bool take_message(struct call *call, const struct json *message,
			 bool *again, struct fault *f)
{
	enum client_next next;

	if (json_type(message) != JSON_OBJECT)
		return bad(f, call, "it is no JSON object");
	if (json_get_str(message, "error"))
		return fault_set(f, FAULT_REFUSED, 0, "keyrotd refused %s: %s.",
				 call->method, json_get_str(message, "error"));
	*again = false;
	json_bool(json_get(message, "continues"), again);
	if (*again && !call->more)
		return bad(f, call, "it has more than one part");
	call->handed = true;
	next = call->reply(json_get(message, "parameters"), call->arg);
	if (next == CLIENT_BAD)
		return bad(f, call, "members are missing or of another type");
	*again = *again && next == CLIENT_GO_ON;
	return true;
}

static bool take_replies(struct client *c, struct call *call, struct fault *f)
{
	struct json *message;
	bool again = true, ok = true;

	while (ok && again) {
		message = next_message(c, call, f);
		if (!message)
			return false;
		ok = take_message(call, message, &again, f);
		stream_drop(c->stream);
		if (!ok && f->kind == FAULT_REFUSED)
			c->error = message;
		else
			json_free(message);
	}
	return ok;
}

static bool attempt(struct client *c, struct call *call,
		    const struct client_parameter *parameters, struct fault *f)
{
	if (!stream_begin(c->stream, call->method))
		return bad(f, call, "something was said without being asked");
	return send_request(c, call, parameters, f) && take_replies(c, call, f);
}

/* The daemon went away before it said anything to a question that changes
 * nothing.  Where systemd holds its socket, the next one answers. */
static bool may_ask_again(const struct call *call, const struct fault *f)
{
	return f->kind == FAULT_TRANSIENT && f->code != ETIMEDOUT &&
	       !call->handed && text_prefix(call->method, "io.keyrotd.Status.");
}

static bool reconnect(struct client *c, struct fault *f)
{
	int fd = connect_unix(c->path, c->timeout_ms, f);

	if (fd < 0)
		return false;
	stream_free(c->stream);
	c->stream = stream_new(fd, c->timeout_ms);
	return true;
}

static bool make(struct client *c, struct call *call,
		 const struct client_parameter *parameters, struct fault *f)
{
	json_free(c->error);
	c->error = NULL;
	if (attempt(c, call, parameters, f))
		return true;
	return may_ask_again(call, f) && reconnect(c, f) &&
	       attempt(c, call, parameters, f);
}

bool client_call(struct client *c, const char *method,
		 const struct client_parameter *parameters, bool more,
		 client_reply *reply, void *arg, struct fault *f)
{
	struct call call = {
		.method = method, .more = more, .reply = reply, .arg = arg
	};

	return make(c, &call, parameters, f);
}

bool client_list(struct client *c, const char *method, client_reply *reply,
		 void *arg, struct fault *f)
{
	struct call call = { .method = method,
			     .more = true,
			     .lent = true,
			     .reply = reply,
			     .arg = arg };

	return make(c, &call, NULL, f);
}

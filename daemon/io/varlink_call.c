/* varlink_call: what a message means: requests, what answers them, and their
 * answers. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "io/service.h"
#include "io/unixsock.h"
#include "io/varlink_internal.h"

#define TREE_MAX (256 * 1024) /* bytes of memory, of one request */

/*
 * The call is over.  If its handler has returned long ago, the rest of the
 * client's pipeline is taken up from the loop, not from inside the caller.
 */
static void conclude(struct varlink_call *call)
{
	struct varlink_client *c = call->client;

	if (call->busy)
		return;
	json_free(call->root);
	call->root = NULL;
	varlink_client_resume(c);
}

static void answer(struct varlink_call *call, const char *head,
		   const char *parameters)
{
	if (!call->open)
		return;
	call->open = false;
	call->gone = NULL;
	if (call->oneway ||
	    varlink_client_queue(call->client, head, parameters, "}"))
		conclude(call);
}

void varlink_reply(struct varlink_call *c, const char *parameters)
{
	answer(c, "{\"parameters\":", parameters);
}

void varlink_error(struct varlink_call *c, const char *error,
		   const char *parameters)
{
	char *head = text_printf("{\"error\":\"%s\",\"parameters\":", error);

	answer(c, head, parameters);
	free(head);
}

static void error_about(struct varlink_call *c, const char *error,
			const char *name, const char *value)
{
	struct buf b;

	/* Escaping makes six bytes of one at most. */
	buf_init(&b, 6 * c->client->in.max + 64);
	varlink_error(c, error, service_member(&b, name, value));
	buf_free(&b);
}

void varlink_invalid(struct varlink_call *c, const char *parameter)
{
	error_about(c, SERVICE_NAME ".InvalidParameter", "parameter",
		    parameter);
}

void varlink_stream(struct varlink_call *c, void (*gone)(void *arg), void *arg)
{
	c->gone = gone;
	c->arg = arg;
}

/* Without "more" a client takes one reply only: it gets the final one. */
bool varlink_continue(struct varlink_call *c, const char *parameters)
{
	if (!c->open)
		return false;
	if (!c->more || c->oneway)
		return true;
	return varlink_client_queue(c->client, "{\"parameters\":", parameters,
				    ",\"continues\":true}");
}

/* ---- lists that come part by part ---- */

void varlink_list(struct varlink_call *c, const char *name,
		  const struct varlink_list *how, void *arg)
{
	c->list = name;
	c->how = *how;
	c->gone = how->gone;
	c->arg = arg;
	c->began = c->filled = c->stays = false;
	varlink_client_produce(c->client, true);
}

void varlink_replies(struct varlink_call *c, const struct varlink_list *how,
		     void *arg)
{
	if (varlink_wants_more(c)) {
		varlink_list(c, NULL, how, arg);
		return;
	}
	how->gone(arg);
	varlink_error(c, SERVICE_NAME ".ExpectedMore", NULL);
}

void varlink_feed(struct varlink_call *c, const struct varlink_list *how,
		  void *arg)
{
	varlink_list(c, NULL, how, arg);
	c->stays = true;
}

/* {"parameters":{ and what stands before the array's elements. */
static void begin_list(struct varlink_call *call, struct buf *out)
{
	struct buf head;

	buf_init(&head, VARLINK_MAX_REQUEST);
	buf_puts(out, "{\"parameters\":{");
	if (call->how.head && call->how.head(&head, call->arg) &&
	    head.len > 2) {
		buf_add(out, head.data + 1, head.len - 2);
		buf_puts(out, ",");
	}
	buf_printf(out, "\"%s\":[", call->list);
	buf_free(&head);
}

/* Nothing more comes. */
static void list_ends(struct varlink_call *call)
{
	void (*gone)(void *) = call->gone;

	call->open = false;
	call->gone = NULL;
	varlink_client_produce(call->client, false);
	gone(call->arg);
	conclude(call);
}

/* Each object of the part is a message. */
static void produce_replies(struct varlink_client *c, struct varlink_call *call)
{
	struct buf part, out;
	bool more, ok;

	buf_init(&part, c->out.max);
	more = call->how.part(&part, call->arg);
	buf_init(&out, c->out.max);
	for (size_t at = 0, len; at < part.len; at += len) {
		len = strlen(part.data + at) + 1;
		buf_puts(&out, "{\"parameters\":");
		buf_puts(&out, part.data + at);
		if (more || call->stays || at + len < part.len)
			buf_puts(&out, ",\"continues\":true");
		buf_add(&out, "}", 2);
	}
	buf_free(&part);
	ok = !out.len || varlink_client_queue_bytes(c, out.data, out.len);
	buf_free(&out);
	if (ok && !more && call->stays)
		varlink_client_produce(c, false);
	else if (ok && !more)
		list_ends(call);
}

/* With "more" each part is a message; without, all of them are one. */
static void produce_list(struct varlink_client *c, struct varlink_call *call)
{
	bool messages = call->more && !call->oneway, more, ok;
	struct buf part, out;

	buf_init(&part, c->out.max);
	more = call->how.part(&part, call->arg);
	buf_init(&out, part.len + VARLINK_MAX_REQUEST);
	if (messages || !call->began)
		begin_list(call, &out);
	else if (part.len && call->filled)
		buf_puts(&out, ",");
	call->began = true;
	call->filled |= part.len > 0;
	buf_add(&out, part.data, part.len);
	buf_free(&part);
	if (messages || !more)
		buf_puts(&out, "]}");
	if (messages && more)
		buf_puts(&out, ",\"continues\":true");
	if (messages || !more)
		buf_add(&out, "}", 2);
	ok = call->oneway || varlink_client_queue_bytes(c, out.data, out.len);
	buf_free(&out);
	if (ok && !more)
		list_ends(call);
}

static void on_produce(struct varlink_client *c)
{
	if (c->call.list)
		produce_list(c, &c->call);
	else
		produce_replies(c, &c->call);
}

/* ---- requests ---- */

static void describe(struct varlink_call *call)
{
	const char *name = json_get_str(call->parameters, "interface");
	const char *text;
	struct buf b;

	if (!name) {
		varlink_invalid(call, "interface");
		return;
	}
	text = service_find(&call->client->all->o, name, strlen(name));
	if (!text) {
		error_about(call, SERVICE_NAME ".InterfaceNotFound",
			    "interface", name);
		return;
	}
	buf_init(&b, 6 * strlen(text) + 64);
	varlink_reply(call, service_member(&b, "description", text));
	buf_free(&b);
}

static void tell_info(struct varlink_call *call)
{
	struct buf b;

	buf_init(&b, VARLINK_MAX_REQUEST);
	varlink_reply(call, service_info(&call->client->all->o, &b)
				    ? buf_str(&b)
				    : "{}");
	buf_free(&b);
}

static void serve(struct varlink_call *call, const char *method)
{
	if (!strcmp(method, "GetInfo"))
		tell_info(call);
	else if (!strcmp(method, "GetInterfaceDescription"))
		describe(call);
	else
		error_about(call, SERVICE_NAME ".MethodNotFound", "method",
			    call->method);
}

static void refuse_interface(struct varlink_call *call, size_t len)
{
	char *name = text_ndup(call->method, len);

	error_about(call, SERVICE_NAME ".InterfaceNotFound", "interface", name);
	free(name);
}

static void dispatch(struct varlink_call *call)
{
	const struct varlink_options *o = &call->client->all->o;
	const char *dot = strrchr(call->method, '.');
	size_t len = dot ? (size_t)(dot - call->method) : strlen(call->method);

	if (!dot || !service_find(o, call->method, len)) {
		refuse_interface(call, len);
		return;
	}
	if (len == strlen(SERVICE_NAME) &&
	    !strncmp(call->method, SERVICE_NAME, len)) {
		serve(call, dot + 1);
		return;
	}
	o->handler(call, o->arg);
	/* Neither answered nor kept for later: nobody ever would. */
	if (call->open && !call->gone)
		error_about(call, SERVICE_NAME ".MethodNotImplemented",
			    "method", call->method);
}

/* A flag that is absent, null, true or false. */
static bool flag(const struct json *root, const char *name, bool *out)
{
	const struct json *n = json_get(root, name);

	*out = false;
	return json_type(n) == JSON_NULL || json_bool(n, out);
}

static bool read_call(struct varlink_call *call, const char *text, size_t len)
{
	const struct json *p;
	struct fault f;

	call->root = json_parse(text, len, TREE_MAX, &f);
	call->method = json_get_str(call->root, "method");
	p = json_get(call->root, "parameters");
	call->parameters = json_type(p) == JSON_OBJECT ? p : NULL;
	return call->method &&
	       (call->parameters || json_type(p) == JSON_NULL) &&
	       flag(call->root, "more", &call->more) &&
	       flag(call->root, "oneway", &call->oneway);
}

static bool on_request(struct varlink_client *c, const char *text, size_t len)
{
	struct varlink_call *call = &c->call;

	memset(call, 0, sizeof(*call));
	call->client = c;
	call->busy = true;
	if (read_call(call, text, len)) {
		call->open = true;
		dispatch(call);
	} else {
		varlink_client_close(c, "its request is not a Varlink call");
	}
	call->busy = false;
	if (call->open)
		return true;
	json_free(call->root);
	call->root = NULL;
	return false;
}

static void on_closed(struct varlink_client *c)
{
	struct varlink_call *call = &c->call;

	if (!call->open)
		return;
	call->open = false;
	if (call->gone)
		call->gone(call->arg);
}

static void on_freed(struct varlink_client *c)
{
	json_free(c->call.root);
}

const struct varlink_events varlink_call_events = {
	.request = on_request,
	.produce = on_produce,
	.closed = on_closed,
	.freed = on_freed,
};

/* ---- what a handler may ask ---- */

const char *varlink_method(const struct varlink_call *c)
{
	return c->method;
}

const struct json *varlink_parameters(const struct varlink_call *c)
{
	return c->parameters;
}

bool varlink_wants_more(const struct varlink_call *c)
{
	return c->more && !c->oneway;
}

const struct varlink_peer *varlink_peer(const struct varlink_call *c)
{
	return &c->client->peer;
}

bool varlink_peer_may(const struct varlink_call *c, uid_t own, gid_t group)
{
	const struct varlink_peer *p = &c->client->peer;

	if (p->hidden)
		return false;
	if (p->uid == 0 || p->uid == own)
		return true;
	if (group == (gid_t)-1 ||
	    userns_hides_group(c->client->all->o.userns, group))
		return false;
	return p->gid == group || unixsock_peer_in(c->client->fd, group);
}

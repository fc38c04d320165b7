/*
 * varlink: a Varlink server on one Unix stream socket (https://varlink.org):
 * JSON objects ended by a NUL byte, calls answered in order per connection.
 *
 * org.varlink.service is answered here; everything else goes to the handler.
 * Limits: clients, clients of one uid, bytes of one request, queued reply
 * bytes per client and of all, idle time, JSON nodes.  A client that goes past
 * one of them is closed, alone.
 *
 * Nobody locks the administrator out: the last 4 places for clients and the
 * last quarter of the memory for queues go to uid 0 and the daemon's own
 * effective uid only, and the limit for one uid does not hold for these two.
 * Users whom this process's user namespace does not show are one uid, have one
 * share, and are trusted with nothing.
 *
 * Ownership: a struct varlink_call lives from the handler's start until it
 * was answered finally (varlink_reply, varlink_error) or its client is gone.
 * For streaming, the handler calls varlink_stream and may then answer at any
 * later time with varlink_continue; when the client goes, `gone` is called
 * once and the call must not be used any more.
 */
#ifndef KEYROTD_IO_VARLINK_H
#define KEYROTD_IO_VARLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/json.h"
#include "io/userns.h"

struct ev_loop;
struct varlink;
struct varlink_call;

struct varlink_peer {
	uid_t uid;
	gid_t gid;
	pid_t pid;
	bool hidden; /* uid stands for everybody who is not shown here */
};

typedef void varlink_handler(struct varlink_call *call, void *arg);

struct varlink_options {
	const char *vendor, *product, *version, *url; /* GetInfo */
	const char *const *descriptions; /* .varlink texts, NULL-ended; each
					    begins with "interface NAME" after
					    comments */
	size_t max_clients;		 /* of all uids, 0: 64 */
	size_t max_per_uid;		 /* clients, 0: 16 */
	size_t max_request;		 /* bytes, 0: 64 KiB */
	size_t max_queued;		 /* bytes per client, 0: 64 MiB */
	size_t max_queued_all; /* bytes of memory, 0: twice max_queued */
	int64_t idle_ms;       /* without a request or an unread reply, 0: 60 s;
				   a client that waits for more is not idle */
	const struct userns *userns; /* NULL: this process's */
	varlink_handler *handler;
	void *arg;
};

/*
 * Listen on path (a stale socket file is recognised by connecting first and
 * then replaced; a live one is a fault), or on fd when fd >= 0 (socket
 * activation: the path is then left alone).
 */
struct varlink *varlink_new(struct ev_loop *loop, const char *path, int fd,
			    const struct varlink_options *o, struct fault *f);
/* Close all clients, close and unlink the socket (not an activated one). */
void varlink_free(struct varlink *v);

const char *varlink_method(const struct varlink_call *c);
const struct json *varlink_parameters(const struct varlink_call *c); /* NULL
	when absent or null */
bool varlink_wants_more(const struct varlink_call *c);
const struct varlink_peer *varlink_peer(const struct varlink_call *c);
/* True when the peer is uid 0, uid `own`, or has `group` (gid) among its
 * groups (SO_PEERGROUPS); group (gid_t)-1: no group.  Never for one who is not
 * shown here, nor for the group that stands for those that are not. */
bool varlink_peer_may(const struct varlink_call *c, uid_t own, gid_t group);

/* Answers.  parameters: a JSON object as text ("{}" when NULL). */
void varlink_reply(struct varlink_call *c, const char *parameters);
void varlink_error(struct varlink_call *c, const char *error,
		   const char *parameters);
/* org.varlink.service.InvalidParameter with the parameter's name. */
void varlink_invalid(struct varlink_call *c, const char *parameter);

/* Streaming. varlink_continue: one reply with "continues":true; false when
 * the client was closed by it (queue full): the call is gone then, and `gone`
 * has run. */
void varlink_stream(struct varlink_call *c, void (*gone)(void *arg), void *arg);
bool varlink_continue(struct varlink_call *c, const char *parameters);

/*
 * Answer with one array of any length, in parts that are made as the client
 * takes them, one a turn of the loop: {NAME: [...]}, or with the members of the
 * object that `head` (NULL: none) appends before it.  `part` appends elements
 * (JSON text, commas between them) and says whether more may come.  Who asked
 * for "more" gets a message for each part, others one message.  `gone` is
 * called once, when all is made or the client is gone.  name is static text.
 */
struct varlink_list {
	bool (*head)(struct buf *out, void *arg);
	bool (*part)(struct buf *out, void *arg);
	void (*gone)(void *arg);
};

/*
 * The same as single replies: `part` appends JSON objects, each ended by NUL,
 * of which each becomes a message; the last part has one at least.  Who did not
 * ask for "more" gets an error, and `gone` is called at once.  `head` is not
 * used.
 */
void varlink_replies(struct varlink_call *c, const struct varlink_list *how,
		     void *arg);

/*
 * The same before a stream: when no more may come the call stays open, and is
 * answered by varlink_continue from then on.  Who asks did call with "more";
 * the last part may be empty.
 */
void varlink_feed(struct varlink_call *c, const struct varlink_list *how,
		  void *arg);

void varlink_list(struct varlink_call *c, const char *name,
		  const struct varlink_list *how, void *arg);

#endif

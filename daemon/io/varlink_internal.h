/*
 * varlink_internal: what the files of io/varlink share.
 *
 * varlink_client (one connection's bytes) is below varlink_call (one call's
 * meaning), and that below varlink (listening): a file calls only those below
 * it, and is told what happens there through struct varlink_events.
 *
 * The server owns its clients, a client its one call.  A client has at most
 * one call open; what it sends meanwhile waits in its input buffer.  While a
 * client's own events are handled it is `busy`: it may be closed then but is
 * freed only at the end of that.
 */
#ifndef KEYROTD_IO_VARLINK_INTERNAL_H
#define KEYROTD_IO_VARLINK_INTERNAL_H

#include <stdint.h>
#include <sys/queue.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "io/varlink.h"

#define VARLINK_MAX_REQUEST (64u * 1024)

/* varlink_call's own. */
struct varlink_call {
	struct varlink_client *client;
	bool open; /* not answered finally */
	bool busy; /* its handler runs */
	bool more, oneway;
	struct json *root;
	const char *method;
	const struct json *parameters;
	void (*gone)(void *arg); /* set by varlink_stream */
	void *arg;
	/* Set by varlink_list: */
	const char *list;
	struct varlink_list how;
	/* Of an answer in one message: its beginning, an element is queued. */
	bool began, filled;
	bool stays; /* open behind the last part */
};

struct varlink_client {
	LIST_ENTRY(varlink_client) link;
	struct varlink_clients *all;
	struct ev_io *io;
	struct ev_timer *idle;
	int fd;
	struct varlink_peer peer;
	struct buf in, out;
	size_t taken; /* of in: requests that were handled */
	size_t sent;  /* of out */
	bool ended;   /* the client sends nothing more */
	bool waits;   /* for the answer to a request: the next one waits, too */
	bool producing; /* ... whose parts are asked for as the queue drains */
	bool busy, closed;
	uint64_t served; /* the turn in which it last got something done */
	struct varlink_call call;
};

/* What a client tells. */
struct varlink_events {
	/* A whole message, without its NUL; true when it stays open: then
	 * varlink_client_resume follows, unless the client goes before. */
	bool (*request)(struct varlink_client *c, const char *text, size_t len);
	/* There is room for the next part of the open call's answer. */
	void (*produce)(struct varlink_client *c);
	/* The connection is gone, once; c may be looked at until freed. */
	void (*closed)(struct varlink_client *c);
	void (*freed)(struct varlink_client *c);
};

/* What the clients of one server have in common. */
struct varlink_clients {
	struct ev_loop *loop;
	struct varlink_options o; /* nothing is 0 in it */
	const struct varlink_events *up;
	LIST_HEAD(, varlink_client) list;
	size_t n;
	/* Work is done one request, or one part of an answer, a turn. */
	struct ev_timer *turn;
	uint64_t turns;
};

struct varlink {
	struct varlink_clients all;
	struct ev_io *io;
	struct ev_timer *pause;
	int fd;
	char *path; /* NULL: activated */
	dev_t dev;  /* of the socket file we made */
	ino_t ino;
};

/* What the clients share, and its end: all are closed. */
void varlink_client_begin(struct varlink_clients *all);
void varlink_client_end(struct varlink_clients *all);
/* True for those whom the reserve of places and of memory is kept for. */
bool varlink_client_is_trusted(const struct varlink_peer *p);
/* A client on fd, which is its own from here on. */
void varlink_client_new(struct varlink_clients *all, int fd,
			const struct varlink_peer *p);
/* Close the connection; why is for the log. */
void varlink_client_close(struct varlink_client *c, const char *why);
/* Queue one message of three pieces and the NUL that ends it; parameters may
 * be NULL.  False: the queue, or the memory for the queues of all clients,
 * was full and the client is closed. */
bool varlink_client_queue(struct varlink_client *c, const char *head,
			  const char *parameters, const char *tail);
/* The same for len bytes of a message that comes in pieces. */
bool varlink_client_queue_bytes(struct varlink_client *c, const char *data,
				size_t len);
/* Whether events->produce is called whenever the queue has room. */
void varlink_client_produce(struct varlink_client *c, bool on);
/* What it waited for was answered from outside its own events: go on from the
 * loop. */
void varlink_client_resume(struct varlink_client *c);

/* Carries out requests. */
extern const struct varlink_events varlink_call_events;

#endif

/*
 * varlink_internal: what the files of io/varlink share.
 *
 * The server owns its clients, a client its one call.  A client has at most
 * one call open; what it sends meanwhile waits in its input buffer.  While a
 * client's own events are handled it is `busy`: it may be closed then but is
 * freed only at the end of that.
 */
#ifndef KEYROTD_IO_VARLINK_INTERNAL_H
#define KEYROTD_IO_VARLINK_INTERNAL_H

#include <sys/queue.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "io/varlink.h"

#define VARLINK_MAX_REQUEST (64u * 1024)

struct varlink_call {
	struct client *client;
	bool open; /* not answered finally */
	bool more, oneway;
	struct json *root;
	const char *method;
	const struct json *parameters;
	void (*gone)(void *arg); /* set by varlink_stream */
	void *arg;
};

struct client {
	LIST_ENTRY(client) link;
	struct varlink *v;
	struct ev_io *io;
	struct ev_timer *idle;
	int fd;
	struct varlink_peer peer;
	struct buf in, out;
	size_t sent; /* of out */
	bool ended;  /* the client sends nothing more */
	bool busy, closed;
	struct varlink_call call;
};

struct varlink {
	struct ev_loop *loop;
	struct varlink_options o;
	struct ev_io *io;
	struct ev_timer *pause;
	int fd;
	char *path; /* NULL: activated */
	dev_t dev;  /* of the socket file we made */
	ino_t ino;
	LIST_HEAD(, client) clients;
	size_t n_clients;
};

/* True for those whom the reserve of places and of memory is kept for. */
bool varlink_is_trusted(const struct varlink_peer *p);

/* A client on fd, which is its own from here on. */
void varlink_client_new(struct varlink *v, int fd,
			const struct varlink_peer *p);
/* Close the connection, tell the open call's `gone`; why is for the log. */
void varlink_client_close(struct client *c, const char *why);
/* Queue one message of three pieces and the NUL that ends it; parameters may
 * be NULL.  False: the queue, or the memory for the queues of all clients,
 * was full and the client is closed. */
bool varlink_client_queue(struct client *c, const char *head,
			  const char *parameters, const char *tail);
/* Something was asked or read: its idle time begins anew. */
void varlink_client_active(struct client *c);

/* Its call was answered from outside its own events: go on from the loop. */
void varlink_client_resume(struct client *c);

/* Carry out one request; its call may stay open. */
void varlink_call_handle(struct client *c, const char *text, size_t len);

#endif

/*
 * client: the calling side of Varlink (https://varlink.org) on one Unix
 * stream socket: JSON objects, each ended by a NUL byte.
 *
 * One call at a time, blocking, with time limits: every message must be there
 * within the timeout, the whole call within twelve of them.  At most 256 MiB
 * are taken for one call.  The client owns its socket, its buffer and the last
 * error reply; client_close ends it.
 *
 * Faults: FAULT_TRANSIENT or FAULT_DENIED: the daemon is not reachable, or
 * went away, or keeps silent.  FAULT_REFUSED: it answered with a Varlink
 * error, which client_error tells.  FAULT_INVALID: what came is not Varlink,
 * or not what the interface promises.  FAULT_LOCAL: this side.
 */
#ifndef KEYROTD_CTL_CLIENT_H
#define KEYROTD_CTL_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "base/json.h"

struct client;

/* A parameter: a string, or for a name that begins with "#" (which is not sent)
 * the number in it; a string NULL is sent as null.  Lists of them are ended by
 * name NULL. */
struct client_parameter {
	const char *name;
	const char *value;
};

enum client_next {
	CLIENT_GO_ON,
	CLIENT_STOP, /* enough: the call succeeded, the client is used up */
	CLIENT_BAD,  /* not what the interface promises: the call fails */
};

/* Told of each reply.  parameters is NULL when the reply has none; it dies
 * when the function returns. */
typedef enum client_next client_reply(const struct json *parameters, void *arg);

/* Connect to the socket at path; timeout_ms is at least 1.  NULL with *f. */
struct client *client_open(const char *path, int64_t timeout_ms,
			   struct fault *f);
void client_close(struct client *c); /* NULL is fine */

/* Call method; parameters may be NULL.  With more, replies may be many.  Where
 * the daemon goes away before it has answered a method of io.keyrotd.Status,
 * it is asked once more over a new connection.  False with *f. */
bool client_call(struct client *c, const char *method,
		 const struct client_parameter *parameters, bool more,
		 client_reply *reply, void *arg, struct fault *f);

/* The same with more and without parameters, for who passes the objects of a
 * long list on as they came: see json_parse_lent. */
bool client_list(struct client *c, const char *method, client_reply *reply,
		 void *arg, struct fault *f);

/* From a client_reply: wait for further replies, however many there are, until
 * the reader of the descriptor output went away (FAULT_LOCAL, code EPIPE).
 * silence_ms: the daemon may keep silent for so long and the timeout besides;
 * -1: for ever. */
void client_follow(struct client *c, int output, int64_t silence_ms);

/* After FAULT_REFUSED: the error's full name, and its parameters or NULL;
 * both live until the next call. */
const char *client_error(const struct client *c,
			 const struct json **parameters);

#endif

/*
 * tls_server: a small HTTPS server on the test's own loop that speaks HTTP/2
 * (RFC 9113) or HTTP/1.1 and answers each request with 200 and "ok", at once
 * or when it is told to.  Its certificate is made anew and written to a file
 * for the client.  The server and its connections belong to the caller.
 */
#ifndef TESTS_UNIT_TLS_SERVER_H
#define TESTS_UNIT_TLS_SERVER_H

#include <ev.h>
#include <stdbool.h>

struct tls_conn;

struct tls_server {
	struct ev_loop *loop;
	struct ev_io listener;
	void *ctx; /* SSL_CTX */
	char ca_file[256];
	int port;
	bool http2;		     /* offered from the next connection on */
	bool holds;		     /* answers wait for tls_server_release */
	int open, accepted, resumed; /* connections; TLS sessions taken up */
	int requests, waiting;
	struct tls_conn *conns;
};

/* On 127.0.0.1 and a port of its own. */
void tls_server_start(struct tls_server *s, struct ev_loop *loop, bool http2);
/* Answer what waits. */
void tls_server_release(struct tls_server *s);
/* Close every connection. */
void tls_server_hang_up(struct tls_server *s);
void tls_server_stop(struct tls_server *s);

#endif

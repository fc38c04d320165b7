/*
 * http: HTTP exchanges over libcurl's multi interface inside libev.  Only
 * io/http* include libcurl; they decide nothing.
 *
 * What is submitted starts at once: how many run, and with which server, is
 * the caller's business.  A first request to a server makes a connection;
 * what is submitted before its answer is there makes one each, and what comes
 * later shares it (HTTP/2) or takes one that is idle.
 *
 * Every transfer has a connect limit, a total limit and a low-speed limit, a
 * body cap (exchange.max_body) and header caps; redirects are not followed;
 * https only (TLS 1.2 at least), but for exchanges with a service of this host
 * (`local`, `metadata`), which may be plain http and never go to a proxy.
 * Connections are kept and HTTP/2 is used where offered.
 *
 * Ownership: the exchange is copied by http_submit as far as needed and stays
 * the caller's.  The callback runs exactly once unless cancelled, from the
 * loop, never from inside http_submit or http_cancel; *slot is NULL before it
 * runs.  The answer is the callback's only during the call, but it may take
 * fields out by setting them to NULL / buf_init.
 */
#ifndef KEYROTD_IO_HTTP_H
#define KEYROTD_IO_HTTP_H

#include <stddef.h>

#include "azure/exchange.h"
#include "azure/proxy.h"
#include "base/fault.h"
#include "io/bearer.h"

struct ev_loop;
struct http;
struct http_transfer;

struct http_options {
	const char *ca_file;	   /* NULL: system store */
	const struct proxy *proxy; /* NULL: none.  No variable of the
				      environment is looked at */
	const char *user_agent;	   /* "keyrotd/1.0.0" */
	long connect_ms, total_ms; /* 0: 10 s and 60 s */
	size_t hosts; /* servers that are asked again and again: two idle
			 connections are kept for each, 32 at least, but no
			 more than half of what descriptors allow */
};

/*
 * The last gate: called with the transfer's arg when there is a connection and
 * the request goes out next.  False holds it back: nothing is sent, and the
 * callback gets answer.vetoed with a fault of kind FAULT_LOCAL.  Called from
 * inside libcurl: it answers from what is known and calls nothing of http.
 * With libcurl 7.88 a veto costs a connection that was not used before and one
 * of HTTP/1.1; one of HTTP/2 goes on as it is, with what else runs on it.
 */
typedef bool http_may(void *arg);
typedef void http_done(struct answer *a, void *arg);

struct http *http_new(struct ev_loop *loop, const struct http_options *o,
		      struct fault *f);
/*
 * New options (reload), also when only the contents of the CA file changed.
 * What is submitted from now on starts at once with them, on new connections
 * and without the TLS sessions of before.  What runs goes on with the old
 * ones, for total_ms at most; when options change for the fourth time
 * meanwhile, the oldest transfers end as transient.
 */
void http_configure(struct http *h, const struct http_options *o);
void http_free(struct http *h); /* cancels what is left, no callbacks */

/*
 * Start a transfer.  bearer: the token to send, or NULL; it is held until the
 * transfer is over.  client_request_id: GUID sent as
 * x-ms-client-request-id (client-request-id to Entra), or NULL.  may: NULL
 * means always.  A transfer that cannot start is reported through the callback
 * from the next turn, with answer.fault FAULT_LOCAL.
 */
void http_submit(struct http *h, const struct exchange *x,
		 struct bearer *bearer, const char *client_request_id,
		 http_may *may, http_done *cb, void *arg,
		 struct http_transfer **slot);
/* From anywhere but the gate; *slot NULL is fine. */
void http_cancel(struct http_transfer **slot);

size_t http_in_flight(const struct http *h);

#endif

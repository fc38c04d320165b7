/*
 * http: HTTP exchanges over libcurl's multi interface inside libev.  The only
 * file that includes libcurl; it decides nothing.
 *
 * Every transfer has a connect limit, a total limit and a low-speed limit, a
 * body cap (exchange.max_body) and header caps; redirects are not followed;
 * https only (TLS 1.2 at least), but for exchanges marked `metadata`, which
 * may be plain http and bypass proxies.  Connections are kept and HTTP/2 is
 * used where offered.
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
#include "base/fault.h"

struct ev_loop;
struct http;
struct http_transfer;

struct http_options {
	const char *ca_file;	   /* NULL: system store */
	const char *user_agent;	   /* "keyrotd/1.0.0" */
	long connect_ms, total_ms; /* 0: 10 s and 60 s */
	long max_host_connections; /* 0: 8 */
};

typedef void http_done(struct answer *a, void *arg);

struct http *http_new(struct ev_loop *loop, const struct http_options *o,
		      struct fault *f);
/*
 * New options (reload), also when only the contents of the CA file changed.
 * What runs goes on with the old ones, what starts from now on waits until
 * that has ended (total_ms at most) and uses the new ones, on new connections.
 */
void http_configure(struct http *h, const struct http_options *o);
void http_free(struct http *h); /* cancels what is left, no callbacks */

/*
 * Start a transfer.  bearer: token for "Authorization: Bearer", or NULL; it
 * is copied and wiped with the transfer.  client_request_id: GUID sent as
 * x-ms-client-request-id, or NULL.  A transfer that cannot start is reported
 * through the callback from the next turn, with answer.fault FAULT_LOCAL.
 */
void http_submit(struct http *h, const struct exchange *x, const char *bearer,
		 const char *client_request_id, http_done *cb, void *arg,
		 struct http_transfer **slot);
void http_cancel(struct http_transfer **slot); /* *slot NULL is fine */

size_t http_in_flight(const struct http *h);

#endif

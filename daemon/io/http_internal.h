/*
 * http_internal: what the files of io/http share.
 *
 * A transfer is owned by struct http from http_submit until its callback has
 * run or it is cancelled; an easy handle is its own while it runs.  Handles of
 * libcurl are void here as in its own headers, so that these stay out.
 */
#ifndef KEYROTD_IO_HTTP_INTERNAL_H
#define KEYROTD_IO_HTTP_INTERNAL_H

#include <sys/queue.h>

#include "io/headers.h"
#include "io/hosts.h"
#include "io/http.h"
#include "io/trouble.h"

#define HTTP_ERROR_SIZE 256 /* CURL_ERROR_SIZE */
#define HTTP_POOL_MAX 64    /* idle easy handles */
#define HTTP_SLOW_BYTES 10  /* a second */
#define HTTP_STREAMS 64	    /* of HTTP/2 requests with one server */

enum place { PLACE_HOST, PLACE_RUNNING, PLACE_FAILED };

struct http_transfer {
	struct host_node node; /* first: hosts hands back its address */
	TAILQ_ENTRY(http_transfer) link; /* of h->running or h->failed */
	enum place place;
	unsigned long turn; /* PLACE_FAILED: the turn it failed in */
	struct http *h;
	struct http_transfer **slot;
	http_done *cb;
	void *arg;

	void *easy; /* CURL, PLACE_RUNNING only */
	struct curl_slist *head;
	const char *method;
	char *url, *body, *where;
	bool metadata, secret;
	bool unfit;    /* a header that must not be sent as it is */
	bool begun;    /* the request may be on its way */
	bool repeated; /* libcurl wanted to send it again */
	long connect_ms, total_ms;
	struct headers headers;
	struct answer answer;
	char error[HTTP_ERROR_SIZE];
};

struct watcher;

TAILQ_HEAD(transfers, http_transfer);

struct http {
	struct ev_loop *loop;
	void *multi; /* CURLM; NULL: it could not be made, tried again later */
	void *share; /* CURLSH */
	struct ev_timer *timer; /* libcurl's */
	struct ev_timer *later; /* ours: work for the next turn */
	LIST_HEAD(, watcher) watchers;
	struct transfers running, failed;
	size_t n_running, n_all;
	struct hosts *hosts;
	void *pool[HTTP_POOL_MAX];
	size_t pooled;
	unsigned long turn;
	bool broken; /* socket_action failed: every transfer is in doubt */
	bool stale;  /* options changed: nothing starts, and a new multi handle
			when none runs */
	char *ca_file, *user_agent;
	long connect_ms, total_ms, host_connections;
};

/* Seconds below HTTP_SLOW_BYTES after which a transfer ends: three quarters
 * of its total limit, so that a slow answer is told from none. */
long http_easy_slow_s(const struct http_transfer *t);
/* Set everything for one transfer on a fresh or reset handle: a CURLcode. */
int http_easy_prepare(void *easy, struct http_transfer *t);

/* Fill *w for kind, with what is known of the transfer. */
void http_fault_init(struct trouble *w, const struct http_transfer *t,
		     enum trouble_kind kind, const char *detail);
/* Fill *w from libcurl's code while t->easy is still its own. */
void http_fault_explain(const struct http_transfer *t, int code,
			struct trouble *w);
/* One of libcurl's times (CURLINFO), microseconds; 0: not reached. */
int64_t http_fault_time(void *easy, int what);

/* A copy of all that is needed of x, with its request headers. */
struct http_transfer *http_transfer_new(struct http *h,
					const struct exchange *x,
					const char *bearer,
					const char *request_id);
/* Set t->where ("HOST:PORT") and return "SCHEME://HOST:PORT" for the caller
 * to free; NULL: the URL is none. */
char *http_transfer_origin(struct http_transfer *t);
void http_transfer_free(struct http_transfer *t); /* secrets are wiped */

#endif

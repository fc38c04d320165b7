/*
 * http_internal: what the files of io/http share.
 *
 * struct http owns its generations and its transfers: a transfer from
 * http_submit until its callback has run or it is cancelled.  A generation
 * owns a multi handle with all that hangs on it, and knows the transfers that
 * run in it.  An easy handle is a transfer's own while it runs.  Handles of
 * libcurl are void here as in its own headers, so that these stay out.
 *
 * Order of the files, each calls only those before it: headers, trouble,
 * http_transfer, http_share, http_easy, http_fault, http_multi, http.
 */
#ifndef KEYROTD_IO_HTTP_INTERNAL_H
#define KEYROTD_IO_HTTP_INTERNAL_H

#include <sys/queue.h>

#include "io/headers.h"
#include "io/http.h"
#include "io/trouble.h"

#define HTTP_ERROR_SIZE 256 /* CURL_ERROR_SIZE */
#define HTTP_POOL_MAX 64    /* idle easy handles */
#define HTTP_SLOW_BYTES 10  /* a second */
#define HTTP_KEPT_S 86400   /* seconds that a connection may be idle */

struct http_multi;
struct http_share;
struct watcher;

enum place { PLACE_NONE, PLACE_RUNNING, PLACE_FAILED };

struct http_transfer {
	TAILQ_ENTRY(http_transfer) link; /* of multi->running or h->failed */
	enum place place;
	unsigned long turn; /* PLACE_FAILED: the turn it failed in */
	struct http *h;
	struct http_transfer **slot;
	http_may *may;
	http_done *cb;
	void *arg; /* of both */

	struct http_multi *multi; /* PLACE_RUNNING only */
	void *easy;		  /* CURL, PLACE_RUNNING only */
	struct bearer *bearer;	  /* NULL: it goes without a token */
	struct curl_slist *head;  /* one block with its own lines, url, where */
	size_t head_size, where_size;
	const char *method;
	char *url, *body, *where;
	bool local, secret;
	bool plain;    /* a mere reading, and not through a proxy */
	bool proxied;  /* it goes to multi->o.proxy */
	bool unfit;    /* a header that must not be sent as it is */
	bool begun;    /* the request may be on its way */
	bool served;   /* it ended without any trouble */
	bool again;    /* it was sent a second time, by libcurl itself */
	bool repeated; /* libcurl wanted to send it again, and must not */
	struct headers headers;
	struct answer answer;
	char error[HTTP_ERROR_SIZE];
};

TAILQ_HEAD(http_transfers, http_transfer);

/* What a generation tells its owner, from the loop. */
struct http_events {
	/* It ended with a CURLcode; t->easy is still its own, and the owner
	 * takes it out with http_multi_remove. */
	void (*finished)(struct http_transfer *t, int code);
	/* A turn of the loop is over: the generation may be freed now, and has
	 * to be when it is broken. */
	void (*turned)(struct http_multi *m);
};

/* A generation: what was started under the same options. */
struct http_multi {
	TAILQ_ENTRY(http_multi) link; /* of h->multis, the newest first */
	struct http *h;
	struct ev_loop *loop;
	const struct http_events *up;
	struct http_options o; /* its own strings; nothing is 0 in it */
	void *curlm; /* CURLM; NULL: it could not be made, tried again later */
	struct http_share *share; /* NULL: it could not be made */
	struct ev_timer *timer;	  /* libcurl's */
	LIST_HEAD(, watcher) watchers;
	struct http_transfers running;
	size_t n_running;
	struct http_pool {
		void *easy[HTTP_POOL_MAX];
		size_t n;
	} bare, plain; /* without options; with those of a plain transfer */
	bool bundled;  /* libcurl knows where the system's bundle is */
	bool broken;   /* socket_action failed: every transfer is in doubt */
	bool busy;     /* a turn of it is under way */
};

TAILQ_HEAD(http_multis, http_multi);

struct http {
	struct ev_loop *loop;
	struct http_multis multis; /* never empty; the newest starts all */
	struct http_transfers failed;
	struct ev_timer *later; /* work for the next turn */
	unsigned long turn;
	size_t n_all;
};

/* A copy of all that is needed of x, with its request headers; agent is who we
 * say that we are, NULL: nobody. */
struct http_transfer *http_transfer_new(const struct exchange *x,
					const char *agent,
					struct bearer *bearer,
					const char *request_id);
/* Set t->where ("HOST:PORT"); false: its URL is none. */
bool http_transfer_locate(struct http_transfer *t);
void http_transfer_free(struct http_transfer *t); /* secrets are wiped */

/*
 * The servers of a generation in groups, each with its own connections and TLS
 * sessions.  Before a transfer starts libcurl asks every idle connection that
 * it could take whether it is dead, once a second: with hundreds of servers
 * that is more work than all the rest (libcurl 7.88, lib/url.c,
 * prune_dead_connections).  In a group of four there is little to ask.
 *
 * hosts: how many there will be, about.  NULL: no memory.  It is freed when no
 * easy handle uses it any more; that closes its connections.
 */
struct http_share *http_share_new(size_t hosts);
void http_share_free(struct http_share *s);
size_t http_share_number(const struct http_share *s);
/* The group of that server ("HOST:PORT"), always the same: a CURLSH. */
void *http_share_of(struct http_share *s, const char *where);

/* Seconds below HTTP_SLOW_BYTES after which a transfer ends: three quarters
 * of its total limit, so that a slow answer is told from none. */
long http_easy_slow_s(const struct http_transfer *t);
/* Set everything for one transfer of t->multi on a fresh or reset handle: a
 * CURLcode. */
int http_easy_prepare(void *easy, struct http_transfer *t);
/* Set what is of this transfer alone, on a handle that a plain one of the same
 * generation has left. */
int http_easy_again(void *easy, struct http_transfer *t);
/* What pointed into a transfer that is over points nowhere. */
void http_easy_leave(void *easy);

/* Fill *w for kind, with what is known of the transfer. */
void http_fault_init(struct trouble *w, const struct http_transfer *t,
		     enum trouble_kind kind, const char *detail);
/* Fill *w from libcurl's code while t->easy is still its own. */
void http_fault_explain(const struct http_transfer *t, int code,
			struct trouble *w);
/* One of libcurl's times (CURLINFO), microseconds; 0: not reached. */
int64_t http_fault_time(void *easy, int what);

/* A generation with a copy of the options. */
struct http_multi *http_multi_new(struct http *h, const struct http_options *o,
				  const struct http_events *up);
void http_multi_free(struct http_multi *m); /* nothing runs in it any more */
/* Start a transfer; NULL, or in words why it cannot start. */
const char *http_multi_add(struct http_multi *m, struct http_transfer *t);
/* Take it out, wherever it is on its way; not from libcurl's callbacks. */
void http_multi_remove(struct http_transfer *t);

#endif

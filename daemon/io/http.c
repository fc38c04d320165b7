/*
 * http: libcurl's multi interface (curl_multi_socket_action(3)) inside libev.
 *
 * A transfer is in one of three places: waiting for its server's turn (hosts),
 * running inside the multi handle, or failed and to be reported from the next
 * turn of the loop.  Callers hold nothing but a slot, which is cleared before
 * their callback runs.
 */
#include "io/http.h"

#include <curl/curl.h>
#include <ev.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"
#include "io/http_internal.h"

#define CONNECT_MS 10000
#define TOTAL_MS 60000
#define HOST_CONNECTIONS 8
#define RUNNING_MAX 256 /* of all servers together */
#define CACHE_MAX 32	/* idle connections */

struct watcher {
	ev_io io;
	struct http *h;
	LIST_ENTRY(watcher) link;
};

/* ---- the loop's side ---- */

/* libev's timers count from its cached time: bring that up to date first. */
static void arm(struct http *h, ev_timer *w, double seconds)
{
	ev_timer_stop(h->loop, w);
	ev_now_update(h->loop);
	ev_timer_set(w, seconds, 0.);
	ev_timer_start(h->loop, w);
}

static void wake_later(struct http *h)
{
	if (!ev_is_active(h->later))
		arm(h, h->later, 0.);
}

static void settle_finished(struct http *h);
static void start_waiting(struct http *h);

static void act(struct http *h, curl_socket_t fd, int flags)
{
	int running;
	CURLMcode rc;

	if (!h->multi || h->broken)
		return;
	rc = curl_multi_socket_action(h->multi, fd, flags, &running);
	if (rc != CURLM_OK) {
		log_warn(
			"The HTTP library failed (%s); all transfers are ended and its state is rebuilt",
			curl_multi_strerror(rc));
		h->broken = true;
		wake_later(h);
	}
	settle_finished(h);
	start_waiting(h);
}

static void on_socket_event(struct ev_loop *loop, ev_io *io, int revents)
{
	struct watcher *w = (struct watcher *)io->data;
	int flags = 0;

	(void)loop;
	if (revents & EV_READ)
		flags |= CURL_CSELECT_IN;
	if (revents & EV_WRITE)
		flags |= CURL_CSELECT_OUT;
	if (revents & EV_ERROR)
		flags |= CURL_CSELECT_ERR;
	act(w->h, io->fd, flags);
}

static void on_timeout(struct ev_loop *loop, ev_timer *t, int revents)
{
	(void)loop;
	(void)revents;
	act((struct http *)t->data, CURL_SOCKET_TIMEOUT, 0);
}

static void drop_watcher(struct watcher *w)
{
	ev_io_stop(w->h->loop, &w->io);
	LIST_REMOVE(w, link);
	free(w);
}

static struct watcher *add_watcher(struct http *h, curl_socket_t s)
{
	struct watcher *w = text_alloc(1, sizeof(*w));

	w->h = h;
	w->io.data = w;
	ev_init(&w->io, on_socket_event);
	LIST_INSERT_HEAD(&h->watchers, w, link);
	curl_multi_assign(h->multi, s, w);
	return w;
}

/*
 * CURLMOPT_SOCKETFUNCTION(3).  libcurl closes descriptors and gets the same
 * numbers again, so a watcher is always stopped, set and started: libev would
 * not notice with ev_io_modify.
 */
static int on_socket(CURL *easy, curl_socket_t s, int what, void *arg,
		     void *assigned)
{
	struct watcher *w = assigned;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w)
			drop_watcher(w);
		return 0;
	}
	if (!w)
		w = add_watcher(arg, s);
	ev_io_stop(w->h->loop, &w->io);
	ev_io_set(&w->io, s,
		  (what & CURL_POLL_IN ? EV_READ : 0) |
			  (what & CURL_POLL_OUT ? EV_WRITE : 0));
	ev_io_start(w->h->loop, &w->io);
	return 0;
}

/* CURLMOPT_TIMERFUNCTION(3): only ever (re)arms, never calls libcurl. */
static int on_timer(CURLM *multi, long ms, void *arg)
{
	struct http *h = arg;

	(void)multi;
	if (ms < 0)
		ev_timer_stop(h->loop, h->timer);
	else
		arm(h, h->timer, (double)ms / 1000.);
	return 0;
}

static CURL *take_easy(struct http *h)
{
	return h->pooled > 0 ? h->pool[--h->pooled] : curl_easy_init();
}

/* The reset also drops every pointer into the transfer. */
static void give_easy(struct http *h, CURL *e)
{
	if (h->pooled == HTTP_POOL_MAX) {
		curl_easy_cleanup(e);
		return;
	}
	curl_easy_reset(e);
	h->pool[h->pooled++] = e;
}

static void drain_pool(struct http *h)
{
	while (h->pooled > 0)
		curl_easy_cleanup(h->pool[--h->pooled]);
}

/*
 * Take it out of the multi handle and off the lists.  After new options the
 * end of the last one makes way for a new multi handle.
 */
static void withdraw(struct http_transfer *t)
{
	struct http *h = t->h;

	if (t->place == PLACE_RUNNING) {
		curl_multi_remove_handle(h->multi, t->easy);
		give_easy(h, t->easy);
		t->easy = NULL;
		TAILQ_REMOVE(&h->running, t, link);
		h->n_running--;
		if (h->stale && h->n_running == 0)
			wake_later(h);
	} else if (t->place == PLACE_FAILED) {
		TAILQ_REMOVE(&h->failed, t, link);
	}
	hosts_leave(h->hosts, &t->node);
}

/* Report it from the next turn; answer.fault is set. */
static void fail_later(struct http_transfer *t)
{
	withdraw(t);
	t->place = PLACE_FAILED;
	t->turn = t->h->turn;
	TAILQ_INSERT_TAIL(&t->h->failed, t, link);
	wake_later(t->h);
}

static void fail_local(struct http_transfer *t, enum trouble_kind kind,
		       const char *why)
{
	struct trouble w;

	http_fault_init(&w, t, kind, why);
	trouble_tell(&w, &t->answer.fault);
	fail_later(t);
}

/* Its node counts as running already. */
static void start(struct http_transfer *t)
{
	struct http *h = t->h;
	CURL *e = h->multi ? take_easy(h) : NULL;
	CURLcode rc;
	CURLMcode mrc;

	if (!e) {
		fail_local(t, TROUBLE_LOCAL, "the HTTP library did not start");
		return;
	}
	rc = (CURLcode)http_easy_prepare(e, t);
	mrc = rc == CURLE_OK ? curl_multi_add_handle(h->multi, e) : CURLM_OK;
	if (rc != CURLE_OK || mrc != CURLM_OK) {
		give_easy(h, e);
		fail_local(t, TROUBLE_LOCAL,
			   rc != CURLE_OK ? curl_easy_strerror(rc)
					  : curl_multi_strerror(mrc));
		return;
	}
	t->easy = e;
	t->place = PLACE_RUNNING;
	TAILQ_INSERT_TAIL(&h->running, t, link);
	h->n_running++;
}

/*
 * After new options nothing starts before the new multi handle: what goes on
 * with the old one would keep it, with the old certificates, for ever.
 */
static void start_waiting(struct http *h)
{
	struct host_node *n;

	while (!h->broken && !h->stale && h->n_running < RUNNING_MAX &&
	       (n = hosts_next(h->hosts)) != NULL)
		start((struct http_transfer *)n);
}

/* ---- ending ---- */

/* A fault leaves no half an answer behind. */
static void clear_answer(struct answer *a)
{
	struct answer keep = { .fault = a->fault, .maybe_sent = a->maybe_sent };

	keep.body.max = a->body.max;
	answer_wipe(a);
	*a = keep;
}

/* The transfer is off every list; tell the caller and forget it. */
static void deliver(struct http_transfer *t)
{
	struct http *h = t->h;

	t->answer.maybe_sent = t->begun;
	if (t->answer.fault.kind != FAULT_NONE)
		clear_answer(&t->answer);
	*t->slot = NULL;
	h->n_all--;
	t->cb(&t->answer, t->arg);
	http_transfer_free(t);
}

/*
 * Whoever waited for the connection that could not be made shares its fault;
 * one after the other would only wait as long again.  Not what waits for new
 * options: with these it may go well.
 */
static void share_trouble(struct http_transfer *t, const struct trouble *w)
{
	struct host *host = t->node.host;
	struct host_node *n;

	if (t->h->stale || t->begun || !trouble_is_shared(w->kind) ||
	    hosts_running(host) > 1 || hosts_limit_of(host) > 1)
		return;
	while ((n = hosts_waiting(host)) != NULL) {
		struct http_transfer *other = (struct http_transfer *)n;

		other->answer.fault = t->answer.fault;
		fail_later(other);
	}
}

static void note_failure(struct http_transfer *t, CURLcode rc)
{
	struct trouble w;

	http_fault_explain(t, (int)rc, &w);
	if (t->answer.fault.kind != FAULT_NONE)
		return; /* a cap of ours: the connection was fine */
	trouble_tell(&w, &t->answer.fault);
	share_trouble(t, &w);
	/* The connection may be gone: find out with a single transfer. */
	hosts_limit(t->h->hosts, t->node.host, 1);
}

static void note_answer(struct http_transfer *t)
{
	long status = 0;
	int64_t us = http_fault_time(t->easy, CURLINFO_STARTTRANSFER_TIME_T) -
		     http_fault_time(t->easy, CURLINFO_PRETRANSFER_TIME_T);

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	t->answer.status = (int)status;
	t->answer.rtt_ms = us > 0 ? us / 1000 : 0;
}

static void settle(struct http_transfer *t, CURLcode rc)
{
	if (rc == CURLE_OK)
		note_answer(t);
	else
		note_failure(t, rc);
	withdraw(t);
	deliver(t);
}

/*
 * curl_multi_info_read(3): the message dies with the handle's removal, so it
 * is copied first.  Callbacks may submit and cancel.
 */
static void settle_finished(struct http *h)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(h->multi, &left)) != NULL) {
		CURL *e = m->easy_handle;
		CURLcode rc = m->data.result;
		char *t = NULL;

		if (m->msg != CURLMSG_DONE ||
		    curl_easy_getinfo(e, CURLINFO_PRIVATE, &t) != CURLE_OK)
			continue;
		settle((struct http_transfer *)(void *)t, rc);
	}
}

/* ---- the multi handle ---- */

static CURLM *new_multi(struct http *h)
{
	CURLM *m = curl_multi_init();

	if (!m)
		return NULL;
	curl_multi_setopt(m, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(m, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(m, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(m, CURLMOPT_TIMERDATA, h);
	curl_multi_setopt(m, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
	curl_multi_setopt(m, CURLMOPT_MAX_HOST_CONNECTIONS,
			  h->host_connections);
	curl_multi_setopt(m, CURLMOPT_MAXCONNECTS, (long)CACHE_MAX);
	return m;
}

/* It also calls on_socket; what it leaves behind is dropped after it. */
static void end_multi(struct http *h)
{
	drain_pool(h);
	if (h->multi)
		curl_multi_cleanup(h->multi);
	h->multi = NULL;
	while (!LIST_EMPTY(&h->watchers))
		drop_watcher(LIST_FIRST(&h->watchers));
	ev_timer_stop(h->loop, h->timer);
}

/*
 * TLS sessions are otherwise kept with each easy handle alone.  A session
 * that is taken up again is not verified again, so new options begin without
 * any.  Without the share (no memory) handshakes only cost more.
 */
static void new_share(struct http *h)
{
	if (h->share && curl_share_cleanup(h->share) != CURLSHE_OK)
		return;
	h->share = curl_share_init();
	if (h->share)
		curl_share_setopt(h->share, CURLSHOPT_SHARE,
				  CURL_LOCK_DATA_SSL_SESSION);
}

static void rebuild(struct http *h)
{
	struct http_transfer *t;

	while ((t = TAILQ_FIRST(&h->running)) != NULL) {
		fault_set(
			&t->answer.fault, FAULT_TRANSIENT, 0,
			"The request to %s was ended because the HTTP library failed",
			t->where);
		fail_later(t);
	}
	end_multi(h);
	new_share(h); /* no easy handle is left that uses the old one */
	h->multi = new_multi(h);
	h->broken = h->stale = false;
}

/*
 * The next turn.  Only what failed before it is reported, so that a caller
 * who submits a hopeless request again and again does not hold the loop.
 */
static void report_failed(struct http *h)
{
	unsigned long before = h->turn++;
	struct http_transfer *t;

	while ((t = TAILQ_FIRST(&h->failed)) != NULL && t->turn <= before) {
		withdraw(t);
		deliver(t);
	}
	if (!TAILQ_EMPTY(&h->failed))
		wake_later(h);
}

static void on_later(struct ev_loop *loop, ev_timer *w, int revents)
{
	struct http *h = (struct http *)w->data;

	(void)loop;
	(void)revents;
	if (h->broken || !h->multi || (h->stale && h->n_running == 0))
		rebuild(h);
	report_failed(h);
	start_waiting(h);
}

/* ---- the interface ---- */

void http_configure(struct http *h, const struct http_options *o)
{
	free(h->ca_file);
	free(h->user_agent);
	h->ca_file = text_dup(o->ca_file);
	h->user_agent = text_dup(o->user_agent);
	h->connect_ms = o->connect_ms > 0 ? o->connect_ms : CONNECT_MS;
	h->total_ms = o->total_ms > 0 ? o->total_ms : TOTAL_MS;
	h->host_connections = o->max_host_connections > 0
				      ? o->max_host_connections
				      : HOST_CONNECTIONS;
	h->stale = true; /* also so that a changed CA file is read again */
	wake_later(h);
}

static void init_timers(struct http *h)
{
	h->timer = text_alloc(1, sizeof(*h->timer));
	h->later = text_alloc(1, sizeof(*h->later));
	ev_init(h->timer, on_timeout);
	h->timer->data = h;
	ev_init(h->later, on_later);
	h->later->data = h;
}

struct http *http_new(struct ev_loop *loop, const struct http_options *o,
		      struct fault *f)
{
	struct http *h;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		fault_set(f, FAULT_LOCAL, 0, "libcurl could not be started");
		return NULL;
	}
	h = text_alloc(1, sizeof(*h));
	h->loop = loop;
	LIST_INIT(&h->watchers);
	TAILQ_INIT(&h->running);
	TAILQ_INIT(&h->failed);
	h->hosts = hosts_new();
	init_timers(h);
	http_configure(h, o);
	h->multi = new_multi(h);
	h->stale = false;
	new_share(h);
	if (h->multi && h->share)
		return h;
	fault_set(f, FAULT_LOCAL, 0, "libcurl could not be started");
	http_free(h);
	return NULL;
}

static void cancel_all(struct http *h)
{
	struct http_transfer *t;
	struct host_node *n;

	while ((t = TAILQ_FIRST(&h->running)) != NULL)
		http_cancel(t->slot);
	while ((t = TAILQ_FIRST(&h->failed)) != NULL)
		http_cancel(t->slot);
	while ((n = hosts_next(h->hosts)) != NULL)
		http_cancel(((struct http_transfer *)n)->slot);
}

void http_free(struct http *h)
{
	if (!h)
		return;
	cancel_all(h);
	end_multi(h);
	ev_timer_stop(h->loop, h->later);
	if (h->share)
		curl_share_cleanup(h->share);
	hosts_free(h->hosts);
	free(h->ca_file);
	free(h->user_agent);
	free(h->timer);
	free(h->later);
	free(h);
	curl_global_cleanup();
}

void http_submit(struct http *h, const struct exchange *x, const char *bearer,
		 const char *client_request_id, http_done *cb, void *arg,
		 struct http_transfer **slot)
{
	struct http_transfer *t =
		http_transfer_new(h, x, bearer, client_request_id);
	char *at = http_transfer_origin(t);

	t->cb = cb;
	t->arg = arg;
	t->slot = slot;
	*slot = t;
	h->n_all++;
	if (t->unfit) {
		fail_local(
			t, TROUBLE_LOCAL,
			"the token or another header holds control characters");
	} else if (at) {
		hosts_join(h->hosts, &t->node, at);
		start_waiting(h);
	} else {
		fail_local(t, TROUBLE_URL, "malformed");
	}
	free(at);
}

void http_cancel(struct http_transfer **slot)
{
	struct http_transfer *t = *slot;

	if (!t)
		return;
	*slot = NULL;
	withdraw(t);
	t->h->n_all--;
	wake_later(t->h); /* its place is free for another */
	http_transfer_free(t);
}

size_t http_in_flight(const struct http *h)
{
	return h->n_all;
}

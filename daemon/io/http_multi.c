/*
 * http_multi: libcurl's multi interface (curl_multi_socket_action(3)) inside
 * libev, one handle with its options, connections and TLS sessions.
 */
#include <curl/curl.h>
#include <ev.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/log.h"
#include "base/text.h"
#include "io/http_internal.h"

#define CONNECT_MS 10000
#define TOTAL_MS 60000
#define KEPT 2	    /* connections of each server */
#define KEPT_MIN 32 /* of all */
#define KEPT_MOST 65536
/* In each group beyond that, for the one server in it that answers without
 * HTTP/2 and has many questions. */
#define KEPT_MORE 8

struct watcher {
	ev_io io;
	struct http_multi *m;
	LIST_ENTRY(watcher) link;
};

/* ---- the loop's side ---- */

/*
 * curl_multi_info_read(3): the message dies with the handle's removal, so it
 * is copied first.  The owner may add and remove meanwhile.
 */
static void drain(struct http_multi *m)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(m->curlm, &left)) != NULL) {
		CURL *e = msg->easy_handle;
		CURLcode rc = msg->data.result;
		char *t = NULL;

		if (msg->msg != CURLMSG_DONE ||
		    curl_easy_getinfo(e, CURLINFO_PRIVATE, &t) != CURLE_OK)
			continue;
		m->up->finished((struct http_transfer *)(void *)t, (int)rc);
	}
}

static void act(struct http_multi *m, curl_socket_t fd, int flags)
{
	int running;
	CURLMcode rc;

	if (!m->curlm || m->broken)
		return;
	m->busy = true;
	rc = curl_multi_socket_action(m->curlm, fd, flags, &running);
	if (rc != CURLM_OK) {
		log_warn(
			"The HTTP library failed (%s); all transfers are ended and its state is rebuilt",
			curl_multi_strerror(rc));
		m->broken = true;
	}
	drain(m);
	m->busy = false;
	m->up->turned(m);
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
	act(w->m, io->fd, flags);
}

static void on_timeout(struct ev_loop *loop, ev_timer *t, int revents)
{
	(void)loop;
	(void)revents;
	act((struct http_multi *)t->data, CURL_SOCKET_TIMEOUT, 0);
}

static void drop_watcher(struct watcher *w)
{
	ev_io_stop(w->m->loop, &w->io);
	LIST_REMOVE(w, link);
	free(w);
}

static struct watcher *add_watcher(struct http_multi *m, curl_socket_t s)
{
	struct watcher *w = text_alloc(1, sizeof(*w));

	w->m = m;
	w->io.data = w;
	ev_init(&w->io, on_socket_event);
	LIST_INSERT_HEAD(&m->watchers, w, link);
	curl_multi_assign(m->curlm, s, w);
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
	ev_io_stop(w->m->loop, &w->io);
	ev_io_set(&w->io, s,
		  (what & CURL_POLL_IN ? EV_READ : 0) |
			  (what & CURL_POLL_OUT ? EV_WRITE : 0));
	ev_io_start(w->m->loop, &w->io);
	return 0;
}

/*
 * CURLMOPT_TIMERFUNCTION(3): only ever (re)arms, never calls libcurl.
 * libev's timers count from its cached time: bring that up to date first.
 */
static int on_timer(CURLM *multi, long ms, void *arg)
{
	struct http_multi *m = arg;

	(void)multi;
	ev_timer_stop(m->loop, m->timer);
	if (ms < 0)
		return 0;
	ev_now_update(m->loop);
	ev_timer_set(m->timer, (double)ms / 1000., 0.);
	ev_timer_start(m->loop, m->timer);
	return 0;
}

/* ---- its life ---- */

/* Half of the descriptors: what else is open has the other half. */
static size_t most_kept(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    limit.rlim_cur / 2 > KEPT_MOST)
		return KEPT_MOST;
	return limit.rlim_cur > 2 ? (size_t)limit.rlim_cur / 2 : 1;
}

/* Connections of each server that is asked again and again, so that a round
 * of questions finds those of the last round: for so many servers, in as many
 * groups. */
static long kept_each(size_t hosts, size_t groups)
{
	size_t want = (hosts + groups - 1) / groups * KEPT;
	size_t most = most_kept() / groups;

	if (want < KEPT_MIN / groups)
		want = KEPT_MIN / groups;
	if (groups > 1)
		want += KEPT_MORE;
	return (long)(want < most ? want : most);
}

/* Few descriptors make few groups, so that each has room. */
static struct http_share *make_share(const struct http_multi *m)
{
	size_t most = most_kept() / KEPT;

	return http_share_new(m->o.hosts < most ? m->o.hosts : most);
}

/*
 * How many run with one server is the business of who starts them: no limit
 * here ever holds, for libcurl would keep one queue for all servers, whose
 * head alone is woken, and a server that hangs would stop the others.
 */
static bool open_handle(struct http_multi *m)
{
	if (m->curlm)
		return true;
	if (!m->share)
		m->share = make_share(m);
	m->curlm = m->share ? curl_multi_init() : NULL;
	if (!m->curlm)
		return false;
	curl_multi_setopt(m->curlm, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(m->curlm, CURLMOPT_SOCKETDATA, m);
	curl_multi_setopt(m->curlm, CURLMOPT_TIMERFUNCTION, on_timer);
	curl_multi_setopt(m->curlm, CURLMOPT_TIMERDATA, m);
	curl_multi_setopt(m->curlm, CURLMOPT_PIPELINING,
			  (long)CURLPIPE_MULTIPLEX);
	curl_multi_setopt(m->curlm, CURLMOPT_MAX_HOST_CONNECTIONS, 0L);
	curl_multi_setopt(m->curlm, CURLMOPT_MAXCONNECTS,
			  kept_each(m->o.hosts, http_share_number(m->share)));
	return true;
}

static void free_options(struct http_options *o)
{
	struct proxy *p = (struct proxy *)(uintptr_t)o->proxy;

	if (p)
		proxy_free(p);
	free(p);
	free((void *)(uintptr_t)o->ca_file);
	free((void *)(uintptr_t)o->user_agent);
}

static void copy_options(struct http_options *to, const struct http_options *o)
{
	*to = *o;
	to->ca_file = text_dup(o->ca_file);
	to->user_agent = text_dup(o->user_agent);
	if (o->proxy && o->proxy->url) {
		struct proxy *p = text_alloc(1, sizeof(*p));

		proxy_copy(p, o->proxy);
		to->proxy = p;
	} else {
		to->proxy = NULL;
	}
	if (to->connect_ms <= 0)
		to->connect_ms = CONNECT_MS;
	if (to->total_ms <= 0)
		to->total_ms = TOTAL_MS;
}

/*
 * TLS sessions are otherwise kept with each easy handle alone.  A session
 * that is taken up again is not verified again, so each generation begins
 * without any.
 *
 * Under HTTP/2 none is taken up after the server has closed its connection:
 * libcurl 7.88.1 frees such a one without a shutdown, and then OpenSSL 3.0
 * takes its session for a bad one (ssl/ssl_sess.c, ssl_clear_bad_session).  So
 * connections are kept, rather than made anew for less.
 */
struct http_multi *http_multi_new(struct http *h, const struct http_options *o,
				  const struct http_events *up)
{
	struct http_multi *m = text_alloc(1, sizeof(*m));

	m->h = h;
	m->loop = h->loop;
	m->up = up;
	copy_options(&m->o, o);
	LIST_INIT(&m->watchers);
	TAILQ_INIT(&m->running);
	m->timer = text_alloc(1, sizeof(*m->timer));
	ev_init(m->timer, on_timeout);
	m->timer->data = m;
	m->bundled = curl_version_info(CURLVERSION_NOW)->cainfo != NULL;
	open_handle(m);
	return m;
}

static void empty(struct http_pool *p)
{
	while (p->n > 0)
		curl_easy_cleanup(p->easy[--p->n]);
}

/* The cleanup also calls on_socket; what it leaves behind is dropped after. */
void http_multi_free(struct http_multi *m)
{
	empty(&m->bare);
	empty(&m->plain);
	if (m->curlm)
		curl_multi_cleanup(m->curlm);
	/* The analyzer does not see that what is dropped is the first no more:
	 * it does not know whom le_prev points to. */
	while (!LIST_EMPTY(&m->watchers))
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		drop_watcher(LIST_FIRST(&m->watchers));
	ev_timer_stop(m->loop, m->timer);
	http_share_free(m->share);
	free_options(&m->o);
	free(m->timer);
	free(m);
}

/* ---- its transfers ---- */

static CURL *take_easy(struct http_multi *m)
{
	return m->bare.n > 0 ? m->bare.easy[--m->bare.n] : curl_easy_init();
}

/*
 * The reset drops every pointer into the transfer, but not the share: an easy
 * handle stays within its generation.  One that served a plain transfer well
 * keeps its options for the next of these; libcurl counts its repetitions over
 * all of a handle's transfers, so one that repeated something is reset.
 */
static void give_easy(struct http_multi *m, CURL *e, bool plain)
{
	struct http_pool *p = plain ? &m->plain : &m->bare;

	if (p->n == HTTP_POOL_MAX) {
		curl_easy_cleanup(e);
		return;
	}
	if (plain)
		http_easy_leave(e);
	else
		curl_easy_reset(e);
	p->easy[p->n++] = e;
}

/* A handle that is set for this transfer; NULL with *rc: there is none. */
static CURL *prepare(struct http_multi *m, struct http_transfer *t,
		     CURLcode *rc)
{
	CURL *e;

	*rc = CURLE_OK;
	if (t->plain && m->plain.n > 0) {
		e = m->plain.easy[--m->plain.n];
		*rc = (CURLcode)http_easy_again(e, t);
	} else {
		e = take_easy(m);
		if (e)
			*rc = (CURLcode)http_easy_prepare(e, t);
	}
	return e;
}

const char *http_multi_add(struct http_multi *m, struct http_transfer *t)
{
	CURL *e = NULL;
	CURLcode rc;
	CURLMcode mrc;

	t->multi = m;
	t->proxied = !t->local && m->o.proxy &&
		     proxy_is_for(m->o.proxy, t->url);
	t->plain = !t->local && !t->proxied && !t->body &&
		   !strcmp(t->method, "GET");
	if (open_handle(m))
		e = prepare(m, t, &rc);
	if (!e) {
		t->multi = NULL;
		return "the HTTP library did not start";
	}
	mrc = rc == CURLE_OK ? curl_multi_add_handle(m->curlm, e) : CURLM_OK;
	if (rc != CURLE_OK || mrc != CURLM_OK) {
		t->multi = NULL;
		give_easy(m, e, false);
		return rc != CURLE_OK ? curl_easy_strerror(rc)
				      : curl_multi_strerror(mrc);
	}
	t->easy = e;
	t->place = PLACE_RUNNING;
	TAILQ_INSERT_TAIL(&m->running, t, link);
	m->n_running++;
	return NULL;
}

void http_multi_remove(struct http_transfer *t)
{
	struct http_multi *m = t->multi;

	curl_multi_remove_handle(m->curlm, t->easy);
	give_easy(m, t->easy, t->plain && t->served && !t->again);
	TAILQ_REMOVE(&m->running, t, link);
	m->n_running--;
	t->easy = NULL;
	t->multi = NULL;
	t->place = PLACE_NONE;
}

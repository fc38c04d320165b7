/*
 * http: starts transfers in the newest generation of multi handle, brings
 * their ends to the callers, and retires the generations of before.
 *
 * A transfer is in one of two places: running in a generation, or failed and
 * to be reported from the next turn of the loop.  Callers hold nothing but a
 * slot, which is cleared before their callback runs.
 */
#include "io/http.h"

#include <curl/curl.h>
#include <ev.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/wiping.h"
#include "io/http_internal.h"

#define GENERATIONS_MAX 4 /* a reload each, while old transfers still run */

static void wake_later(struct http *h)
{
	if (ev_is_active(h->later))
		return;
	ev_now_update(h->loop);
	ev_timer_set(h->later, 0., 0.);
	ev_timer_start(h->loop, h->later);
}

/* ---- ending ---- */

/* Take it out of its generation and off the lists. */
static void withdraw(struct http_transfer *t)
{
	if (t->place == PLACE_RUNNING)
		http_multi_remove(t);
	else if (t->place == PLACE_FAILED)
		TAILQ_REMOVE(&t->h->failed, t, link);
	t->place = PLACE_NONE;
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
	t->answer.step = trouble_step(&w);
	trouble_tell(&w, &t->answer.fault);
	fail_later(t);
}

/* A fault leaves no half an answer behind. */
static void clear_answer(struct answer *a)
{
	struct answer keep = { .fault = a->fault,
			       .maybe_sent = a->maybe_sent,
			       .vetoed = a->vetoed,
			       .step = a->step };

	keep.body.max = a->body.max;
	answer_wipe(a);
	*a = keep;
}

/*
 * The transfer is off every list; tell the caller and forget it.  A reading
 * that was held back when libcurl wanted to repeat it counts as not sent: its
 * first sending changed nothing.
 */
static void deliver(struct http_transfer *t)
{
	t->answer.maybe_sent = t->begun && !t->answer.vetoed;
	if (t->answer.fault.kind != FAULT_NONE)
		clear_answer(&t->answer);
	*t->slot = NULL;
	t->h->n_all--;
	t->cb(&t->answer, t->arg);
	http_transfer_free(t);
}

static void note_failure(struct http_transfer *t, int code)
{
	struct trouble w;

	if (t->answer.fault.kind != FAULT_NONE)
		return; /* a cap of ours: the connection was fine */
	http_fault_explain(t, code, &w);
	t->answer.step = trouble_step(&w);
	trouble_tell(&w, &t->answer.fault);
}

static void note_answer(struct http_transfer *t)
{
	long status = 0, version = 0;
	int64_t us = http_fault_time(t->easy, CURLINFO_STARTTRANSFER_TIME_T) -
		     http_fault_time(t->easy, CURLINFO_PRETRANSFER_TIME_T);

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(t->easy, CURLINFO_HTTP_VERSION, &version);
	t->answer.status = (int)status;
	t->answer.http2 = version == CURL_HTTP_VERSION_2_0;
	t->answer.rtt_ms = us > 0 ? us / 1000 : 0;
}

/* The callback may submit, cancel and configure. */
static void on_finished(struct http_transfer *t, int code)
{
	t->served = code == CURLE_OK;
	if (t->served)
		note_answer(t);
	else
		note_failure(t, code);
	withdraw(t);
	deliver(t);
}

/* ---- generations ---- */

/* What nothing runs in and nothing will start in. */
static void free_retired(struct http *h)
{
	struct http_multi *m = TAILQ_FIRST(&h->multis);
	struct http_multi *next = TAILQ_NEXT(m, link);

	while ((m = next) != NULL) {
		next = TAILQ_NEXT(m, link);
		if (m->n_running > 0 || m->busy)
			continue;
		TAILQ_REMOVE(&h->multis, m, link);
		http_multi_free(m);
	}
}

static void on_turned(struct http_multi *m)
{
	if (m->broken)
		wake_later(m->h);
	free_retired(m->h);
}

static const struct http_events events = { on_finished, on_turned };

static struct http_multi *begin_generation(struct http *h,
					   const struct http_options *o)
{
	struct http_multi *m = http_multi_new(h, o, &events);

	TAILQ_INSERT_HEAD(&h->multis, m, link);
	return m;
}

/* Where to start: a broken generation has a successor under its options. */
static struct http_multi *newest(struct http *h)
{
	struct http_multi *m = TAILQ_FIRST(&h->multis);

	return m->broken ? begin_generation(h, &m->o) : m;
}

static void end_transfers(struct http_multi *m, const char *why)
{
	struct http_transfer *t;

	while ((t = TAILQ_FIRST(&m->running)) != NULL) {
		fault_set(&t->answer.fault, FAULT_TRANSIENT, 0,
			  "The request to %s was ended because %s", t->where,
			  why);
		fail_later(t);
	}
}

/* Their watchers would call without end and without effect. */
static void end_broken(struct http *h)
{
	struct http_multi *m;

	newest(h);
	TAILQ_FOREACH(m, &h->multis, link)
		if (m->broken)
			end_transfers(m, "the HTTP library failed");
	free_retired(h);
}

void http_configure(struct http *h, const struct http_options *o)
{
	struct http_multi *m;
	int n = 0;

	begin_generation(h, o);
	free_retired(h);
	TAILQ_FOREACH(m, &h->multis, link)
		if (++n > GENERATIONS_MAX)
			end_transfers(
				m, "the options changed too often meanwhile");
	free_retired(h);
}

/* ---- the next turn ---- */

/*
 * Only what failed before it is reported, so that a caller who submits a
 * hopeless request again and again does not hold the loop.
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
	end_broken(h);
	report_failed(h);
}

/* ---- the interface ---- */

struct http *http_new(struct ev_loop *loop, const struct http_options *o,
		      struct fault *f)
{
	struct http_multi *m;
	struct http *h;

	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, wiping_alloc, wiping_free,
				 wiping_resize, wiping_copy,
				 wiping_array) != CURLE_OK) {
		fault_set(f, FAULT_LOCAL, 0, "libcurl could not be started");
		return NULL;
	}
	h = text_alloc(1, sizeof(*h));
	h->loop = loop;
	TAILQ_INIT(&h->multis);
	TAILQ_INIT(&h->failed);
	h->later = text_alloc(1, sizeof(*h->later));
	ev_init(h->later, on_later);
	h->later->data = h;
	m = begin_generation(h, o);
	if (m->curlm && m->share)
		return h;
	fault_set(f, FAULT_LOCAL, 0, "libcurl could not be started");
	http_free(h);
	return NULL;
}

void http_free(struct http *h)
{
	struct http_transfer *t;
	struct http_multi *m;

	if (!h)
		return;
	while ((t = TAILQ_FIRST(&h->failed)) != NULL)
		http_cancel(t->slot);
	while ((m = TAILQ_FIRST(&h->multis)) != NULL) {
		while ((t = TAILQ_FIRST(&m->running)) != NULL) {
			*t->slot = NULL;
			withdraw(t);
			http_transfer_free(t);
		}
		TAILQ_REMOVE(&h->multis, m, link);
		http_multi_free(m);
	}
	ev_timer_stop(h->loop, h->later);
	free(h->later);
	free(h);
	curl_global_cleanup();
}

void http_submit(struct http *h, const struct exchange *x,
		 struct bearer *bearer, const char *client_request_id,
		 http_may *may, http_done *cb, void *arg,
		 struct http_transfer **slot)
{
	struct http_transfer *t =
		http_transfer_new(x, TAILQ_FIRST(&h->multis)->o.user_agent,
				  bearer, client_request_id);
	const char *why;

	t->h = h;
	t->may = may;
	t->cb = cb;
	t->arg = arg;
	t->slot = slot;
	*slot = t;
	h->n_all++;
	if (!http_transfer_locate(t)) {
		fail_local(t, TROUBLE_URL, "malformed");
	} else if (t->unfit) {
		fail_local(
			t, TROUBLE_LOCAL,
			"the token or another header holds control characters");
	} else {
		why = http_multi_add(newest(h), t);
		if (why)
			fail_local(t, TROUBLE_LOCAL, why);
	}
}

void http_cancel(struct http_transfer **slot)
{
	struct http_transfer *t = *slot;
	struct http *h;

	if (!t)
		return;
	h = t->h;
	*slot = NULL;
	withdraw(t);
	http_transfer_free(t);
	h->n_all--;
	free_retired(h);
}

size_t http_in_flight(const struct http *h)
{
	return h->n_all;
}

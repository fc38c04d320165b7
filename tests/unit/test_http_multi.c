/*
 * http: what starts when, on which connection, and what is held back at the
 * last moment; against a TLS server that speaks HTTP/2 and HTTP/1.1.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "io/http.h"
#include "tls_server.h"

#define MANY 40

static struct ev_loop *loop;
static struct tls_server server;
static struct http *http;

struct result {
	int calls;
	struct answer a;
	struct http_transfer *slot;
	bool allowed; /* what the gate says */
	int asked;    /* how often it was */
	struct result *cancels;
};

static struct result many[120];

static bool gate(void *arg)
{
	struct result *r = arg;

	r->asked++;
	return r->allowed;
}

static void done(struct answer *a, void *arg)
{
	struct result *r = arg;

	assert_null(r->slot);
	r->calls++;
	r->a = *a;
	memset(a->headers, 0, sizeof(a->headers));
	buf_init(&a->body, 0);
	if (r->cancels)
		http_cancel(&r->cancels->slot);
}

static void turns(int n)
{
	for (int i = 0; i < n; i++) {
		ev_run(loop, EVRUN_NOWAIT);
		usleep(200);
	}
}

static void run_until(const int *value, int wanted)
{
	double end = ev_time() + 20.;

	while (*value != wanted && ev_time() < end) {
		ev_run(loop, EVRUN_NOWAIT);
		usleep(200);
	}
	assert_int_equal(*value, wanted);
}

static void submit_to(const char *host, const char *method, struct result *r)
{
	struct exchange x = { .method = method,
			      .url = text_printf("https://%s:%d/", host,
						 server.port),
			      .max_body = 1000 };

	if (strcmp(method, "GET") != 0) {
		x.body = text_dup("{}");
		x.content_type = "application/json";
	}
	http_submit(http, &x, NULL, NULL, r->allowed ? NULL : gate, done, r,
		    &r->slot);
	exchange_free(&x);
}

static void submit(struct result *r)
{
	r->allowed = true;
	submit_to("127.0.0.1", "GET", r);
}

/* With a gate that says no. */
static void submit_unwanted(const char *method, struct result *r)
{
	r->allowed = false;
	submit_to("127.0.0.1", method, r);
}

static void assert_answered(struct result *r, bool http2)
{
	if (r->a.fault.kind != FAULT_NONE)
		print_error("text: %s\n", r->a.fault.text);
	assert_int_equal(r->calls, 1);
	assert_int_equal(r->a.status, 200);
	assert_int_equal(r->a.http2, http2);
	assert_true(r->a.maybe_sent);
	assert_false(r->a.vetoed);
	assert_string_equal(buf_str(&r->a.body), "ok");
	answer_free(&r->a);
}

/* One answer, so that there is a connection. */
static void fetch(bool http2)
{
	struct result r = { 0 };

	submit(&r);
	run_until(&r.calls, 1);
	assert_answered(&r, http2);
}

static void assert_vetoed(const struct result *r, const char *method)
{
	char text[64];

	snprintf(text, sizeof(text), "The %s to 127.0.0.1:%d was not sent",
		 method, server.port);
	assert_int_equal(r->calls, 1);
	assert_int_equal(r->asked, 1);
	assert_true(r->a.vetoed);
	assert_false(r->a.maybe_sent);
	assert_int_equal(r->a.status, 0);
	assert_int_equal(r->a.fault.kind, FAULT_LOCAL);
	assert_non_null(strstr(r->a.fault.text, text));
}

static void configure(size_t hosts)
{
	struct http_options o = { .ca_file = server.ca_file,
				  .user_agent = "keyrotd/test",
				  .connect_ms = 10000,
				  .total_ms = 30000,
				  .hosts = hosts };
	struct fault f;

	if (http)
		http_configure(http, &o);
	else
		http = http_new(loop, &o, &f);
	assert_non_null(http);
}

static int start(bool http2)
{
	unsetenv("https_proxy");
	loop = ev_loop_new(EVFLAG_NOENV);
	tls_server_start(&server, loop, http2);
	memset(many, 0, sizeof(many));
	http = NULL;
	configure(0);
	return 0;
}

static int start_http1(void **state)
{
	(void)state;
	return start(false);
}

static int start_http2(void **state)
{
	(void)state;
	return start(true);
}

static int stop(void **state)
{
	(void)state;
	http_free(http);
	tls_server_stop(&server);
	ev_loop_destroy(loop);
	return 0;
}

/* ---- there is no queue ---- */

static void http1_all_at_once(void **state)
{
	(void)state;
	server.holds = true;
	for (int i = 0; i < MANY; i++)
		submit(&many[i]);
	run_until(&server.waiting, MANY);
	assert_int_equal(server.accepted, MANY);
	tls_server_release(&server);
	for (int i = 0; i < MANY; i++) {
		run_until(&many[i].calls, 1);
		assert_answered(&many[i], false);
	}
}

static void http2_shares_the_connection(void **state)
{
	(void)state;
	fetch(true);
	server.holds = true;
	for (int i = 0; i < MANY; i++)
		submit(&many[i]);
	run_until(&server.waiting, MANY);
	assert_int_equal(server.accepted, 1);
	tls_server_release(&server);
	for (int i = 0; i < MANY; i++) {
		run_until(&many[i].calls, 1);
		assert_answered(&many[i], true);
	}
	assert_int_equal(server.accepted, 1);
}

/* Nobody waits for another's connection. */
static void http2_before_a_connection(void **state)
{
	(void)state;
	server.holds = true;
	for (int i = 0; i < 5; i++)
		submit(&many[i]);
	run_until(&server.waiting, 5);
	assert_int_equal(server.accepted, 5);
	tls_server_release(&server);
	for (int i = 0; i < 5; i++) {
		run_until(&many[i].calls, 1);
		assert_answered(&many[i], true);
	}
}

/* A server that hangs holds nobody else. */
static void silent_server_holds_nobody(void **state)
{
	(void)state;
	fetch(true);
	server.holds = true;
	for (int i = 0; i < MANY; i++)
		submit(&many[i]);
	run_until(&server.waiting, MANY);
	server.holds = false;
	for (int i = MANY; i < 2 * MANY; i++) {
		many[i].allowed = true;
		submit_to("other.vault.localhost", "GET", &many[i]);
	}
	for (int i = MANY; i < 2 * MANY; i++) {
		run_until(&many[i].calls, 1);
		assert_answered(&many[i], true);
	}
	assert_int_equal(server.waiting, MANY);
	for (int i = 0; i < MANY; i++)
		http_cancel(&many[i].slot);
}

/* ---- the gate ---- */

static void veto_on_a_new_connection(void **state)
{
	bool http2 = server.http2;
	struct result r = { 0 };

	(void)state;
	submit_unwanted("PATCH", &r);
	run_until(&r.calls, 1);
	assert_vetoed(&r, "PATCH");
	turns(20);
	assert_int_equal(server.accepted, 1);
	assert_int_equal(server.requests, 0);
	/* Not used yet, it need not be fit for use: that is libcurl's to say.
	 * The next request costs one more at most, and none is left over. */
	assert_in_range(server.open, 0, 1);
	fetch(http2);
	assert_in_range(server.accepted, 1, 2);
	turns(20);
	assert_int_equal(server.open, 1);
}

static void veto_on_a_used_connection(void **state)
{
	bool http2 = server.http2;
	struct result r = { 0 };

	(void)state;
	fetch(http2);
	submit_unwanted("GET", &r);
	run_until(&r.calls, 1);
	assert_vetoed(&r, "GET");
	turns(20);
	assert_int_equal(server.accepted, 1);
	assert_int_equal(server.requests, 1);
	fetch(http2);
	assert_int_equal(server.accepted, http2 ? 1 : 2);
	assert_int_equal(server.requests, 2);
}

static void veto_beside_others(void **state)
{
	struct result r = { 0 };

	(void)state;
	fetch(true);
	server.holds = true;
	for (int i = 0; i < 5; i++)
		submit(&many[i]);
	run_until(&server.waiting, 5);
	submit_unwanted("PATCH", &r);
	run_until(&r.calls, 1);
	assert_vetoed(&r, "PATCH");
	tls_server_release(&server);
	for (int i = 0; i < 5; i++) {
		run_until(&many[i].calls, 1);
		assert_answered(&many[i], true);
	}
	assert_int_equal(server.accepted, 1);
	assert_int_equal(server.requests, 6);
}

/* The answer may change until the request goes out. */
static void gate_is_asked_last(void **state)
{
	struct result r = { 0 };

	(void)state;
	submit_unwanted("GET", &r);
	assert_int_equal(r.asked, 0);
	run_until(&server.accepted, 1);
	assert_int_equal(r.asked, 0);
	r.allowed = true;
	run_until(&r.calls, 1);
	assert_int_equal(r.asked, 1);
	assert_answered(&r, server.http2);
}

/* ---- cancel ---- */

static void cancel_while_it_runs(void **state)
{
	(void)state;
	fetch(true);
	server.holds = true;
	submit(&many[0]);
	submit(&many[1]);
	run_until(&server.waiting, 2);
	http_cancel(&many[0].slot);
	assert_null(many[0].slot);
	assert_int_equal(http_in_flight(http), 1);
	tls_server_release(&server);
	run_until(&many[1].calls, 1);
	assert_answered(&many[1], true);
	assert_int_equal(many[0].calls, 0);
	fetch(true); /* the connection goes on */
	assert_int_equal(server.accepted, 1);
}

static void cancel_before_it_is_connected(void **state)
{
	(void)state;
	submit(&many[0]);
	http_cancel(&many[0].slot);
	submit(&many[0]);
	run_until(&server.accepted, 1);
	http_cancel(&many[0].slot);
	http_cancel(&many[0].slot);
	assert_int_equal(http_in_flight(http), 0);
	turns(20);
	assert_int_equal(many[0].calls, 0);
	assert_int_equal(server.requests, 0);
	fetch(server.http2);
}

/* Two that are held back in one turn: the first to be told cancels the other,
 * which is over as well but was not told yet. */
static void cancel_what_was_held_back(void **state)
{
	(void)state;
	fetch(true);
	many[0].cancels = &many[1];
	many[1].cancels = &many[0];
	submit_unwanted("PATCH", &many[0]);
	submit_unwanted("PATCH", &many[1]);
	turns(50);
	assert_int_equal(many[0].calls + many[1].calls, 1);
	assert_int_equal(many[0].asked + many[1].asked, 2);
	assert_null(many[0].slot);
	assert_null(many[1].slot);
	assert_int_equal(http_in_flight(http), 0);
	fetch(true);
}

/* ---- generations ---- */

static void new_options_start_at_once(void **state)
{
	(void)state;
	fetch(true);
	server.holds = true;
	submit(&many[0]);
	run_until(&server.waiting, 1);
	configure(0);
	server.holds = false;
	submit(&many[1]);
	run_until(&many[1].calls, 1);
	assert_answered(&many[1], true);
	assert_int_equal(server.accepted, 2); /* not the old connection */
	assert_int_equal(server.resumed, 0);  /* nor its session */
	assert_int_equal(server.open, 2);
	assert_int_equal(many[0].calls, 0);
	tls_server_release(&server);
	run_until(&many[0].calls, 1);
	assert_answered(&many[0], true);
	run_until(&server.open, 1); /* it went with its last transfer */
	fetch(true);
	assert_int_equal(server.accepted, 2);
}

static void sessions_are_shared_within(void **state)
{
	(void)state;
	fetch(false);
	server.holds = true;
	submit(&many[0]);
	submit(&many[1]);
	run_until(&server.waiting, 2);
	assert_int_equal(server.accepted, 2);
	assert_int_equal(server.resumed, 1);
	configure(0);
	submit(&many[2]);
	run_until(&server.waiting, 3);
	assert_int_equal(server.resumed, 1);
	for (int i = 0; i < 3; i++)
		http_cancel(&many[i].slot);
}

/* A connection that the server has closed is made anew for less; but not under
 * HTTP/2 (io/http_multi.c). */
static void sessions_outlive_connections(void **state)
{
	(void)state;
	fetch(false);
	tls_server_hang_up(&server);
	assert_int_equal(server.open, 0);
	fetch(false);
	assert_int_equal(server.accepted, 2);
	assert_int_equal(server.resumed, 1);
}

static void cancel_in_an_old_generation(void **state)
{
	(void)state;
	server.holds = true;
	submit(&many[0]);
	run_until(&server.waiting, 1);
	configure(0);
	turns(20);
	assert_int_equal(server.open, 1);
	http_cancel(&many[0].slot);
	run_until(&server.open, 0);
	assert_int_equal(many[0].calls, 0);
	server.holds = false;
	fetch(server.http2);
}

/* Four may overlap; then the oldest's transfers end. */
static void generations_are_bounded(void **state)
{
	(void)state;
	server.holds = true;
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			configure(0);
		submit(&many[i]);
		run_until(&server.waiting, i + 1);
	}
	assert_int_equal(server.open, 4);
	configure(0);
	assert_int_equal(many[0].calls, 0); /* not from inside */
	run_until(&many[0].calls, 1);
	assert_int_equal(many[0].a.fault.kind, FAULT_TRANSIENT);
	assert_non_null(strstr(many[0].a.fault.text, "too often"));
	assert_true(many[0].a.maybe_sent);
	run_until(&server.open, 3);
	tls_server_release(&server);
	for (int i = 1; i < 4; i++) {
		run_until(&many[i].calls, 1);
		assert_answered(&many[i], server.http2);
	}
	run_until(&server.open, 0);
	fetch(server.http2);
}

static int configured;

static void done_and_configure(struct answer *a, void *arg)
{
	struct result *r = arg;

	(void)a;
	r->calls++;
	configured++;
	for (int i = 0; i < 6; i++)
		configure(0);
	submit(&many[10 + configured]);
}

/* From the callback of a transfer, while its own generation has its turn. */
static void options_change_in_a_callback(void **state)
{
	(void)state;
	configured = 0;
	for (int i = 0; i < 3; i++) {
		struct exchange x = { .method = "GET",
				      .url = text_printf("https://127.0.0.1:%d",
							 server.port),
				      .max_body = 1000 };

		http_submit(http, &x, NULL, NULL, NULL, done_and_configure,
			    &many[i], &many[i].slot);
		exchange_free(&x);
	}
	for (int i = 0; i < 3; i++)
		run_until(&many[i].calls, 1);
	for (int i = 11; i < 14; i++) {
		run_until(&many[i].calls, 1);
		answer_free(&many[i].a);
	}
	assert_int_equal(http_in_flight(http), 0);
	turns(20);
	assert_in_range(server.open, 0, 1);
	fetch(server.http2);
}

/* ---- the connections that are kept ---- */

#define HOSTS 100

static void ask_all_hosts(void)
{
	memset(many, 0, sizeof(many));
	for (int i = 0; i < HOSTS; i++) {
		char name[40];

		snprintf(name, sizeof(name), "v%d.vault.localhost", i);
		many[i].allowed = true;
		submit_to(name, "GET", &many[i]);
		/* In tens: more would only wait in the server's backlog. */
		for (int k = i - 9; i % 10 == 9 && k <= i; k++) {
			run_until(&many[k].calls, 1);
			assert_answered(&many[k], server.http2);
		}
	}
	turns(20);
}

static void all_known_hosts_keep_theirs(void **state)
{
	(void)state;
	configure(HOSTS);
	ask_all_hosts();
	assert_int_equal(server.accepted, HOSTS);
	assert_int_equal(server.open, HOSTS);
	ask_all_hosts();
	assert_int_equal(server.accepted, HOSTS);
}

/* libcurl's looks at connections: this one is found before the C library's. */
static unsigned looks;

int poll(struct pollfd *fds, nfds_t n, int ms)
{
	struct timespec t = { .tv_sec = ms / 1000,
			      .tv_nsec = ms % 1000 * 1000000L };

	looks += n == 1 && ms == 0;
	return ppoll(fds, n, ms < 0 ? NULL : &t, NULL);
}

/* Once a second it asks those that it could take whether they are dead. */
static void idle_ones_are_left_alone(void **state)
{
	struct timespec second = { .tv_sec = 1, .tv_nsec = 10000000 };

	(void)state;
	configure(HOSTS);
	ask_all_hosts();
	nanosleep(&second, NULL);
	memset(many, 0, sizeof(many));
	many[0].allowed = true;
	looks = 0;
	submit_to("v50.vault.localhost", "GET", &many[0]);
	run_until(&many[0].calls, 1);
	assert_answered(&many[0], server.http2);
	assert_in_range(looks, 1, 12);
	assert_int_equal(server.accepted, HOSTS);
}

/* Without being told, and no more than half of what descriptors allow. */
static void cache_has_bounds(void **state)
{
	struct rlimit before, low;

	(void)state;
	ask_all_hosts();
	assert_int_equal(server.open, 32);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	low = before;
	low.rlim_cur = 40;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	configure(HOSTS);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	ask_all_hosts();
	assert_int_equal(server.open, 20);
}

#define T1(name)                                              \
	{                                                     \
#name "/http1", name, start_http1, stop, NULL \
	}
#define T2(name)                                              \
	{                                                     \
#name "/http2", name, start_http2, stop, NULL \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T1(http1_all_at_once),
		T2(http2_shares_the_connection),
		T2(http2_before_a_connection),
		T2(silent_server_holds_nobody),
		T1(veto_on_a_new_connection),
		T2(veto_on_a_new_connection),
		T1(veto_on_a_used_connection),
		T2(veto_on_a_used_connection),
		T2(veto_beside_others),
		T1(gate_is_asked_last),
		T2(gate_is_asked_last),
		T2(cancel_while_it_runs),
		T1(cancel_before_it_is_connected),
		T2(cancel_before_it_is_connected),
		T2(cancel_what_was_held_back),
		T2(new_options_start_at_once),
		T1(sessions_are_shared_within),
		T1(sessions_outlive_connections),
		T1(cancel_in_an_old_generation),
		T2(cancel_in_an_old_generation),
		T1(generations_are_bounded),
		T2(generations_are_bounded),
		T1(options_change_in_a_callback),
		T2(options_change_in_a_callback),
		T1(all_known_hosts_keep_theirs),
		T2(all_known_hosts_keep_theirs),
		T2(idle_ones_are_left_alone),
		T1(cache_has_bounds),
		T2(cache_has_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

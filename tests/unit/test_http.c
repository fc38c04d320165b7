/*
 * http: against a small HTTP/1.1 server of our own on the same event loop,
 * which answers by the path that is asked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <ev.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "io/http.h"

/* ---- libcurl's entry point, made to fail on demand ---- */

int curl_multi_socket_action(void *multi, int fd, int flags, int *running);

static int failures_to_come;

int curl_multi_socket_action(void *multi, int fd, int flags, int *running)
{
	static int (*real)(void *, int, int, int *);

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "curl_multi_socket_action");
	if (failures_to_come > 0) {
		failures_to_come--;
		return 4; /* CURLM_INTERNAL_ERROR */
	}
	return real(multi, fd, flags, running);
}

/* ---- the server ---- */

struct conn {
	ev_io io;
	ev_timer timer;
	struct conn *next, **at;
	char in[65536];
	size_t len;
	int served;
};

static struct ev_loop *loop;
static ev_io listener;
static int port;
static struct conn *conns;
static int n_conns, n_accepted, most_conns, n_requests, n_patches;
static char last_request[65536];
static bool tls_hangs;
static const char *connect_status = "403 Forbidden";

static void conn_close(struct conn *c)
{
	ev_io_stop(loop, &c->io);
	ev_timer_stop(loop, &c->timer);
	close(c->io.fd);
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	n_conns--;
	free(c);
}

static void put(struct conn *c, const char *s, size_t len)
{
	while (len > 0) {
		ssize_t n = send(c->io.fd, s, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n <= 0)
			return; /* the client has seen enough */
		s += n;
		len -= (size_t)n;
	}
}

static void say(struct conn *c, const char *s)
{
	put(c, s, strlen(s));
}

static void say_body(struct conn *c, const char *more, size_t len)
{
	char head[512];
	char *body = malloc(len + 1);

	memset(body, 'x', len);
	snprintf(head, sizeof(head),
		 "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n%s\r\n", len, more);
	say(c, head);
	put(c, body, len);
	free(body);
}

static void say_field(struct conn *c, const char *name, size_t len)
{
	char *value = malloc(len + 1);

	memset(value, 'v', len);
	value[len] = '\0';
	say(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n");
	say(c, name);
	say(c, ": ");
	say(c, value);
	say(c, "\r\n\r\nok");
	free(value);
}

static void say_many_fields(struct conn *c)
{
	say(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n");
	for (int i = 0; i < 2000; i++)
		say(c,
		    "X-Filler: 0123456789012345678901234567890123456789\r\n");
	say(c, "\r\nok");
}

static void on_drip(struct ev_loop *l, ev_timer *w, int revents)
{
	(void)l;
	(void)revents;
	say(w->data, "x");
}

static void on_delayed(struct ev_loop *l, ev_timer *w, int revents)
{
	(void)l;
	(void)revents;
	say_body(w->data, "", 10);
}

static void later(struct conn *c, void (*cb)(struct ev_loop *, ev_timer *, int),
		  double after, double repeat)
{
	ev_timer_stop(loop, &c->timer);
	ev_timer_init(&c->timer, cb, after, repeat);
	c->timer.data = c;
	ev_timer_start(loop, &c->timer);
}

/* False: the connection was closed. */
static bool serve(struct conn *c, const char *path)
{
	c->served++;
	if (!strcmp(path, "/ok"))
		say_body(c,
			 "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
			 "X-MS-Request-Id:  abc \r\n",
			 10);
	else if (!strncmp(path, "/big/", 5))
		say_body(c, "", (size_t)atol(path + 5));
	else if (!strcmp(path, "/half"))
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf");
	else if (!strcmp(path, "/garbage"))
		say(c, "220 mail.example ESMTP\r\n");
	else if (!strcmp(path, "/endless"))
		say_field(c, "X-Endless", 200000);
	else if (!strcmp(path, "/redirect"))
		say(c, "HTTP/1.1 302 Found\r\nLocation: /ok\r\n"
		       "Content-Length: 0\r\n\r\n");
	else if (!strcmp(path, "/head"))
		say(c, "HTTP/1.1 404 No\r\nX-MS-Error-Code: BlobNotFound\r\n"
		       "Content-Length: 300000\r\n\r\n");
	else if (!strcmp(path, "/interim"))
		say(c, "HTTP/1.1 103 Early Hints\r\nLocation: /wrong\r\n\r\n"
		       "HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer a=\"b\"\r\n"
		       "WWW-Authenticate: Basic\r\nRetry-After: 1\r\n"
		       "Retry-After: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
		       "2\r\nhi\r\n0\r\nLocation: /trailer\r\n\r\n");
	else if (!strncmp(path, "/field/", 7))
		say_field(c, "WWW-Authenticate", (size_t)atol(path + 7));
	else if (!strcmp(path, "/fields"))
		say_many_fields(c);
	else if (!strcmp(path, "/delayed"))
		later(c, on_delayed, 0.02, 0.);
	else if (!strcmp(path, "/drip")) {
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n");
		later(c, on_drip, 0.05, 0.5);
	} else if (!strcmp(path, "/second-dies") && c->served == 1)
		say_body(c, "", 2);
	else if (!strcmp(path, "/hang"))
		return true;
	if (strcmp(path, "/half") && strcmp(path, "/garbage") &&
	    strcmp(path, "/die") &&
	    (strcmp(path, "/second-dies") || c->served == 1))
		return true;
	conn_close(c);
	return false;
}

static size_t request_len(struct conn *c)
{
	char *end, *l;

	c->in[c->len] = '\0';
	end = strstr(c->in, "\r\n\r\n");
	if (!end)
		return 0;
	l = strstr(c->in, "Content-Length: ");
	return (size_t)(end + 4 - c->in) + (l ? (size_t)atol(l + 16) : 0);
}

static void on_conn(struct ev_loop *l, ev_io *io, int revents)
{
	struct conn *c = io->data;
	ssize_t n = read(io->fd, c->in + c->len, sizeof(c->in) - 1 - c->len);
	size_t want;
	char path[64] = "";

	(void)l;
	(void)revents;
	if (n <= 0) {
		conn_close(c);
		return;
	}
	c->len += (size_t)n;
	if (c->in[0] == 0x16) { /* TLS: RFC 8446 section 5.1 */
		if (!tls_hangs) {
			say(c, "HTTP/1.1 400 Bad Request\r\n\r\n");
			conn_close(c);
		}
		return;
	}
	want = request_len(c);
	if (want == 0 || c->len < want)
		return;
	n_requests++;
	n_patches += !strncmp(c->in, "PATCH ", 6);
	memcpy(last_request, c->in, c->len + 1);
	if (!strncmp(c->in, "CONNECT ", 8)) {
		say(c, "HTTP/1.1 ");
		say(c, connect_status);
		say(c, "\r\nContent-Length: 0\r\n\r\n");
		conn_close(c);
		return;
	}
	sscanf(c->in, "%*s %63s", path);
	c->len = 0;
	serve(c, path);
}

static void on_listener(struct ev_loop *l, ev_io *io, int revents)
{
	int fd = accept(io->fd, NULL, NULL);
	struct conn *c;

	(void)l;
	(void)revents;
	if (fd < 0)
		return;
	c = calloc(1, sizeof(*c));
	c->next = conns;
	c->at = &conns;
	if (conns)
		conns->at = &c->next;
	conns = c;
	n_accepted++;
	if (++n_conns > most_conns)
		most_conns = n_conns;
	ev_init(&c->timer, on_delayed);
	ev_io_init(&c->io, on_conn, fd, EV_READ);
	c->io.data = c;
	ev_io_start(loop, &c->io);
}

static int bound_socket(int *number)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*number = ntohs(a.sin_port);
	return fd;
}

/* ---- the client's side ---- */

struct result {
	int calls;
	struct answer a;
	struct http_transfer *slot;
};

static struct http *http;

static void done(struct answer *a, void *arg)
{
	struct result *r = arg;

	assert_null(r->slot); /* cleared before the callback */
	r->calls++;
	r->a = *a; /* take everything out */
	memset(a->headers, 0, sizeof(a->headers));
	buf_init(&a->body, 0);
}

static void run_until(const int *calls, int wanted, double limit)
{
	double end = ev_time() + limit;

	while (*calls < wanted && ev_time() < end) {
		ev_run(loop, EVRUN_NOWAIT);
		usleep(200);
	}
	assert_int_equal(*calls, wanted);
}

static char *url(const char *path)
{
	return text_printf("http://127.0.0.1:%d%s", port, path);
}

static struct exchange get(const char *path)
{
	struct exchange x = { .method = "GET",
			      .url = url(path),
			      .metadata = true,
			      .max_body = 100000 };

	return x;
}

/* Submit, throw the exchange away at once, wait. */
static void fetch_as(struct exchange x, struct result *r)
{
	memset(r, 0, sizeof(*r));
	http_submit(http, &x, NULL, NULL, NULL, done, r, &r->slot);
	exchange_free(&x);
	assert_int_equal(r->calls, 0);
	assert_non_null(r->slot);
	run_until(&r->calls, 1, 40.);
}

static void fetch(const char *path, struct result *r)
{
	fetch_as(get(path), r);
}

static struct proxy way_out; /* none while its url is NULL */

static void options_set(long connect_ms, long total_ms)
{
	struct http_options o = { .user_agent = "keyrotd/test",
				  .proxy = &way_out,
				  .connect_ms = connect_ms,
				  .total_ms = total_ms };
	struct fault f;

	if (http)
		http_configure(http, &o);
	else
		http = http_new(loop, &o, &f);
	assert_non_null(http);
}

static void set_proxies(const char *url_or_null);

static int setup(void **state)
{
	int fd;

	(void)state;
	set_proxies(NULL);
	loop = ev_loop_new(EVFLAG_NOENV);
	fd = bound_socket(&port);
	listen(fd, 128);
	ev_io_init(&listener, on_listener, fd, EV_READ);
	ev_io_start(loop, &listener);
	n_requests = n_patches = n_accepted = most_conns = 0;
	failures_to_come = 0;
	tls_hangs = false;
	http = NULL;
	options_set(2000, 5000);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	http_free(http);
	while (conns)
		conn_close(conns);
	ev_io_stop(loop, &listener);
	close(listener.fd);
	ev_loop_destroy(loop);
	return 0;
}

/* The token is let go of while it is on its way. */
static void submit_with(const char *token, const struct exchange *x,
			const char *request_id, http_done *cb, void *arg,
			struct http_transfer **slot)
{
	struct bearer *bearer = bearer_new(token);

	http_submit(http, x, bearer, request_id, NULL, cb, arg, slot);
	bearer_let_go(bearer);
}

/* ---- tests ---- */

static void test_get(void **state)
{
	struct exchange x = get("/ok");
	struct result r = { 0 };

	(void)state;
	submit_with("secret-token", &x, "11111111-2222", done, &r, &r.slot);
	exchange_free(&x);
	assert_int_equal(http_in_flight(http), 1);
	run_until(&r.calls, 1, 5.);
	assert_int_equal(http_in_flight(http), 0);
	assert_int_equal(r.a.fault.kind, FAULT_NONE);
	assert_int_equal(r.a.status, 200);
	assert_true(r.a.maybe_sent);
	assert_true(r.a.rtt_ms >= 0 && r.a.rtt_ms < 5000);
	assert_int_equal(r.a.body.len, 10);
	assert_string_equal(r.a.headers[ANSWER_DATE],
			    "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_string_equal(r.a.headers[ANSWER_REQUEST_ID], "abc");
	assert_null(r.a.headers[ANSWER_LOCATION]);
	assert_non_null(strstr(last_request,
			       "\r\nAuthorization: Bearer secret-token\r\n"));
	assert_non_null(strstr(
		last_request, "\r\nx-ms-client-request-id: 11111111-2222\r\n"));
	assert_non_null(strstr(last_request,
			       "\r\nx-ms-return-client-request-id: true\r\n"));
	assert_non_null(strstr(last_request, "\r\nMetadata: true\r\n"));
	assert_non_null(
		strstr(last_request, "\r\nUser-Agent: keyrotd/test\r\n"));
	assert_null(strcasestr(last_request, "accept-encoding"));
	answer_free(&r.a);
}

/* A service of this host is shown its secret; Entra has its own words. */
static void test_proof(void **state)
{
	struct exchange x = get("/ok");
	struct result r;

	(void)state;
	x.metadata = false;
	x.local = x.entra = true;
	x.proof_name = "X-IDENTITY-HEADER: ";
	x.proof = text_dup("A1B2");
	memset(&r, 0, sizeof(r));
	http_submit(http, &x, NULL, "11111111-2222", NULL, done, &r, &r.slot);
	exchange_free(&x);
	run_until(&r.calls, 1, 5.);
	assert_int_equal(r.a.fault.kind, FAULT_NONE);
	assert_non_null(
		strstr(last_request, "\r\nX-IDENTITY-HEADER: A1B2\r\n"));
	assert_non_null(strstr(last_request,
			       "\r\nclient-request-id: 11111111-2222\r\n"));
	assert_non_null(
		strstr(last_request, "\r\nreturn-client-request-id: true\r\n"));
	assert_null(strstr(last_request, "x-ms-client"));
	assert_null(strstr(last_request, "Metadata"));
	assert_null(strstr(last_request, "Authorization"));
	answer_free(&r.a);
}

static void test_post_and_patch(void **state)
{
	static const char *const methods[] = { "POST", "PATCH" };
	struct result r;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct exchange x = get("/ok");
		char want[32];

		x.method = methods[i];
		x.body = text_dup("{\"a\":1}");
		x.content_type = "application/json";
		x.secret_answer = true;
		fetch_as(x, &r);
		assert_int_equal(r.a.status, 200);
		snprintf(want, sizeof(want), "%s /ok HTTP/1.1\r\n", methods[i]);
		assert_int_equal(strncmp(last_request, want, strlen(want)), 0);
		assert_non_null(strstr(last_request,
				       "Content-Type: application/json\r\n"));
		assert_non_null(strstr(last_request, "\r\n\r\n{\"a\":1}"));
		answer_wipe(&r.a);
	}
}

/* Its answer tells how long what is not sent would be. */
static void test_head(void **state)
{
	struct exchange x = get("/head");
	struct result r;

	(void)state;
	x.method = "HEAD";
	fetch_as(x, &r);
	assert_int_equal(r.a.fault.kind, FAULT_NONE);
	assert_int_equal(r.a.status, 404);
	assert_string_equal(r.a.headers[ANSWER_ERROR_CODE], "BlobNotFound");
	assert_int_equal(r.a.body.len, 0);
	assert_int_equal(strncmp(last_request, "HEAD /head HTTP/1.1\r\n", 21),
			 0);
	answer_free(&r.a);
	/* The connection goes on, and its handle with a method of its own. */
	fetch("/ok", &r);
	assert_int_equal(r.a.status, 200);
	assert_int_equal(r.a.body.len, 10);
	assert_int_equal(strncmp(last_request, "GET /ok HTTP/1.1\r\n", 18), 0);
	assert_int_equal(most_conns, 1);
	answer_free(&r.a);
}

/* Storage wants to know that there is nothing, and headers of its own. */
static void test_put_of_nothing(void **state)
{
	struct exchange x = get("/ok");
	struct result r;
	char value[EXCHANGE_VALUE_MAX + 1];

	(void)state;
	x.method = "PUT";
	x.body = text_dup("");
	x.content_type = "application/octet-stream";
	x.accept = "application/xml";
	memset(value, 'v', sizeof(value));
	value[EXCHANGE_VALUE_MAX] = '\0';
	assert_false(exchange_add_field(&x, "x-long: ", value));
	for (int i = 0; i < EXCHANGE_FIELDS; i++)
		assert_true(exchange_add_field(
			&x, "x-ms-version: ", i ? "2" : "2021-12-02"));
	assert_false(exchange_add_field(&x, "x-more: ", "1"));
	fetch_as(x, &r);
	assert_int_equal(r.a.status, 200);
	assert_int_equal(strncmp(last_request, "PUT /ok HTTP/1.1\r\n", 18), 0);
	assert_non_null(strstr(last_request, "\r\nContent-Length: 0\r\n"));
	assert_non_null(strstr(last_request, "\r\nContent-Type: application/"
					     "octet-stream\r\n"));
	assert_non_null(
		strstr(last_request, "\r\nAccept: application/xml\r\n"));
	assert_non_null(
		strstr(last_request, "\r\nx-ms-version: 2021-12-02\r\n"));
	assert_null(strstr(last_request, "x-more"));
	assert_null(strstr(last_request, "x-long"));
	answer_free(&r.a);
}

static void test_no_redirects(void **state)
{
	struct result r;

	(void)state;
	fetch("/redirect", &r);
	assert_int_equal(r.a.status, 302);
	assert_string_equal(r.a.headers[ANSWER_LOCATION], "/ok");
	assert_int_equal(n_requests, 1);
	answer_free(&r.a);
}

static void test_interim_and_trailers(void **state)
{
	struct result r;

	(void)state;
	fetch("/interim", &r);
	assert_int_equal(r.a.status, 401);
	assert_null(r.a.headers[ANSWER_LOCATION]);
	assert_string_equal(r.a.headers[ANSWER_WWW_AUTHENTICATE],
			    "Bearer a=\"b\", Basic");
	assert_string_equal(r.a.headers[ANSWER_RETRY_AFTER], "2");
	assert_string_equal(buf_str(&r.a.body), "hi");
	answer_free(&r.a);
}

static void assert_fault(const struct result *r, enum fault_kind kind,
			 bool maybe_sent, const char *text)
{
	if (!strstr(r->a.fault.text, text))
		print_error("text: %s\n", r->a.fault.text);
	assert_int_equal(r->a.fault.kind, kind);
	assert_non_null(strstr(r->a.fault.text, text));
	assert_int_equal(r->a.maybe_sent, maybe_sent);
	assert_int_equal(r->a.status, 0);
	assert_int_equal(r->a.body.len, 0);
	for (int i = 0; i < ANSWER_HEADERS; i++)
		assert_null(r->a.headers[i]);
}

static void test_body_cap(void **state)
{
	struct result r;

	(void)state;
	fetch("/big/100000", &r);
	assert_int_equal(r.a.body.len, 100000);
	answer_free(&r.a);
	fetch("/big/100001", &r);
	assert_fault(&r, FAULT_INVALID, true, "larger than 100000 bytes");
	fetch("/big/5000000", &r);
	assert_fault(&r, FAULT_INVALID, true, "larger than 100000 bytes");
}

static void test_header_caps(void **state)
{
	struct result r;

	(void)state;
	fetch("/field/8192", &r);
	assert_int_equal(r.a.status, 200);
	assert_int_equal(strlen(r.a.headers[ANSWER_WWW_AUTHENTICATE]), 8192);
	answer_free(&r.a);
	fetch("/field/8193", &r);
	assert_fault(&r, FAULT_INVALID, true, "www-authenticate");
	fetch("/fields", &r);
	assert_fault(&r, FAULT_INVALID, true, "headers are larger than 65536");
	fetch("/endless", &r);
	assert_fault(&r, FAULT_INVALID, true, "127.0.0.1");
	assert_fault(&r, FAULT_INVALID, true, "its headers are larger than");
}

static void test_broken_answers(void **state)
{
	struct result r;

	(void)state;
	fetch("/half", &r);
	assert_fault(&r, FAULT_TRANSIENT, true,
		     "before the answer was complete");
	fetch("/die", &r);
	assert_fault(&r, FAULT_TRANSIENT, true, "127.0.0.1");
	fetch("/garbage", &r);
	assert_fault(&r, FAULT_INVALID, true, "not HTTP");
	fetch("/ok", &r);
	assert_int_equal(r.a.status, 200);
	answer_free(&r.a);
}

/* Each of them is told, once. */
static void test_refused(void **state)
{
	struct result r[10] = { 0 };
	char text[128];
	int number, total = 0;
	int fd = bound_socket(&number);

	(void)state;
	close(fd);
	snprintf(text, sizeof(text),
		 "Could not reach 127.0.0.1:%d: connection refused", number);
	for (int i = 0; i < 10; i++) {
		struct exchange x = get("/");

		free(x.url);
		x.url = text_printf("http://127.0.0.1:%d/", number);
		http_submit(http, &x, NULL, NULL, NULL, done, &r[i],
			    &r[i].slot);
		exchange_free(&x);
	}
	for (int i = 0; i < 10; i++) {
		run_until(&r[i].calls, 1, 5.);
		assert_fault(&r[i], FAULT_TRANSIENT, false, text);
		assert_int_equal(r[i].a.fault.code, ECONNREFUSED);
		total += r[i].calls;
	}
	ev_run(loop, EVRUN_NOWAIT);
	assert_int_equal(total, 10);
	assert_int_equal(http_in_flight(http), 0);
}

static void test_timeouts(void **state)
{
	struct result r;

	(void)state;
	options_set(100, 300);
	fetch("/hang", &r);
	assert_fault(&r, FAULT_TRANSIENT, true, "did not answer within 300 ms");
	fetch("/drip", &r);
	assert_fault(&r, FAULT_TRANSIENT, true,
		     "did not finish its answer within 300 ms");
	options_set(1000, 5000);
	fetch("/drip", &r);
	assert_fault(&r, FAULT_TRANSIENT, true,
		     "less than 10 bytes a second for 3 s");
}

static struct exchange to_port(const char *scheme, int number)
{
	struct exchange x = get("");

	free(x.url);
	x.url = text_printf("%s://127.0.0.1:%d/ok", scheme, number);
	x.metadata = false;
	return x;
}

/* A full backlog: the kernel answers no more connection requests. */
static void test_connect_phases(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int number, fd = bound_socket(&number), fds[4];
	struct result r;

	(void)state;
	options_set(200, 2000);
	tls_hangs = true;
	fetch_as(to_port("https", port), &r);
	assert_fault(&r, FAULT_TRANSIENT, false,
		     "the TLS handshake did not end within 200 ms");
	listen(fd, 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons((uint16_t)number);
	for (int i = 0; i < 4; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(fds[i], (struct sockaddr *)&a, sizeof(a));
	}
	fetch_as(to_port("https", number), &r);
	assert_fault(&r, FAULT_TRANSIENT, false, "no connection within 200 ms");
	for (int i = 0; i < 4; i++)
		close(fds[i]);
	close(fd);
}

static void test_only_https(void **state)
{
	struct exchange x = get("/ok");
	struct result r;

	(void)state;
	/* Reading the system's certificates may take its time. */
	options_set(30000, 35000);
	x.metadata = false;
	fetch_as(x, &r);
	assert_fault(&r, FAULT_LOCAL, false, "only a well-formed https");
	assert_int_equal(n_requests, 0);
	fetch_as(to_port("https", port), &r);
	assert_fault(&r, FAULT_TRANSIENT, false, "TLS handshake failed");
	assert_int_equal(n_requests, 0);
}

static void test_bad_urls(void **state)
{
	static const char *const urls[] = { "",
					    "nonsense://",
					    "http://",
					    "http://a b/",
					    "ftp://127.0.0.1/",
					    "http://user:pw@127.0.0.1/",
					    "file:///etc/passwd" };
	struct result r;

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct exchange x = get("");

		free(x.url);
		x.url = text_dup(urls[i]);
		fetch_as(x, &r);
		assert_fault(&r, FAULT_LOCAL, false, "Nothing was sent to");
	}
}

static void test_localhost_names(void **state)
{
	struct exchange x = get("");
	struct result r;

	(void)state;
	free(x.url);
	x.url = text_printf("http://contoso.vault.localhost:%d/ok", port);
	fetch_as(x, &r);
	assert_int_equal(r.a.status, 200);
	answer_free(&r.a);
}

static void set_proxies(const char *url_or_null)
{
	static const char *const names[] = { "http_proxy", "https_proxy",
					     "HTTPS_PROXY", "all_proxy",
					     "ALL_PROXY" };

	for (int i = 0; i < 5; i++) {
		unsetenv(names[i]);
		if (url_or_null)
			setenv(names[i], url_or_null, 1);
	}
}

static void set_way_out(const char *text, const char *without)
{
	struct fault f;

	proxy_free(&way_out);
	if (text)
		assert_true(proxy_read(&way_out, text, &f));
	way_out.without = text_dup(without);
	way_out.from = "https-proxy";
	options_set(3000, 5000);
}

static void fetch_far(struct result *r)
{
	struct exchange x = to_port("https", 1);

	free(x.url);
	x.url = text_dup("https://contoso.example/");
	fetch_as(x, r);
}

/* How the server of this test answers CONNECT, and what is made of it. */
static void test_proxy_refusals(void **state)
{
	static const struct {
		const char *status, *login, *says;
	} cases[] = {
		{ "403 Forbidden", "",
		  "(from https-proxy) does not let this host reach it (HTTP "
		  "403)" },
		{ "407 Proxy Authentication Required", "",
		  "wants a user and password (HTTP 407); write them" },
		{ "407 Proxy Authentication Required", "me:hunter22@",
		  "does not accept the user and password (HTTP 407)" },
		{ "502 Bad Gateway", "me:hunter22@",
		  "could not reach it either (HTTP 502); see to the proxy's" },
		{ "503 Service Unavailable", "", "has no way to it now" },
		{ "504 Gateway Timeout", "", "got no answer from it" },
		{ "418 I'm a teapot", "", "refused it (HTTP 418)" },
		{ "302 Found", "", "refused it (HTTP 302)" },
	};
	char proxy[96], address[64];
	struct result r;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		connect_status = cases[i].status;
		snprintf(proxy, sizeof(proxy), "http://%s127.0.0.1:%d",
			 cases[i].login, port);
		snprintf(address, sizeof(address),
			 "443: the proxy http://127.0.0.1:%d (", port);
		set_way_out(proxy, NULL);
		fetch_far(&r);
		assert_fault(&r, FAULT_TRANSIENT, false, cases[i].says);
		assert_non_null(strstr(r.a.fault.text, address));
		assert_null(strstr(r.a.fault.text, "hunter22"));
		assert_int_equal(strncmp(last_request,
					 "CONNECT contoso.example:443 ", 28),
				 0);
		/* The proxy's name for us, and never the token of Azure. */
		assert_true(!strstr(last_request,
				    "\r\nProxy-Authorization: Basic ") ==
			    !cases[i].login[0]);
		assert_null(strstr(last_request, "\r\nAuthorization"));
	}
	connect_status = "403 Forbidden";
	set_way_out(NULL, NULL);
}

static void test_proxies(void **state)
{
	int number, fd = bound_socket(&number);
	char proxy[64];
	struct result r;

	(void)state;
	close(fd);
	snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", number);
	set_way_out(proxy, NULL);
	fetch_far(&r);
	assert_fault(&r, FAULT_TRANSIENT, false,
		     "(from https-proxy): Connection refused; check that name");
	fetch("/ok", &r); /* what is local never goes there */
	assert_int_equal(r.a.status, 200);
	answer_free(&r.a);
	set_way_out("http://proxy.invalid:3128", NULL);
	fetch_far(&r);
	assert_fault(&r, FAULT_TRANSIENT, false,
		     "the name of the proxy http://proxy.invalid:3128 (from "
		     "https-proxy) has no address");
	set_way_out(proxy, "10.0.0.0/8,.example");
	fetch_far(&r); /* not by the proxy, and there is no such host */
	assert_fault(&r, FAULT_TRANSIENT, false,
		     "Could not reach contoso.example:443: ");
	assert_null(strstr(r.a.fault.text, "proxy http"));
	set_way_out(NULL, NULL);
}

/* Variables are somebody else's business. */
static void test_proxies_of_the_environment(void **state)
{
	int number, fd = bound_socket(&number);
	char proxy[64];
	struct result r;

	(void)state;
	close(fd);
	snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", number);
	set_proxies(proxy);
	fetch("/ok", &r);
	assert_int_equal(r.a.status, 200);
	answer_free(&r.a);
	fetch_far(&r);
	assert_fault(&r, FAULT_TRANSIENT, false,
		     "Could not reach contoso.example:443: ");
	assert_null(strstr(r.a.fault.text, proxy));
	set_proxies(NULL);
}

static void test_header_injection(void **state)
{
	struct exchange x = get("/ok");
	struct result r = { 0 };

	(void)state;
	submit_with("token\r\nX-Evil: 1", &x, NULL, done, &r, &r.slot);
	exchange_free(&x);
	assert_int_equal(r.calls, 0);
	run_until(&r.calls, 1, 5.);
	assert_fault(&r, FAULT_LOCAL, false, "control characters");
	assert_null(strstr(r.a.fault.text, "Evil"));
	assert_int_equal(n_requests, 0);
}

/* A kept connection that dies: GET is sent again, a change is not. */
static void test_no_silent_repeat(void **state)
{
	struct exchange x = get("/second-dies");
	struct result r;

	(void)state;
	fetch("/second-dies", &r);
	answer_free(&r.a);
	fetch("/second-dies", &r);
	assert_int_equal(r.a.status, 200);
	assert_int_equal(n_requests, 3);
	answer_free(&r.a);
	x.method = "HEAD";
	fetch_as(x, &r);
	assert_int_equal(r.a.status, 200);
	assert_int_equal(n_requests, 5);
	answer_free(&r.a);
	fetch("/second-dies", &r);
	answer_free(&r.a);
	x = get("/second-dies");
	x.method = "PATCH";
	x.body = text_dup("{}");
	x.content_type = "application/json";
	fetch_as(x, &r);
	assert_fault(&r, FAULT_TRANSIENT, true,
		     "PATCH may have been carried out");
	assert_int_equal(n_patches, 1);
}

/* ---- many at once, with cancels and new ones from completions ---- */

#define MANY 300

static struct result many[MANY];
static int many_done, many_cancelled, many_begun;

static const char *const mixed[] = { "/ok",	 "/big/200000", "/half",
				     "/delayed", "/die",	"/interim",
				     "/fields",	 "/hang" };

static void begin(int i);

static void on_many(struct answer *a, void *arg)
{
	struct result *r = arg;
	int i = (int)(r - many);

	(void)a;
	assert_null(r->slot);
	r->calls++;
	many_done++;
	if (many_begun < MANY)
		begin(many_begun);
	if (i % 3 == 0 && i + 5 < MANY && many[i + 5].slot) {
		http_cancel(&many[i + 5].slot);
		many_cancelled++;
	}
	if (i % 7 == 0) { /* the same place in the table again */
		struct exchange x = get("/ok");

		many_done--;
		submit_with("t", &x, NULL, r->calls < 3 ? on_many : done, r,
			    &r->slot);
		exchange_free(&x);
	}
}

static void begin(int i)
{
	struct exchange x = get(mixed[i % 8]);

	many_begun++;
	submit_with("token", &x, NULL, on_many, &many[i], &many[i].slot);
	exchange_free(&x);
}

static void test_many(void **state)
{
	double end = ev_time() + 30.;

	(void)state;
	options_set(1000, 400);
	memset(many, 0, sizeof(many));
	many_done = many_cancelled = many_begun = 0;
	for (int i = 0; i < 40; i++)
		begin(i);
	while ((http_in_flight(http) > 0 || many_begun < MANY) &&
	       ev_time() < end) {
		ev_run(loop, EVRUN_NOWAIT);
		usleep(100);
		/* cancelling may end the chain of new ones */
		if (http_in_flight(http) == 0 && many_begun < MANY)
			begin(many_begun);
	}
	assert_int_equal(http_in_flight(http), 0);
	assert_int_equal(many_begun, MANY);
	for (int i = 0; i < MANY; i++) {
		assert_null(many[i].slot);
		answer_free(&many[i].a);
	}
}

/* Everything is open when the module ends: no callback, no leak. */
static void test_free_in_flight(void **state)
{
	struct result r[30] = { 0 };

	(void)state;
	for (int i = 0; i < 30; i++) {
		struct exchange x = get(i % 2 ? "/hang" : "/ok");

		if (i % 5 == 0) {
			free(x.url);
			x.url = text_dup("bad");
		}
		submit_with("token", &x, NULL, done, &r[i], &r[i].slot);
		exchange_free(&x);
	}
	for (int i = 0; i < 3; i++)
		ev_run(loop, EVRUN_NOWAIT);
	http_cancel(&r[1].slot);
	http_cancel(&r[1].slot);
	assert_null(r[1].slot);
	http_free(http);
	http = NULL;
	for (int i = 0; i < 30; i++) {
		assert_null(r[i].slot);
		answer_free(&r[i].a);
	}
}

/* Asks again when it failed, at once. */
static void again(struct answer *a, void *arg)
{
	struct result *r = arg;
	struct exchange x = get("/ok");

	assert_int_equal(a->fault.kind, FAULT_TRANSIENT);
	assert_non_null(strstr(a->fault.text, "HTTP library failed"));
	http_submit(http, &x, NULL, NULL, NULL, done, r, &r->slot);
	exchange_free(&x);
}

/* The library fails: all transient, nothing lost, and work goes on. */
static void test_library_failure(void **state)
{
	struct result r[20] = { 0 };

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct exchange x = get("/hang");

		http_submit(http, &x, NULL, NULL, NULL, i < 10 ? done : again,
			    &r[i], &r[i].slot);
		exchange_free(&x);
	}
	run_until(&n_requests, 20, 5.);
	failures_to_come = 1;
	say(conns, "x"); /* something happens on one of them */
	for (int i = 0; i < 20; i++)
		run_until(&r[i].calls, 1, 5.);
	assert_int_equal(failures_to_come, 0);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(r[i].a.status, i < 10 ? 0 : 200);
		assert_true(r[i].a.maybe_sent);
		answer_free(&r[i].a);
	}
	fetch("/ok", &r[0]);
	assert_int_equal(r[0].a.status, 200);
	answer_free(&r[0].a);
}

/* A reading that libcurl would repeat is wanted no more meanwhile; a change
 * is never repeated, and nobody is asked whether it may. */
static bool once(void *arg)
{
	struct result *r = arg;

	return r->calls++ == 0;
}

static void vetoed_or_not(struct answer *a, void *arg)
{
	struct result *r = arg;

	done(a, arg);
	r->calls += 10;
}

static void test_gate_and_repeat(void **state)
{
	static const char *const methods[] = { "GET", "PATCH" };
	struct result r;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct exchange x = get("/second-dies");

		fetch("/second-dies", &r);
		answer_free(&r.a);
		n_requests = 0;
		memset(&r, 0, sizeof(r));
		x.method = methods[i];
		http_submit(http, &x, NULL, NULL, once, vetoed_or_not, &r,
			    &r.slot);
		exchange_free(&x);
		/* Asked twice, or once; told once. */
		run_until(&r.calls, i == 0 ? 13 : 12, 5.);
		assert_int_equal(n_requests, 1);
		assert_int_equal(r.a.vetoed, i == 0);
		assert_int_equal(r.a.maybe_sent, i == 1);
		assert_int_equal(r.a.fault.kind,
				 i == 0 ? FAULT_LOCAL : FAULT_TRANSIENT);
	}
}

static void test_configure_drops_connections(void **state)
{
	struct result r;

	(void)state;
	fetch("/ok", &r);
	answer_free(&r.a);
	fetch("/ok", &r);
	answer_free(&r.a);
	assert_int_equal(most_conns, 1);
	options_set(1000, 1000);
	for (int i = 0; i < 20; i++) {
		ev_run(loop, EVRUN_NOWAIT);
		usleep(100);
	}
	assert_int_equal(n_conns, 0);
	fetch("/ok", &r);
	assert_int_equal(r.a.status, 200);
	answer_free(&r.a);
}

static void configure_as(const char *user_agent)
{
	struct http_options o = { .user_agent = user_agent,
				  .connect_ms = 2000,
				  .total_ms = 5000 };

	http_configure(http, &o);
}

static void begin_and_wait(const char *path, struct result *r)
{
	struct exchange x = get(path);

	memset(r, 0, sizeof(*r));
	http_submit(http, &x, NULL, NULL, NULL, done, r, &r->slot);
	exchange_free(&x);
	run_until(&n_requests, 1, 5.);
}

/* What runs goes on; the next starts at once, with the new options. */
static void test_configure_in_flight(void **state)
{
	struct result old, new;

	(void)state;
	begin_and_wait("/hang", &old);
	configure_as("keyrotd/new");
	fetch("/ok", &new);
	assert_int_equal(new.a.status, 200);
	assert_non_null(strstr(last_request, "User-Agent: keyrotd/new\r\n"));
	assert_int_equal(old.calls, 0);
	assert_int_equal(n_accepted, 2); /* not the old connection */
	answer_free(&new.a);
	fetch("/ok", &new);
	assert_int_equal(n_accepted, 2);
	answer_free(&new.a);
	http_cancel(&old.slot);
}

/* Its end alone is enough, without another transfer; also by a cancel. */
static void test_configure_wakes(void **state)
{
	struct result r;

	(void)state;
	begin_and_wait("/delayed", &r);
	configure_as("keyrotd/new");
	run_until(&r.calls, 1, 5.);
	answer_free(&r.a);
	for (int i = 0; i < 50; i++) {
		ev_run(loop, EVRUN_NOWAIT);
		usleep(100);
	}
	assert_int_equal(n_conns, 0);
	n_requests = 0;
	begin_and_wait("/hang", &r);
	configure_as("keyrotd/newer");
	ev_run(loop, EVRUN_NOWAIT);
	http_cancel(&r.slot);
	fetch("/ok", &r);
	assert_non_null(strstr(last_request, "keyrotd/newer\r\n"));
	answer_free(&r.a);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_get),
		T(test_proof),
		T(test_post_and_patch),
		T(test_head),
		T(test_put_of_nothing),
		T(test_no_redirects),
		T(test_interim_and_trailers),
		T(test_body_cap),
		T(test_header_caps),
		T(test_broken_answers),
		T(test_refused),
		T(test_timeouts),
		T(test_connect_phases),
		T(test_only_https),
		T(test_bad_urls),
		T(test_localhost_names),
		T(test_proxies),
		T(test_proxy_refusals),
		T(test_proxies_of_the_environment),
		T(test_header_injection),
		T(test_no_silent_repeat),
		T(test_many),
		T(test_free_in_flight),
		T(test_library_failure),
		T(test_gate_and_repeat),
		T(test_configure_drops_connections),
		T(test_configure_in_flight),
		T(test_configure_wakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

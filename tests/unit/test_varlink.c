/*
 * varlink: real sockets in a temporary folder, a real event loop, clients of
 * good and of bad manners.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "io/varlink.h"

static const char text_a[] = "# A test.\n\n\tinterface com.example.A\n"
			     "method Echo(s: string) -> (s: string)\n";
static const char text_b[] = "interface com.example.b.C # c\n";
static const char *const texts[] = { text_a, text_b, NULL };

static struct ev_loop *loop;
static struct varlink *server;
static char folder[64], path[128];
static struct varlink_options options;
static struct varlink_call *stream;
static int n_gone, n_calls;
static char big[600000];
static char said[1024];	      /* what Echo was asked, in order */
static int elements, element; /* of List, and how far it is */

static void on_gone(void *arg)
{
	(void)arg;
	n_gone++;
	stream = NULL;
}

/* Elements one by one, and big ones after the third. */
static bool part(struct buf *out, void *arg)
{
	(void)arg;
	if (elements > 0)
		buf_printf(out, element < 3 ? "%d" : "\"%d%200000s\"", element,
			   "");
	return ++element < elements;
}

static bool head(struct buf *out, void *arg)
{
	(void)arg;
	return buf_puts(out, "{\"now\":1}");
}

/* An object each; the second part is empty, and so is the last. */
static bool feed_part(struct buf *out, void *arg)
{
	(void)arg;
	if (element++ == 1 || element == 5)
		return element < 5;
	buf_printf(out, "{\"n\":%d}", element);
	return buf_add(out, "", 1);
}

static const struct varlink_list feed = { NULL, feed_part, on_gone };

static void flood(struct varlink_call *call)
{
	varlink_stream(call, on_gone, NULL);
	while (varlink_continue(call, big))
		;
}

static void handler(struct varlink_call *call, void *arg)
{
	const char *method = varlink_method(call);
	char reply[256];

	assert_ptr_equal(arg, &options);
	n_calls++;
	if (!strcmp(method, "com.example.A.Echo")) {
		const char *s = json_get_str(varlink_parameters(call), "s");

		if (!s) {
			varlink_invalid(call, "s");
			return;
		}
		if (strlen(said) + strlen(s) < sizeof(said))
			strcat(said, s);
		snprintf(reply, sizeof(reply), "{\"s\":\"%s\"}", s);
		varlink_reply(call, reply);
		varlink_reply(call, reply); /* a second one is nothing */
	} else if (!strcmp(method, "com.example.A.Null")) {
		varlink_reply(call,
			      varlink_parameters(call) ? "{\"p\":1}" : NULL);
	} else if (!strcmp(method, "com.example.A.Big")) {
		varlink_reply(call, big);
	} else if (!strcmp(method, "com.example.A.List")) {
		element = 0;
		varlink_list(call, "l",
			     &(struct varlink_list){ NULL, part, on_gone },
			     NULL);
	} else if (!strcmp(method, "com.example.A.Headed")) {
		element = 0;
		varlink_list(call, "l",
			     &(struct varlink_list){ head, part, on_gone },
			     NULL);
	} else if (!strcmp(method, "com.example.A.Flood")) {
		flood(call);
	} else if (!strcmp(method, "com.example.A.Stream")) {
		stream = call;
		varlink_stream(call, on_gone, NULL);
		varlink_continue(call,
				 varlink_wants_more(call) ? "{\"n\":0}" : NULL);
	} else if (!strcmp(method, "com.example.A.Feed")) {
		element = 0;
		stream = call;
		varlink_feed(call, &feed, NULL);
	} else if (!strcmp(method, "com.example.A.May")) {
		varlink_reply(call, varlink_peer_may(call, getuid(), (gid_t)-1)
					    ? "{\"may\":true}"
					    : "{\"may\":false}");
	} else if (strcmp(method, "com.example.b.C.Forgotten") != 0) {
		varlink_error(call, "org.varlink.service.MethodNotFound", NULL);
	}
}

static void turn(int times)
{
	for (int i = 0; i < times; i++) {
		ev_run(loop, EVRUN_NOWAIT);
		usleep(100);
	}
}

static void start(int fd)
{
	struct fault f = fault_none();

	server = varlink_new(loop, path, fd, &options, &f);
	if (!server)
		print_error("%s\n", f.text);
	assert_non_null(server);
}

static int setup(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/keyrotd-varlink-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	loop = ev_loop_new(EVFLAG_NOENV);
	memset(&options, 0, sizeof(options));
	options.vendor = "v\"endor";
	options.product = "p";
	options.version = "1";
	options.url = "https://u";
	options.descriptions = texts;
	options.handler = handler;
	options.arg = &options;
	n_gone = n_calls = 0;
	said[0] = '\0';
	element = elements = 0;
	stream = NULL;
	big[0] = '{';
	memset(big + 1, ' ', sizeof(big) - 3);
	big[sizeof(big) - 2] = '}';
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	varlink_free(server);
	server = NULL;
	ev_loop_destroy(loop);
	unlink(path);
	rmdir(folder);
	return 0;
}

static int dial(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	text_copy(a.sun_path, sizeof(a.sun_path), path);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* A string literal's NUL is sent as well: it ends the message. */
#define SEND(fd, s) \
	assert_int_equal(send(fd, s, sizeof(s), MSG_NOSIGNAL), sizeof(s))

/* Without its NUL the last message is not complete. */
#define send_part(fd, s) \
	assert_int_equal(send(fd, s, sizeof(s) - 1, 0), sizeof(s) - 1)

/* The next message, or "" at the end of the connection, or "(nothing)". */
static const char *receive(int fd)
{
	static char text[sizeof(big) + 1000];
	size_t len = 0;

	for (int tries = 0; tries < 300; tries++) {
		ssize_t n;

		/* Look first, so that the next message stays where it is. */
		while ((n = recv(fd, text + len, sizeof(text) - len,
				 MSG_PEEK)) > 0) {
			char *end = memchr(text + len, '\0', (size_t)n);

			if (end)
				n = end + 1 - (text + len);
			recv(fd, text + len, (size_t)n, 0);
			if (end)
				return text;
			len += (size_t)n;
			assert_true(len < sizeof(text));
		}
		if (n == 0 || (n < 0 && errno != EAGAIN))
			return "";
		turn(1);
	}
	return "(nothing)";
}

static void expect(int fd, const char *text)
{
	assert_string_equal(receive(fd), text);
}

static void ask_and_expect(const char *request, const char *text)
{
	int fd = dial();

	send(fd, request, strlen(request) + 1, MSG_NOSIGNAL);
	expect(fd, text);
	close(fd);
	turn(2);
}

static int dial_as(uid_t uid);
static void close_all(const int *fd, int n);
static void need_root(void);

/* ---- tests ---- */

static void test_service(void **state)
{
	(void)state;
	start(-1);
	ask_and_expect("{\"method\":\"org.varlink.service.GetInfo\"}",
		       "{\"parameters\":{\"vendor\":\"v\\\"endor\","
		       "\"product\":\"p\",\"version\":\"1\","
		       "\"url\":\"https://u\",\"interfaces\":"
		       "[\"org.varlink.service\",\"com.example.A\","
		       "\"com.example.b.C\"]}}");
	ask_and_expect("{\"method\":\"org.varlink.service."
		       "GetInterfaceDescription\",\"parameters\":"
		       "{\"interface\":\"com.example.b.C\"}}",
		       "{\"parameters\":{\"description\":"
		       "\"interface com.example.b.C # c\\n\"}}");
	ask_and_expect("{\"method\":\"org.varlink.service."
		       "GetInterfaceDescription\",\"parameters\":"
		       "{\"interface\":\"com.example\"}}",
		       "{\"error\":\"org.varlink.service.InterfaceNotFound\","
		       "\"parameters\":{\"interface\":\"com.example\"}}");
	ask_and_expect("{\"method\":\"org.varlink.service."
		       "GetInterfaceDescription\",\"parameters\":{}}",
		       "{\"error\":\"org.varlink.service.InvalidParameter\","
		       "\"parameters\":{\"parameter\":\"interface\"}}");
	ask_and_expect("{\"method\":\"org.varlink.service.Nothing\"}",
		       "{\"error\":\"org.varlink.service.MethodNotFound\","
		       "\"parameters\":{\"method\":"
		       "\"org.varlink.service.Nothing\"}}");
	assert_int_equal(n_calls, 0);
}

static void test_own_description(void **state)
{
	int fd;

	(void)state;
	start(-1);
	fd = dial();
	SEND(fd, "{\"method\":\"org.varlink.service.GetInterfaceDescription\","
		 "\"parameters\":{\"interface\":\"org.varlink.service\"}}");
	assert_non_null(strstr(receive(fd), "error PermissionDenied ()"));
	close(fd);
}

static void test_unknown(void **state)
{
	(void)state;
	start(-1);
	ask_and_expect("{\"method\":\"com.example.X.Y\"}",
		       "{\"error\":\"org.varlink.service.InterfaceNotFound\","
		       "\"parameters\":{\"interface\":\"com.example.X\"}}");
	ask_and_expect("{\"method\":\"\"}",
		       "{\"error\":\"org.varlink.service.InterfaceNotFound\","
		       "\"parameters\":{\"interface\":\"\"}}");
	ask_and_expect("{\"method\":\"a\\\"b\\n\"}",
		       "{\"error\":\"org.varlink.service.InterfaceNotFound\","
		       "\"parameters\":{\"interface\":\"a\\\"b\\n\"}}");
	assert_int_equal(n_calls, 0);
	ask_and_expect("{\"method\":\"com.example.A.Nope\"}",
		       "{\"error\":\"org.varlink.service.MethodNotFound\","
		       "\"parameters\":{}}");
	/* A handler that forgets the call does not leave a client waiting. */
	ask_and_expect(
		"{\"method\":\"com.example.b.C.Forgotten\"}",
		"{\"error\":\"org.varlink.service.MethodNotImplemented\","
		"\"parameters\":"
		"{\"method\":\"com.example.b.C.Forgotten\"}}");
}

static void test_parameters(void **state)
{
	(void)state;
	start(-1);
	ask_and_expect("{\"method\":\"com.example.A.Null\"}",
		       "{\"parameters\":{}}");
	ask_and_expect("{\"method\":\"com.example.A.Null\","
		       "\"parameters\":null,\"more\":null}",
		       "{\"parameters\":{}}");
	ask_and_expect("{\"method\":\"com.example.A.Null\",\"parameters\":{}}",
		       "{\"parameters\":{\"p\":1}}");
	ask_and_expect("{\"method\":\"com.example.A.Echo\"}",
		       "{\"error\":\"org.varlink.service.InvalidParameter\","
		       "\"parameters\":{\"parameter\":\"s\"}}");
	ask_and_expect("{\"method\":\"com.example.A.May\"}",
		       "{\"parameters\":{\"may\":true}}");
}

/* The number of everybody who is not shown is nobody's to be trusted, were it
 * our own; and where all are shown it is a user's as any other. */
static void test_hidden(void **state)
{
	static struct userns u;
	static const char ask[] = "{\"method\":\"com.example.A.May\"}";

	(void)state;
	u.overflow_uid = getuid();
	options.userns = &u;
	assert_true(idmap_read(&u.uids, "0 0 65536\n"));
	start(-1);
	ask_and_expect(ask, "{\"parameters\":{\"may\":false}}");
	varlink_free(server);
	assert_true(idmap_read(&u.uids, "0 0 4294967295\n"));
	start(-1);
	ask_and_expect(ask, "{\"parameters\":{\"may\":true}}");
}

/* Each of these closes its own connection and nobody else's. */
static void test_garbage(void **state)
{
	static const char *const requests[] = {
		"",
		"{",
		"[]",
		"null",
		"1",
		"hello",
		"\"x\"",
		"{\"method\":1}",
		"{\"x\":\"y\"}",
		"{\"method\":null}",
		"{\"method\":\"a.b\",\"parameters\":[]}",
		"{\"method\":\"a.b\",\"parameters\":\"x\"}",
		"{\"method\":\"a.b\",\"more\":1}",
		"{\"method\":\"a.b\",\"oneway\":\"true\"}",
		"{\"method\":\"a.b\"} {}",
		"{\"method\":\"\xff\"}",
		"{\"method\":\"a.b\",\"method\":\"a.c\"}",
		"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
	};
	int good;

	(void)state;
	start(-1);
	good = dial();
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		ask_and_expect(requests[i], "");
	SEND(good, "{\"method\":\"com.example.A.Echo\","
		   "\"parameters\":{\"s\":\"still\"}}");
	expect(good, "{\"parameters\":{\"s\":\"still\"}}");
	close(good);
}

static void test_pipeline(void **state)
{
	static const char three[] =
		"{\"method\":\"com.example.A.Echo\",\"parameters\":{\"s\":\"1\"}}\0"
		"{\"method\":\"com.example.A.Echo\",\"parameters\":{\"s\":\"2\"},"
		"\"oneway\":true}\0"
		"{\"method\":\"com.example.A.Echo\",\"parameters\":{\"s\":\"3\"}}";
	int fd;

	(void)state;
	start(-1);
	fd = dial();
	for (size_t i = 0; i < sizeof(three); i++) { /* byte by byte */
		assert_int_equal(send(fd, three + i, 1, 0), 1);
		turn(1);
	}
	expect(fd, "{\"parameters\":{\"s\":\"1\"}}");
	expect(fd, "{\"parameters\":{\"s\":\"3\"}}");
	SEND(fd, three); /* and at once */
	expect(fd, "{\"parameters\":{\"s\":\"1\"}}");
	expect(fd, "{\"parameters\":{\"s\":\"3\"}}");
	assert_int_equal(n_calls, 6);
	close(fd);
}

/* Replies larger than the socket's buffer, asked for faster than read. */
static void test_large_pipeline(void **state)
{
	int fd;

	(void)state;
	start(-1);
	fd = dial();
	for (int i = 0; i < 20; i++)
		SEND(fd, "{\"method\":\"com.example.A.Big\"}");
	turn(20);
	assert_true(n_calls < 20); /* the server does not pile them up */
	for (int i = 0; i < 20; i++)
		assert_int_equal(strlen(receive(fd)), strlen(big) + 15);
	assert_int_equal(n_calls, 20);
	close(fd);
}

static void test_stream(void **state)
{
	int fd;

	(void)state;
	start(-1);
	fd = dial();
	SEND(fd, "{\"method\":\"com.example.A.Stream\",\"more\":true}\0"
		 "{\"method\":\"com.example.A.Echo\","
		 "\"parameters\":{\"s\":\"after\"}}");
	expect(fd, "{\"parameters\":{\"n\":0},\"continues\":true}");
	assert_non_null(stream);
	assert_true(varlink_continue(stream, "{\"n\":1}"));
	assert_true(varlink_continue(stream, "{\"n\":2}"));
	expect(fd, "{\"parameters\":{\"n\":1},\"continues\":true}");
	expect(fd, "{\"parameters\":{\"n\":2},\"continues\":true}");
	assert_int_equal(n_calls, 1);
	varlink_reply(stream, "{\"n\":3}");
	expect(fd, "{\"parameters\":{\"n\":3}}");
	expect(fd, "{\"parameters\":{\"s\":\"after\"}}");
	SEND(fd, "{\"method\":\"com.example.A.Stream\",\"oneway\":true}\0"
		 "{\"method\":\"com.example.A.Echo\","
		 "\"parameters\":{\"s\":\"last\"}}");
	turn(10);
	varlink_reply(stream, "{}"); /* heard by nobody, but the next may go */
	expect(fd, "{\"parameters\":{\"s\":\"last\"}}");
	assert_int_equal(n_gone, 0);
	close(fd);
}

#define LIST "{\"method\":\"com.example.A.List\"}"
#define LIST_MORE "{\"method\":\"com.example.A.List\",\"more\":true}"

static void expect_fed(int fd)
{
	for (int n = 1; n < 5; n++) {
		char text[64];

		if (n == 2)
			continue;
		snprintf(text, sizeof(text),
			 "{\"parameters\":{\"n\":%d},\"continues\":true}", n);
		expect(fd, text);
	}
}

/* What comes part by part is followed by what happens from then on. */
static void test_feed(void **state)
{
	int fd;

	(void)state;
	start(-1);
	fd = dial();
	SEND(fd, "{\"method\":\"com.example.A.Feed\",\"more\":true}");
	expect_fed(fd);
	turn(3);
	assert_int_equal(n_gone, 0);
	assert_non_null(stream);
	assert_true(varlink_continue(stream, "{\"n\":7}"));
	expect(fd, "{\"parameters\":{\"n\":7},\"continues\":true}");
	/* The same later, and not out of the handler. */
	element = 0;
	varlink_feed(stream, &feed, NULL);
	expect_fed(fd);
	close(fd);
	turn(3);
	assert_int_equal(n_gone, 1);
}

static void test_list(void **state)
{
	int fd;

	(void)state;
	start(-1);
	fd = dial();
	SEND(fd, LIST);
	expect(fd, "{\"parameters\":{\"l\":[]}}");
	SEND(fd, LIST_MORE);
	expect(fd, "{\"parameters\":{\"l\":[]}}");
	elements = 3;
	SEND(fd, LIST);
	expect(fd, "{\"parameters\":{\"l\":[0,1,2]}}");
	SEND(fd, LIST_MORE);
	expect(fd, "{\"parameters\":{\"l\":[0]},\"continues\":true}");
	expect(fd, "{\"parameters\":{\"l\":[1]},\"continues\":true}");
	expect(fd, "{\"parameters\":{\"l\":[2]}}");
	SEND(fd, "{\"method\":\"com.example.A.List\",\"oneway\":true}\0"
		 "{\"method\":\"com.example.A.Null\"}");
	expect(fd, "{\"parameters\":{}}");
	elements = 2;
	SEND(fd, "{\"method\":\"com.example.A.Headed\"}");
	expect(fd, "{\"parameters\":{\"now\":1,\"l\":[0,1]}}");
	SEND(fd, "{\"method\":\"com.example.A.Headed\",\"more\":true}");
	expect(fd, "{\"parameters\":{\"now\":1,\"l\":[0]},"
		   "\"continues\":true}");
	expect(fd, "{\"parameters\":{\"now\":1,\"l\":[1]}}");
	assert_int_equal(n_gone, 7);
	close(fd);
}

/* What nobody takes is not made, and ends with who asked for it. */
static void test_long_list(void **state)
{
	int fd, made;

	(void)state;
	elements = 1000000;
	options.idle_ms = 100;
	start(-1);
	for (int more = 0; more < 2; more++) {
		fd = dial();
		if (more)
			SEND(fd, LIST_MORE);
		else
			SEND(fd, LIST);
		turn(50);
		made = element;
		assert_true(made > 3 && made < 20);
		turn(50);
		assert_int_equal(element, made);
		ask_and_expect("{\"method\":\"com.example.A.Null\"}",
			       "{\"parameters\":{}}");
		assert_int_equal(n_gone, more);
		for (int i = 0; i < 3000 && n_gone == more; i++)
			turn(1);
		assert_int_equal(n_gone, more + 1);
		close(fd);
	}
}

static void say(int fd, char c, int times)
{
	char request[] = "{\"method\":\"com.example.A.Echo\","
			 "\"parameters\":{\"s\":\"?\"}}";

	*strchr(request, '?') = c;
	while (times-- > 0)
		SEND(fd, request);
}

/* Nobody has to wait for another one's pipeline. */
static void test_turns(void **state)
{
	int a, b, c;

	(void)state;
	start(-1);
	a = dial();
	b = dial();
	c = dial();
	say(a, 'a', 100);
	turn(5);
	say(b, 'b', 3);
	say(c, 'c', 3);
	turn(200);
	assert_int_equal(strlen(said), 106);
	said[strspn(said, "a") + 7] = '\0';
	assert_non_null(strchr(said, 'b'));
	assert_non_null(strchr(strchr(said, 'b') + 1, 'b'));
	assert_non_null(strchr(said, 'c'));
	assert_non_null(strchr(strchr(said, 'c') + 1, 'c'));
	close_all((int[]){ a, b, c }, 3);
}

/* ... nor because a user has many of them. */
static void test_turns_of_users(void **state)
{
	int many[10], one;

	(void)state;
	need_root();
	start(-1);
	for (int i = 0; i < 10; i++) {
		many[i] = dial_as(61001);
		say(many[i], 'm', 20);
	}
	one = dial_as(61002);
	turn(5);
	said[0] = '\0';
	say(one, 'o', 5);
	turn(300);
	said[12] = '\0';
	for (int i = 0; i < 5; i++) {
		char *at = strchr(said, 'o');

		assert_non_null(at);
		*at = '.';
	}
	close_all(many, 10);
	close(one);
}

/* Without "more" the one reply may still come later. */
static void test_late_reply(void **state)
{
	int fd;

	(void)state;
	options.idle_ms = 30;
	start(-1);
	fd = dial();
	SEND(fd, "{\"method\":\"com.example.A.Stream\"}");
	expect(fd, "(nothing)");
	assert_non_null(stream);
	varlink_error(stream, "com.example.A.Late", "{\"x\":1}");
	expect(fd,
	       "{\"error\":\"com.example.A.Late\",\"parameters\":{\"x\":1}}");
	close(fd);
}

static void test_gone(void **state)
{
	int fd;

	(void)state;
	options.idle_ms = 20;
	start(-1);
	fd = dial();
	SEND(fd, "{\"method\":\"com.example.A.Stream\",\"more\":true}");
	turn(10);
	assert_non_null(stream);
	close(fd);
	turn(10);
	assert_int_equal(n_gone, 1);
	/* Half closed: still served; closed afterwards: noticed. */
	fd = dial();
	SEND(fd, "{\"method\":\"com.example.A.Stream\",\"more\":true}");
	shutdown(fd, SHUT_WR);
	turn(10);
	assert_true(varlink_continue(stream, "{\"n\":1}"));
	expect(fd, "{\"parameters\":{\"n\":0},\"continues\":true}");
	expect(fd, "{\"parameters\":{\"n\":1},\"continues\":true}");
	close(fd);
	turn(500);
	assert_int_equal(n_gone, 2);
	/* The server ends first. */
	fd = dial();
	SEND(fd, "{\"method\":\"com.example.A.Stream\",\"more\":true}");
	turn(10);
	varlink_free(server);
	server = NULL;
	assert_int_equal(n_gone, 3);
	close(fd);
}

static void test_half_close(void **state)
{
	int fd;

	(void)state;
	start(-1);
	fd = dial();
	send_part(
		fd,
		"{\"method\":\"com.example.A.Echo\",\"parameters\":{\"s\":\"a\"}}\0"
		"{\"method\":\"com.example.A.Big\"}\0"
		"{\"method\":\"com.example.A.Echo\",\"parameters\":{\"s\":\"b\"}}\0"
		"{\"method\":\"unfinished");
	shutdown(fd, SHUT_WR);
	turn(5);
	expect(fd, "{\"parameters\":{\"s\":\"a\"}}");
	assert_int_equal(strlen(receive(fd)), strlen(big) + 15);
	expect(fd, "{\"parameters\":{\"s\":\"b\"}}");
	expect(fd, "");
	close(fd);
}

static void test_request_size(void **state)
{
	char request[1001];
	int fd;

	(void)state;
	options.max_request = sizeof(request) - 1;
	start(-1);
	memset(request, ' ', sizeof(request));
	memcpy(request, "{\"method\":\"com.example.A.Null\"}", 31);
	request[1000] = '\0';
	fd = dial();
	for (int i = 0; i < 3; i++)
		assert_int_equal(send(fd, request, 1001, 0), 1001);
	for (int i = 0; i < 3; i++)
		expect(fd, "{\"parameters\":{}}");
	request[1000] = ' ';
	send(fd, request, 1001, 0);
	expect(fd, "");
	close(fd);
	ask_and_expect(big, "");
}

static void test_too_many_nodes(void **state)
{
	static char request[60000] =
		"{\"method\":\"a.b\",\"parameters\":{\"a\":[0";

	(void)state;
	start(-1);
	for (int i = 0; i < 20000; i++)
		strcat(request + 2 * i, ",0");
	strcat(request, "]}}");
	ask_and_expect(request, "");
}

/* A stream to somebody who does not read ends at the limit. */
static void test_slow_reader(void **state)
{
	int fd;

	(void)state;
	options.max_queued = 2000000;
	start(-1);
	fd = dial();
	SEND(fd, "{\"method\":\"com.example.A.Stream\",\"more\":true}");
	turn(10);
	for (int i = 0; i < 100 && n_gone == 0; i++) {
		bool ok = varlink_continue(stream, big);

		assert_int_equal(ok, n_gone == 0);
		turn(1);
	}
	assert_int_equal(n_gone, 1);
	close(fd);
	/* The same from within the handler, and by a single large reply. */
	fd = dial();
	SEND(fd, "{\"method\":\"com.example.A.Flood\",\"more\":true}");
	turn(10);
	assert_int_equal(n_gone, 2);
	close(fd);
	varlink_free(server);
	options.max_queued = 100;
	start(-1);
	ask_and_expect("{\"method\":\"com.example.A.Big\"}", "");
}

static void test_idle(void **state)
{
	int silent, slow, busy;

	(void)state;
	options.idle_ms = 60;
	start(-1);
	silent = dial();
	slow = dial();
	busy = dial();
	for (int i = 0; i < 10; i++) {
		send(slow, "{", 1, MSG_NOSIGNAL); /* never a whole request */
		SEND(busy, "{\"method\":\"com.example.A.Null\"}");
		expect(busy, "{\"parameters\":{}}");
		usleep(12000);
		turn(1);
	}
	expect(silent, "");
	expect(slow, "");
	SEND(busy, "{\"method\":\"com.example.A.Null\"}");
	expect(busy, "{\"parameters\":{}}");
	close(silent);
	close(slow);
	/* Unread replies count as idle, too. */
	for (int i = 0; i < 5; i++)
		SEND(busy, "{\"method\":\"com.example.A.Big\"}");
	turn(10);
	usleep(100000);
	turn(2);
	while (*receive(busy) == '{')
		;
	assert_true(n_calls < 16);
	close(busy);
}

static void test_many_clients(void **state)
{
	int fd[70], open_ones = 0;

	(void)state;
	start(-1);
	for (int i = 0; i < 70; i++) {
		fd[i] = dial();
		turn(1);
	}
	turn(10);
	for (int i = 0; i < 70; i++) {
		send(fd[i], "{\"method\":\"com.example.A.Null\"}", 32,
		     MSG_NOSIGNAL);
		open_ones += *receive(fd[i]) == '{';
	}
	assert_int_equal(open_ones, 64);
	for (int i = 0; i < 70; i++)
		close(fd[i]);
	turn(5);
	ask_and_expect("{\"method\":\"com.example.A.Null\"}",
		       "{\"parameters\":{}}");
}

/* ---- several users: a child becomes one and connects our socket ---- */

static int dial_as(uid_t uid)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int status;
	pid_t child;

	text_copy(a.sun_path, sizeof(a.sun_path), path);
	child = fork();
	assert_int_not_equal(child, -1);
	if (child == 0)
		_exit(setuid(uid) != 0 ||
		      connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	turn(2);
	return fd;
}

/* Up to n streams of that user, which are never idle: how many opened. */
static int open_streams(uid_t uid, int *fd, int n)
{
	static const char call[] =
		"{\"method\":\"com.example.A.Stream\",\"more\":true}";
	int opened = 0;

	for (int i = 0; i < n; i++) {
		fd[i] = dial_as(uid);
		send(fd[i], call, sizeof(call), MSG_NOSIGNAL);
		opened += *receive(fd[i]) == '{';
	}
	return opened;
}

static void close_all(const int *fd, int n)
{
	for (int i = 0; i < n; i++)
		close(fd[i]);
	turn(20);
}

static void need_root(void)
{
	if (getuid() != 0)
		skip();
	assert_int_equal(chmod(folder, 0711), 0);
}

static void test_clients_of_one_user(void **state)
{
	int fd[20], one, more[5];

	(void)state;
	need_root();
	start(-1);
	assert_int_equal(open_streams(61001, fd, 20), 16);
	assert_int_equal(open_streams(0, more, 5), 5);
	assert_int_equal(open_streams(61002, &one, 1), 1);
	close(one);
	close_all(fd, 20);
	assert_int_equal(open_streams(61001, &one, 1), 1);
	close(one);
	close_all(more, 5);
}

/* However many users there are, four places are not theirs. */
static void test_places_kept(void **state)
{
	int fd[64], root[6];
	int opened = 0;

	(void)state;
	need_root();
	start(-1);
	for (int i = 0; i < 4; i++)
		opened += open_streams((uid_t)(61001 + i), fd + 16 * i, 16);
	assert_int_equal(opened, 60);
	assert_int_equal(open_streams(0, root, 6), 4);
	close_all(fd, 64);
	close_all(root, 6);
	assert_int_equal(open_streams(61001, fd, 1), 1);
	close_all(fd, 1);
}

static void test_limit_of_one(void **state)
{
	int fd[2], root;

	(void)state;
	need_root();
	options.max_per_uid = 1;
	start(-1);
	assert_int_equal(open_streams(61001, fd, 2), 1);
	assert_int_equal(open_streams(0, &root, 1), 1);
	close_all(fd, 2);
	close(root);
}

/* ---- the memory of all queues together ---- */

/* A client that asks for `big` and does not read it; false: it was closed. */
static bool ask_big(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLRDHUP };
	char byte;

	SEND(fd, "{\"method\":\"com.example.A.Big\"}");
	turn(10);
	return poll(&p, 1, 0) == 0 && recv(fd, &byte, 1, MSG_PEEK) == 1;
}

static void test_memory_of_all(void **state)
{
	int fd[4];

	(void)state;
	options.max_queued_all = 2000000;
	start(-1);
	for (int i = 0; i < 4; i++) {
		fd[i] = dial();
		assert_int_equal(ask_big(fd[i]), i < 3);
	}
	assert_int_equal(strlen(receive(fd[0])), strlen(big) + 15);
	turn(5);
	close(fd[3]);
	fd[3] = dial(); /* what was read has made room */
	assert_true(ask_big(fd[3]));
	/* Small answers still fit. */
	SEND(fd[0], "{\"method\":\"com.example.A.Null\"}");
	expect(fd[0], "{\"parameters\":{}}");
	close_all(fd, 4);
}

/* A queue that is read but for its end still takes its memory. */
static void test_memory_half_read(void **state)
{
	static char half[300000];
	int fd[3];

	(void)state;
	options.max_queued_all = 1500000;
	start(-1);
	for (int i = 0; i < 3; i++)
		fd[i] = dial();
	for (int i = 0; i < 2; i++) {
		ssize_t len = 0, n = 0;

		assert_true(ask_big(fd[i]));
		for (int t = 0; t < 300 && len < (ssize_t)sizeof(half); t++) {
			n = recv(fd[i], half, sizeof(half) - (size_t)len, 0);
			len += n > 0 ? n : 0;
			turn(1);
		}
		assert_int_equal(len, sizeof(half));
	}
	assert_false(ask_big(fd[2]));
	close_all(fd, 3);
}

static void test_memory_kept(void **state)
{
	int fd[3];

	(void)state;
	need_root();
	options.max_queued_all = 2000000;
	start(-1);
	for (int i = 0; i < 3; i++) {
		fd[i] = dial_as((uid_t)(61001 + i));
		assert_int_equal(ask_big(fd[i]), i < 2);
	}
	close(fd[2]);
	fd[2] = dial();
	assert_true(ask_big(fd[2]));
	close_all(fd, 3);
}

static char warning[512];
static int n_warnings;

static void on_log(int level, const char *text, const struct log_field *fields,
		   void *arg)
{
	(void)fields;
	(void)arg;
	if (level != LOG_LEVEL_WARNING)
		return;
	n_warnings++;
	text_copy(warning, sizeof(warning), text);
}

static void test_large_reply_is_told(void **state)
{
	char who[64];
	int fd;

	(void)state;
	n_warnings = 0;
	log_sink_set(on_log, NULL);
	options.max_queued = 100;
	start(-1);
	ask_and_expect("{\"method\":\"com.example.A.Big\"}", "");
	assert_int_equal(n_warnings, 1);
	snprintf(who, sizeof(who), "process %ld (uid %ld) has 600015 bytes",
		 (long)getpid(), (long)getuid());
	assert_non_null(strstr(warning, who));
	assert_non_null(strstr(warning, "no more than 100 waiting"));
	/* Replies that fit one by one are not that. */
	fd = dial();
	SEND(fd, "{\"method\":\"com.example.A.Stream\",\"more\":true}");
	turn(10);
	for (int i = 0; i < 100000 && n_gone == 0; i++)
		varlink_continue(stream, "{\"n\":1}");
	assert_int_equal(n_gone, 1);
	assert_int_equal(n_warnings, 1);
	log_sink_set(NULL, NULL);
	close(fd);
}

/* Without descriptors the listener rests instead of spinning. */
static void test_no_descriptors(void **state)
{
	struct rlimit was, none;
	int fd;

	(void)state;
	start(-1);
	fd = dial();
	SEND(fd, "{\"method\":\"com.example.A.Null\"}");
	getrlimit(RLIMIT_NOFILE, &was);
	none = was;
	none.rlim_cur = (rlim_t)fd;
	setrlimit(RLIMIT_NOFILE, &none);
	turn(3);
	setrlimit(RLIMIT_NOFILE, &was);
	turn(3);
	assert_int_equal(n_calls, 0); /* it rests */
	usleep(1100000);
	ask_and_expect("{\"method\":\"com.example.A.Null\"}",
		       "{\"parameters\":{}}");
	close(fd);
}

static void test_socket_file(void **state)
{
	struct fault f = fault_none();
	struct stat st;
	int fd;

	(void)state;
	start(-1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0666);
	/* A second server finds the first. */
	assert_null(varlink_new(loop, path, -1, &options, &f));
	assert_int_equal(f.kind, FAULT_LOCAL);
	assert_non_null(strstr(f.text, "another process answers there"));
	varlink_free(server);
	server = NULL;
	assert_int_equal(access(path, F_OK), -1);
	/* A stale file is replaced. */
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	{
		struct sockaddr_un a = { .sun_family = AF_UNIX };

		text_copy(a.sun_path, sizeof(a.sun_path), path);
		assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	}
	close(fd);
	start(-1);
	ask_and_expect("{\"method\":\"com.example.A.Null\"}",
		       "{\"parameters\":{}}");
	/* A successor's file is not ours to remove. */
	unlink(path);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	varlink_free(server);
	server = NULL;
	assert_int_equal(access(path, F_OK), 0);
	/* And what is no socket stays. */
	assert_null(varlink_new(loop, path, -1, &options, &f));
	assert_non_null(strstr(f.text, "no socket"));
	assert_int_equal(access(path, F_OK), 0);
}

static void test_bad_paths(void **state)
{
	char too_long[200];
	struct fault f;

	(void)state;
	memset(too_long, 'x', sizeof(too_long));
	too_long[199] = '\0';
	assert_null(varlink_new(loop, too_long, -1, &options, &f));
	assert_int_equal(f.kind, FAULT_LOCAL);
	assert_null(varlink_new(loop, "", -1, &options, &f));
	assert_null(varlink_new(loop, "/nonexistent/x/y", -1, &options, &f));
	assert_int_equal(f.code, ENOENT);
}

static void test_activation(void **state)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct fault f;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	int pair[2];

	(void)state;
	text_copy(a.sun_path, sizeof(a.sun_path), path);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_null(varlink_new(loop, path, fd, &options, &f)); /* no listen */
	assert_int_equal(listen(fd, 5), 0);
	start(fd);
	ask_and_expect("{\"method\":\"com.example.A.Null\"}",
		       "{\"parameters\":{}}");
	varlink_free(server);
	server = NULL;
	assert_int_equal(access(path, F_OK), 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	assert_int_equal(pipe(pair), 0);
	assert_null(varlink_new(loop, path, pair[0], &options, &f));
	assert_int_equal(f.kind, FAULT_LOCAL);
	close(pair[0]);
	close(pair[1]);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_service),
		T(test_own_description),
		T(test_unknown),
		T(test_parameters),
		T(test_hidden),
		T(test_garbage),
		T(test_pipeline),
		T(test_large_pipeline),
		T(test_stream),
		T(test_feed),
		T(test_list),
		T(test_long_list),
		T(test_turns),
		T(test_turns_of_users),
		T(test_late_reply),
		T(test_gone),
		T(test_half_close),
		T(test_request_size),
		T(test_too_many_nodes),
		T(test_slow_reader),
		T(test_idle),
		T(test_many_clients),
		T(test_no_descriptors),
		T(test_socket_file),
		T(test_bad_paths),
		T(test_activation),
		T(test_clients_of_one_user),
		T(test_places_kept),
		T(test_limit_of_one),
		T(test_memory_of_all),
		T(test_memory_half_read),
		T(test_memory_kept),
		T(test_large_reply_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

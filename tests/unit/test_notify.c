/* notify: a real datagram socket as NOTIFY_SOCKET; the journal is replaced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "io/notify.h"

/* ---- the journal's entry point, kept here ---- */

int sd_journal_sendv(const struct iovec *v, int n);

static char entry[20][9000];
static int n_entries, journal_result;

int sd_journal_sendv(const struct iovec *v, int n)
{
	n_entries = n;
	for (int i = 0; i < n; i++) {
		assert_true(v[i].iov_len < sizeof(entry[i]));
		memcpy(entry[i], v[i].iov_base, v[i].iov_len);
		entry[i][v[i].iov_len] = '\0';
	}
	return journal_result;
}

/* ---- the manager's socket ---- */

static int manager = -1;
static char path[64];

static int setup(void **state)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	(void)state;
	snprintf(path, sizeof(path), "/tmp/keyrotd-notify-%ld", (long)getpid());
	unlink(path);
	text_copy(a.sun_path, sizeof(a.sun_path), path);
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(manager, (struct sockaddr *)&a, sizeof(a)), 0);
	setenv("NOTIFY_SOCKET", path, 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	unsetenv("JOURNAL_STREAM");
	close(manager);
	unlink(path);
	return 0;
}

static const char *heard(void)
{
	static char text[4096];
	ssize_t n = recv(manager, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void test_states(void **state)
{
	(void)state;
	notify_ready("Watching 2 keys.");
	assert_string_equal(heard(), "READY=1\nSTATUS=Watching 2 keys.");
	notify_reloading(123456789012345);
	assert_string_equal(heard(),
			    "RELOADING=1\nMONOTONIC_USEC=123456789012345");
	notify_ready("Watching 2 keys.");
	assert_string_equal(heard(), "READY=1\nSTATUS=Watching 2 keys.");
	notify_alive();
	assert_string_equal(heard(), "WATCHDOG=1");
	notify_stopping();
	assert_string_equal(heard(), "STOPPING=1");
}

/* What could not be sent for want of a descriptor is sent as soon as there is
 * one: a manager that never hears READY=1 gives up. */
static void test_no_descriptor(void **state)
{
	struct rlimit usual, none;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
	none = usual;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	notify_ready("Started.");
	notify_status("Started.");
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
	assert_string_equal(heard(), "");
	notify_status("Started.");
	assert_string_equal(heard(), "READY=1\nSTATUS=Started.");
	notify_status("Started.");
	assert_string_equal(heard(), "");
}

static void test_status(void **state)
{
	char text[2000], want[600];

	(void)state;
	notify_status("one");
	assert_string_equal(heard(), "STATUS=one");
	notify_status("one");
	assert_string_equal(heard(), "");
	notify_status("two\nSTOPPING=1\r\x7f\x01");
	assert_string_equal(heard(), "STATUS=two STOPPING=1   ");
	notify_status("two STOPPING=1   ");
	assert_string_equal(heard(), "");
	notify_ready("one\nREADY=0");
	assert_string_equal(heard(), "READY=1\nSTATUS=one READY=0");
	notify_status(NULL);
	assert_string_equal(heard(), "STATUS=");
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	notify_status(text);
	snprintf(want, sizeof(want), "STATUS=%.511s", text);
	assert_string_equal(heard(), want);
}

static void test_nobody_listens(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	notify_ready("a");
	notify_stopping();
	setenv("NOTIFY_SOCKET", "/nonexistent/socket", 1);
	notify_ready("b");
	notify_status("c");
	setenv("NOTIFY_SOCKET", "nonsense", 1);
	notify_alive();
	assert_string_equal(heard(), "");
}

static void test_watchdog(void **state)
{
	(void)state;
	assert_int_equal(notify_watchdog_ms(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	assert_int_equal(notify_watchdog_ms(), 10000);
	setenv("WATCHDOG_USEC", "5", 1);
	assert_int_equal(notify_watchdog_ms(), 1);
	setenv("WATCHDOG_USEC", "nonsense", 1);
	assert_int_equal(notify_watchdog_ms(), 0);
	setenv("WATCHDOG_USEC", "30000000", 1);
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(notify_watchdog_ms(), 0);
}

static void test_listen_fd(void **state)
{
	char pid[32];

	(void)state;
	assert_int_equal(notify_listen_fd(), -1);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "2", 1);
	{
		int was3 = dup(3), was4 = dup(4);
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);
		struct sockaddr_un a = { .sun_family = AF_UNIX };

		bind(fd, (struct sockaddr *)&a, sizeof(sa_family_t));
		listen(fd, 1);
		dup2(STDIN_FILENO, 3); /* not a socket */
		dup2(fd, 4);
		assert_int_equal(notify_listen_fd(), 4);
		assert_int_equal(notify_listen_fd(), 4);
		dup2(STDIN_FILENO, 4);
		assert_int_equal(notify_listen_fd(), -1);
		if (was3 >= 0)
			dup2(was3, 3);
		if (was4 >= 0)
			dup2(was4, 4);
		close(was3);
		close(was4);
		close(fd);
	}
}

static void test_stderr(void **state)
{
	char text[64];
	struct stat st;

	(void)state;
	assert_false(notify_stderr_is_journal());
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(text, sizeof(text), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", text, 1);
	assert_true(notify_stderr_is_journal());
	strcat(text, "x");
	setenv("JOURNAL_STREAM", text, 1);
	assert_false(notify_stderr_is_journal());
	setenv("JOURNAL_STREAM", "1:1", 1);
	assert_false(notify_stderr_is_journal());
	setenv("JOURNAL_STREAM", "", 1);
	assert_false(notify_stderr_is_journal());
}

static void test_journal(void **state)
{
	static const struct log_field fields[] = {
		{ "KEYROTD_REGISTRY", "/subscriptions/x\nPRIORITY=0" },
		{ "bad name", "x" },
		{ "_PID", "1" },
		{ "KEYROTD_KEY", NULL },
		{ "1X", "x" },
		{ "KEYROTD_KIND", "throttled" },
		{ NULL, NULL },
	};

	(void)state;
	journal_result = 0;
	notify_journal(4, "A line = 100 %s.", fields, NULL);
	assert_int_equal(n_entries, 5);
	assert_string_equal(entry[0], "PRIORITY=4");
	assert_string_equal(entry[1], "SYSLOG_IDENTIFIER=keyrotd");
	assert_string_equal(entry[2], "MESSAGE=A line = 100 %s.");
	assert_string_equal(entry[3],
			    "KEYROTD_REGISTRY=/subscriptions/x\nPRIORITY=0");
	assert_string_equal(entry[4], "KEYROTD_KIND=throttled");
	notify_journal(6, "Alone.", NULL, NULL);
	assert_int_equal(n_entries, 3);
}

static void test_journal_bounds(void **state)
{
	static char value[20000];
	struct log_field fields[41];

	(void)state;
	memset(value, 'x', sizeof(value) - 1);
	for (int i = 0; i < 40; i++)
		fields[i] = (struct log_field){ "KEYROTD_F", value };
	fields[40] = (struct log_field){ NULL, NULL };
	notify_journal(3, value, fields, NULL);
	assert_int_equal(n_entries, 16);
	assert_int_equal(strlen(entry[2]), 8 + 8192);
	assert_int_equal(strlen(entry[15]), 10 + 8192);
}

/* A journal that cannot be reached: the line goes to standard error. */
static void test_journal_fails(void **state)
{
	char text[128] = "";
	int was = dup(STDERR_FILENO), ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	journal_result = -EPERM;
	notify_journal(3, "Lost?", NULL, NULL);
	journal_result = 0;
	dup2(was, STDERR_FILENO);
	assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
	assert_string_equal(text, "<3>Lost?\n");
	close(was);
	close(ends[0]);
	close(ends[1]);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* Nobody reads: no wait, and what is to be known comes later. */
static void a_manager_that_does_not_read(void **state)
{
	char text[1024];
	ssize_t n;
	bool ready = false;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "sentence %d", i);
		notify_status(text);
		notify_alive();
	}
	notify_ready("at last");
	notify_stopping();
	notify_ready("once more");
	while ((n = recv(manager, text, sizeof(text) - 1, 0)) > 0)
		;
	notify_status("it reads again");
	while ((n = recv(manager, text, sizeof(text) - 1, 0)) > 0) {
		text[n] = '\0';
		ready |= strstr(text, "READY=1\nSTATUS=it reads again") != NULL;
	}
	assert_true(ready);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_manager_that_does_not_read),
		T(test_states),
		T(test_no_descriptor),
		T(test_status),
		T(test_nobody_listens),
		T(test_watchdog),
		T(test_listen_fd),
		T(test_stderr),
		T(test_journal),
		T(test_journal_bounds),
		T(test_journal_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

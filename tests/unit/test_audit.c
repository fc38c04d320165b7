/* io/audit with a real writer: this program started anew, as the daemon
 * starts itself. */
#include <ev.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/chain_check.h"
#include "base/text.h"
#include "io/audit.h"
#include "io/audit_read.h"
#include "io/audit_writer.h"

#define WAIT_MS 20000

static char folder[64];
static struct ev_loop *loop;
static unsigned changes;

static void changed(void *arg)
{
	(void)arg;
	changes++;
	ev_break(loop, EVBREAK_ONE);
}

static struct audit *start_in(const char *path)
{
	struct audit_options o = { .folder = path,
				   .max_size = 1 << 20,
				   .keep_ms = INT64_C(86400000) * 365,
				   .changed = changed };

	return audit_new(loop, &o);
}

static int set_up(void **state)
{
	(void)state;
	text_copy(folder, sizeof(folder), "/tmp/kaudit.XXXXXX");
	loop = ev_default_loop(EVFLAG_NOENV);
	changes = 0;
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	struct audit_list l;
	struct fault f;
	char *head = text_printf("%s/" AUDIT_HEAD, folder);

	(void)state;
	if (audit_read_list(folder, &l, &f))
		for (size_t i = 0; i < l.n; i++)
			unlink(l.paths[i]);
	audit_read_list_free(&l);
	unlink(head);
	free(head);
	return rmdir(folder);
}

static uint64_t add(struct audit *a, int n)
{
	char object[128];

	snprintf(object, sizeof(object),
		 "{\"time\":\"2026-01-02T03:04:05.000Z\",\"kind\":\"event\","
		 "\"n\":%d}",
		 n);
	return audit_add(a, object, strlen(object));
}

/* Until it is so, or nothing happens any more. */
static void turn_until(struct audit *a, bool (*so)(const struct audit *a))
{
	for (int i = 0; i < 10000 && !so(a); i++)
		ev_run(loop, EVRUN_ONCE);
	assert_true(so(a));
}

static bool all_is_there(const struct audit *a)
{
	struct audit_state s;

	audit_state(a, &s);
	return s.waiting == 0 && s.last.seq > 0;
}

static bool is_in_trouble(const struct audit *a)
{
	struct audit_state s;

	audit_state(a, &s);
	return s.problem[0] != '\0';
}

static bool on_line(const char *line, size_t len, bool ended, void *arg)
{
	return chain_check_line(arg, line, len, ended);
}

/* How many records the whole chain has; what was lost between them. */
static uint64_t records(void)
{
	struct chain_check c;
	struct audit_list l;
	struct fault f = fault_none();

	assert_true(chain_check_init(&c, NULL, &f));
	assert_true(audit_read_list(folder, &l, &f));
	for (size_t i = 0; i < l.n; i++)
		assert_true(audit_read_lines(l.paths[i], on_line, &c, &f));
	assert_int_equal(chain_check_end(&c), CHAIN_WHOLE);
	audit_read_list_free(&l);
	chain_check_free(&c);
	return c.records;
}

/* The youngest child: one of the test before may be about to end. */
static pid_t writer(void)
{
	char path[64], text[64] = "";
	pid_t pid = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	f = fopen(path, "re");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	fclose(f);
	for (char *p = text; *p >= '0' && *p <= '9'; p += *p == ' ')
		pid = (pid_t)strtol(p, &p, 10);
	return pid;
}

static void end(struct audit *a)
{
	assert_true(audit_finish(a, WAIT_MS));
	audit_free(a);
}

static void all_of_it_in_order(void **state)
{
	struct audit *a = start_in(folder);
	uint64_t last = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uint64_t number = add(a, i);

		assert_int_equal(number, last + 1);
		last = number;
	}
	assert_false(audit_has(a, last));
	turn_until(a, all_is_there);
	assert_true(audit_has(a, last));
	assert_false(audit_has(a, last + 1));
	end(a);
	assert_int_equal(records(), 1000);
}

static void what_is_added_last_is_not_lost(void **state)
{
	struct audit *a = start_in(folder);

	(void)state;
	for (int i = 0; i < 1000; i++)
		add(a, i);
	end(a); /* without one turn of the loop */
	assert_int_equal(records(), 1000);
}

static void a_disk_that_takes_none(void **state)
{
	struct audit *a = start_in(folder);
	struct audit_state s;
	pid_t pid;
	uint64_t n = 0;

	(void)state;
	add(a, 0);
	turn_until(a, all_is_there);
	pid = writer();
	assert_int_equal(kill(pid, SIGSTOP), 0);
	while (add(a, (int)n + 1))
		n++;
	assert_int_equal(add(a, 0), 0);
	audit_state(a, &s);
	assert_int_equal(s.lost, 2);
	assert_true(s.waiting <= AUDIT_RECORDS_MAX);
	assert_int_equal(kill(pid, SIGCONT), 0);
	turn_until(a, all_is_there);
	add(a, 1);
	end(a);
	/* One of them tells of those that were lost. */
	assert_int_equal(records(), 1 + n + 1 + 1);
}

/* It is tried again when there is room, without anything new. */
static void a_full_disk(void **state)
{
	struct audit *a = start_in(folder);
	struct audit_state s;
	struct rlimit limit = { 1, RLIM_INFINITY };

	(void)state;
	add(a, 0);
	turn_until(a, all_is_there);
	assert_int_equal(prlimit(writer(), RLIMIT_FSIZE, &limit, NULL), 0);
	add(a, 1);
	turn_until(a, is_in_trouble);
	audit_state(a, &s);
	assert_non_null(strstr(s.problem, "File too large"));
	assert_int_equal(s.last.seq, 1);
	limit.rlim_cur = RLIM_INFINITY;
	assert_int_equal(prlimit(writer(), RLIMIT_FSIZE, &limit, NULL), 0);
	turn_until(a, all_is_there);
	assert_false(is_in_trouble(a));
	end(a);
	assert_int_equal(records(), 2);
}

static void a_writer_that_is_killed(void **state)
{
	struct audit *a = start_in(folder);

	(void)state;
	add(a, 0);
	turn_until(a, all_is_there);
	for (int i = 1; i < 500; i++)
		add(a, i);
	assert_int_equal(kill(writer(), SIGKILL), 0);
	turn_until(a, is_in_trouble);
	add(a, 500);
	turn_until(a, all_is_there); /* another one, a second later */
	assert_false(is_in_trouble(a));
	end(a);
	assert_int_equal(records(), 501);
}

/* The service manager stops a daemon that has only just started: its signals
 * reach the writer before it can say that it minds none. */
static void a_writer_that_is_told_to_stop_at_once(void **state)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	struct audit *a = start_in(folder);
	pid_t pid = writer();

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		assert_int_equal(kill(pid, numbers[i]), 0);
	add(a, 0);
	turn_until(a, all_is_there);
	assert_int_equal(writer(), pid);
	assert_false(is_in_trouble(a));
	end(a);
	assert_int_equal(records(), 1);
}

static void a_folder_that_is_not_there(void **state)
{
	char *path = text_printf("%s/none", folder);
	struct audit *a = start_in(path);
	struct audit_state s;

	(void)state;
	add(a, 0);
	turn_until(a, is_in_trouble);
	audit_state(a, &s);
	assert_non_null(strstr(s.problem, "No such file"));
	assert_false(audit_finish(a, 100));
	audit_free(a);
	free(path);
}

#define WITH_FOLDER(test) \
	cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		WITH_FOLDER(all_of_it_in_order),
		WITH_FOLDER(what_is_added_last_is_not_lost),
		WITH_FOLDER(a_disk_that_takes_none),
		WITH_FOLDER(a_full_disk),
		WITH_FOLDER(a_writer_that_is_killed),
		WITH_FOLDER(a_writer_that_is_told_to_stop_at_once),
		WITH_FOLDER(a_folder_that_is_not_there),
	};

	if (argc == 2 && !strcmp(argv[1], AUDIT_WRITER_OPTION))
		return audit_writer_run();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* io/hook with real programs: what they get, how they end, and the bounds. */
#include <ev.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "io/clock.h"
#include "io/hook.h"

#define SIX_HOURS 21600000

static char folder[64];
static struct ev_loop *loop;
static struct hook *hook;
static unsigned ended, failed;
static struct fault last;

static void on_end(const char *program, const struct fault *f, void *arg)
{
	(void)arg;
	assert_true(text_prefix(program, "/"));
	ended++;
	failed += f->kind != FAULT_NONE;
	last = *f;
	ev_break(loop, EVBREAK_ONE);
}

static void start(int limit_ms)
{
	const struct hook_options o = { .limit_ms = limit_ms, .ended = on_end };

	hook = hook_new(loop, &o);
	ended = failed = 0;
	last = fault_none();
}

static int set_up(void **state)
{
	(void)state;
	text_copy(folder, sizeof(folder), "/tmp/khook.XXXXXX");
	loop = ev_default_loop(EVFLAG_NOENV);
	return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
	char *command = text_printf("rm -rf %s", folder);

	(void)state;
	hook_free(hook);
	hook = NULL;
	assert_int_equal(system(command), 0);
	free(command);
	return 0;
}

/* A program with this body, to which $1 is the folder; the caller's. */
static char *script(const char *name, const char *body)
{
	char *path = text_printf("%s/%s", folder, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file, "#!/bin/sh\ncd %s\n%s\n", folder, body);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0700), 0);
	return path;
}

static bool there(const char *name)
{
	char *path = text_printf("%s/%s", folder, name);
	bool is = access(path, F_OK) == 0;

	free(path);
	return is;
}

static void run(const char *body, const char *input)
{
	const char *const variables[] = { "PATH=/usr/bin:/bin", NULL };
	char *path = script("hook", body);

	assert_true(hook_run(hook, path, variables, input, strlen(input)));
	free(path);
	for (int i = 0; i < 100000 && !ended; i++)
		ev_run(loop, EVRUN_ONCE);
	assert_int_equal(ended, 1);
}

static void test_well(void **state)
{
	(void)state;
	start(SIX_HOURS);
	run("read line && test \"$line\" = hello && echo out && echo err >&2",
	    "hello\n");
	assert_int_equal(last.kind, FAULT_NONE);
	assert_false(hook_busy(hook));
}

static void test_status(void **state)
{
	(void)state;
	start(SIX_HOURS);
	run("echo out; printf 'no\\033[31m way\\nsecond' >&2; exit 7", "");
	assert_non_null(strstr(last.text, "it ended with exit status 7: no"));
	assert_null(strchr(last.text, '\033'));
	assert_null(strstr(last.text, "second"));
}

static void test_signal(void **state)
{
	(void)state;
	start(SIX_HOURS);
	run("kill -USR1 $$", "");
	assert_string_equal(last.text, "it was ended by signal 10");
}

/* What looks like a token is not told, and of much only the beginning. */
static void test_words(void **state)
{
	(void)state;
	start(SIX_HOURS);
	run("echo 'token eyJhbGciOiJub25lIn0.eyJhIjoiYiJ9.c2lnbmF0dXJl' >&2;"
	    "head -c 1000000 /dev/zero | tr '\\0' x >&2; exit 1",
	    "");
	assert_null(strstr(last.text, "eyJ"));
	assert_non_null(strstr(last.text, "exit status 1: token "));
}

/* Its children are ended with it. */
static void test_limit(void **state)
{
	int64_t began = clock_boot_ms();

	(void)state;
	start(1000);
	run("(sleep 3; touch child) & touch begun; sleep 100", "");
	assert_true(clock_boot_ms() - began < 20000);
	assert_true(there("begun"));
	assert_non_null(strstr(last.text, "had not ended after 1 s"));
	sleep(3);
	assert_false(there("child"));
}

static void test_left_behind(void **state)
{
	(void)state;
	start(SIX_HOURS);
	run("(sleep 1; touch child) & true", "");
	assert_int_equal(last.kind, FAULT_NONE);
	sleep(2);
	assert_false(there("child"));
}

static void test_missing(void **state)
{
	const char *const variables[] = { NULL };

	(void)state;
	start(SIX_HOURS);
	assert_true(hook_run(hook, "/nowhere/at/all", variables, "", 0));
	assert_int_equal(ended, 1);
	assert_string_equal(last.text, "it could not be started: No such file "
				       "or directory");
	assert_false(hook_busy(hook));
}

static void test_bounds(void **state)
{
	const char *const variables[] = { "PATH=/usr/bin:/bin", NULL };
	char *path = script("hook", "while test ! -e go; do sleep 0.05; done"),
	     *go = script("go", "");
	static const char large[HOOK_INPUT_MAX + 1];
	unsigned all = HOOK_RUNNING_MAX + HOOK_WAITING_MAX;

	(void)state;
	unlink(go);
	start(SIX_HOURS);
	assert_false(hook_run(hook, path, variables, large, sizeof(large)));
	for (unsigned i = 0; i < all; i++)
		assert_true(hook_run(hook, path, variables, "x", 1));
	assert_false(hook_run(hook, path, variables, "x", 1));
	free(script("go", ""));
	while (ended < all)
		ev_run(loop, EVRUN_ONCE);
	assert_int_equal(failed, 0);
	assert_false(hook_busy(hook));
	hook_stop(hook);
	assert_false(hook_run(hook, path, variables, "x", 1));
	free(path);
	free(go);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_well),    TEST(test_status), TEST(test_signal),
		TEST(test_words),   TEST(test_limit),  TEST(test_left_behind),
		TEST(test_missing), TEST(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* alarm: rings once, at its time, and may be set or freed from its callback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ev.h>
#include <unistd.h>

#include "io/alarm.h"
#include "io/clock.h"

static struct ev_loop *loop;
static struct alarm *alarm_under_test;
static int rings;
static int64_t again_in; /* ms, 0: not again, -1: free it */

static void on_ring(void *arg)
{
	assert_ptr_equal(arg, &rings);
	rings++;
	if (again_in > 0)
		alarm_set(alarm_under_test, clock_boot_ms() + again_in);
	if (again_in < 0) {
		alarm_free(alarm_under_test);
		alarm_under_test = NULL;
	}
}

static void run_for(int64_t ms)
{
	int64_t end = clock_boot_ms() + ms;

	while (clock_boot_ms() < end) {
		ev_run(loop, EVRUN_NOWAIT);
		usleep(500);
	}
}

static int setup(void **state)
{
	struct fault f;

	(void)state;
	loop = ev_loop_new(EVFLAG_NOENV);
	rings = 0;
	again_in = 0;
	alarm_under_test = alarm_new(loop, on_ring, &rings, &f);
	return alarm_under_test ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	alarm_free(alarm_under_test);
	ev_loop_destroy(loop);
	return 0;
}

static void test_rings_once(void **state)
{
	(void)state;
	run_for(5);
	assert_int_equal(rings, 0);
	alarm_set(alarm_under_test, clock_boot_ms() + 40);
	run_for(20);
	assert_int_equal(rings, 0);
	run_for(60);
	assert_int_equal(rings, 1);
}

static void test_past(void **state)
{
	static const int64_t past[] = { 1, 0, -1, INT64_MIN };

	(void)state;
	for (int i = 0; i < 4; i++) {
		alarm_set(alarm_under_test, past[i]);
		assert_int_equal(rings, i); /* not from inside alarm_set */
		run_for(5);
		assert_int_equal(rings, i + 1);
	}
}

static void test_changed(void **state)
{
	(void)state;
	alarm_set(alarm_under_test, clock_boot_ms() + 10);
	alarm_set(alarm_under_test, INT64_MAX);
	run_for(30);
	assert_int_equal(rings, 0);
	alarm_set(alarm_under_test, clock_boot_ms() + 100000);
	alarm_set(alarm_under_test, INT64_MAX - 1);
	alarm_set(alarm_under_test, clock_boot_ms() + 10);
	run_for(30);
	assert_int_equal(rings, 1);
	/* Rung already, then put off before the loop heard of it. */
	alarm_set(alarm_under_test, 1);
	usleep(2000);
	alarm_set(alarm_under_test, clock_boot_ms() + 100000);
	run_for(10);
	assert_int_equal(rings, 1);
	/* The same time again rings again. */
	alarm_set(alarm_under_test, 1);
	run_for(5);
	alarm_set(alarm_under_test, 1);
	run_for(5);
	assert_int_equal(rings, 3);
}

static void test_from_callback(void **state)
{
	(void)state;
	again_in = 5;
	alarm_set(alarm_under_test, 1);
	run_for(60);
	assert_in_range(rings, 3, 20);
	again_in = -1;
	run_for(20);
	assert_null(alarm_under_test);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_rings_once),
		T(test_past),
		T(test_changed),
		T(test_from_callback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

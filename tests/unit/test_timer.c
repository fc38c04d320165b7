/* traffic/timer: moments of boot time, set, moved and taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "traffic/timer.h"

#define MANY 200

static struct heap timers;
static struct timer one, two, three;

static int fresh(void **state)
{
	(void)state;
	timer_init(&one, TIMER_OWNER, &one);
	timer_init(&two, TIMER_OWNER + 1, &two);
	timer_init(&three, TIMER_JOB, NULL);
	return 0;
}

static int over(void **state)
{
	(void)state;
	heap_free(&timers);
	memset(&timers, 0, sizeof(timers));
	return 0;
}

static void a_new_one_is_not_set(void **state)
{
	int64_t due = 77;

	(void)state;
	assert_false(timer_is_set(&one));
	assert_true(timer_at(&one) == INT64_MAX);
	assert_int_equal(timer_kind(&two), TIMER_OWNER + 1);
	assert_ptr_equal(two.owner, &two);
	assert_null(timer_due(&timers, INT64_MAX, &due));
	assert_int_equal(due, 77);
}

static void it_rings_when_it_is_due(void **state)
{
	int64_t due = -1;

	(void)state;
	timer_set(&timers, &one, 1000);
	assert_true(timer_is_set(&one));
	assert_int_equal(timer_at(&one), 1000);
	assert_null(timer_due(&timers, 999, &due));
	assert_int_equal(due, -1);
	assert_ptr_equal(timer_due(&timers, 1000, &due), &one);
	assert_int_equal(due, 1000);
	/* Once. */
	assert_false(timer_is_set(&one));
	assert_null(timer_due(&timers, 2000, &due));
}

static void late_is_told(void **state)
{
	int64_t due = -1;

	(void)state;
	timer_set(&timers, &one, -5000);
	assert_ptr_equal(timer_due(&timers, 1000000, &due), &one);
	assert_int_equal(due, -5000);
}

static void the_nearest_first_and_equals_in_order(void **state)
{
	int64_t due;

	(void)state;
	timer_set(&timers, &one, 20);
	timer_set(&timers, &two, 10);
	timer_set(&timers, &three, 10);
	assert_ptr_equal(timer_due(&timers, 20, &due), &two);
	assert_ptr_equal(timer_due(&timers, 20, &due), &three);
	assert_ptr_equal(timer_due(&timers, 20, &due), &one);
	assert_null(timer_due(&timers, 20, &due));
}

static void setting_it_again_moves_it(void **state)
{
	int64_t due;

	(void)state;
	timer_set(&timers, &one, 10);
	timer_set(&timers, &two, 20);
	timer_set(&timers, &one, 30);
	assert_int_equal(timers.n, 2);
	assert_int_equal(timer_at(&one), 30);
	assert_ptr_equal(timer_due(&timers, 40, &due), &two);
	timer_set(&timers, &one, 5);
	assert_ptr_equal(timer_due(&timers, 5, &due), &one);
	assert_int_equal(due, 5);
}

static void never_takes_it_out(void **state)
{
	int64_t due;

	(void)state;
	timer_set(&timers, &one, INT64_MAX); /* it was not in */
	timer_set(&timers, &one, 10);
	timer_set(&timers, &two, 11);
	timer_set(&timers, &one, INT64_MAX);
	assert_false(timer_is_set(&one));
	assert_true(timer_at(&one) == INT64_MAX);
	assert_ptr_equal(timer_due(&timers, 11, &due), &two);
	assert_null(timer_due(&timers, INT64_MAX, &due));
	timer_set(&timers, &one, INT64_MAX - 1);
	assert_null(timer_due(&timers, INT64_MAX - 2, &due));
	assert_ptr_equal(timer_due(&timers, INT64_MAX - 1, &due), &one);
}

/* Whatever is set, moved and taken out: what rings is what a list that is
 * searched from end to end would name. */
static void as_a_plain_list_would(void **state)
{
	static struct timer t[MANY];
	int64_t at[MANY], due, now = 0;
	struct random r;

	(void)state;
	random_init(&r, 11);
	for (int i = 0; i < MANY; i++) {
		timer_init(&t[i], TIMER_OWNER, NULL);
		at[i] = INT64_MAX;
	}
	for (int step = 0; step < 20000; step++) {
		int i = (int)random_below(&r, MANY), least = 0;
		struct timer *got;

		at[i] = random_below(&r, 4) ? now + random_below(&r, 500)
					    : INT64_MAX;
		timer_set(&timers, &t[i], at[i]);
		now += random_below(&r, 5);
		for (i = 0; i < MANY; i++)
			if (at[i] < at[least])
				least = i;
		got = timer_due(&timers, now, &due);
		if (at[least] > now) {
			assert_null(got);
			continue;
		}
		assert_non_null(got);
		assert_int_equal(due, at[least]);
		assert_int_equal(at[got - t], due);
		at[got - t] = INT64_MAX;
	}
	for (int i = 0; i < MANY; i++)
		timer_set(&timers, &t[i], INT64_MAX);
	assert_int_equal(timers.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_new_one_is_not_set, fresh,
						over),
		cmocka_unit_test_setup_teardown(it_rings_when_it_is_due, fresh,
						over),
		cmocka_unit_test_setup_teardown(late_is_told, fresh, over),
		cmocka_unit_test_setup_teardown(
			the_nearest_first_and_equals_in_order, fresh, over),
		cmocka_unit_test_setup_teardown(setting_it_again_moves_it,
						fresh, over),
		cmocka_unit_test_setup_teardown(never_takes_it_out, fresh,
						over),
		cmocka_unit_test_setup_teardown(as_a_plain_list_would, fresh,
						over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

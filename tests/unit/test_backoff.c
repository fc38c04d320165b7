/* base/backoff: bounds that hold for every draw. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <limits.h>

#include "base/backoff.h"

#define DRAWS 100000

static struct random rng;

static int seeded(void **state)
{
	(void)state;
	random_init(&rng, 2026);
	return 0;
}

static unsigned any_attempt(void)
{
	static const unsigned odd[] = { 0,  1,	2,  19, 20,
					21, 22, 63, 64, UINT_MAX };

	if (random_below(&rng, 4) == 0)
		return odd[random_below(&rng, 10)];
	return (unsigned)random_below(&rng, 40);
}

/* From a millisecond to some years, every size as likely. */
static int64_t any_left(void)
{
	int64_t top = INT64_C(1) << (1 + random_below(&rng, 50));

	return 1 + random_below(&rng, top);
}

/* min(full jitter, a tenth of what is left but at least a second), never
 * below the floor. */
static void before_the_deadline(void **state)
{
	(void)state;
	for (int i = 0; i < DRAWS; i++) {
		int64_t left = any_left();
		int64_t share = left / 10 > 1000 ? left / 10 : 1000;
		int64_t cap = share < BACKOFF_CAP_BEFORE_MS
				      ? share
				      : BACKOFF_CAP_BEFORE_MS;
		int64_t d = backoff_delay(any_attempt(), left, &rng);

		assert_in_range(d, BACKOFF_FLOOR_MS, cap);
	}
}

static void after_the_deadline(void **state)
{
	static const int64_t lefts[] = { 0, -1, -3600000, INT64_MIN };
	int64_t most = 0;

	(void)state;
	for (int i = 0; i < DRAWS; i++) {
		int64_t d = backoff_delay(any_attempt(),
					  lefts[random_below(&rng, 4)], &rng);

		assert_in_range(d, BACKOFF_FLOOR_MS, BACKOFF_CAP_AFTER_MS);
		most = d > most ? d : most;
	}
	/* The cap of five minutes is used, not that of one. */
	assert_true(most > BACKOFF_CAP_AFTER_MS * 9 / 10);
}

static void without_a_deadline(void **state)
{
	int64_t most = 0;

	(void)state;
	for (int i = 0; i < DRAWS; i++) {
		int64_t d =
			backoff_delay(any_attempt(), BACKOFF_NO_DEADLINE, &rng);

		assert_in_range(d, BACKOFF_FLOOR_MS, BACKOFF_CAP_BEFORE_MS);
		most = d > most ? d : most;
	}
	assert_true(most > BACKOFF_CAP_BEFORE_MS * 9 / 10);
}

/* The n-th failure waits at most 2^(n-1) seconds, and is as likely to wait
 * little as much. */
static void it_doubles_with_full_jitter(void **state)
{
	(void)state;
	for (unsigned attempt = 1; attempt <= 6; attempt++) {
		int64_t top = INT64_C(1000) << (attempt - 1);
		int64_t least = INT64_MAX, most = 0, sum = 0;

		for (int i = 0; i < 2000; i++) {
			int64_t d = backoff_delay(attempt, BACKOFF_NO_DEADLINE,
						  &rng);

			least = d < least ? d : least;
			most = d > most ? d : most;
			sum += d;
		}
		assert_in_range(most, top * 9 / 10, top);
		assert_in_range(least, BACKOFF_FLOOR_MS,
				BACKOFF_FLOOR_MS + top / 50);
		assert_in_range(sum / 2000, top * 2 / 5, top * 3 / 5);
	}
}

static void many_failures_do_not_overflow(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 200; i++)
		assert_in_range(backoff_delay(i, BACKOFF_NO_DEADLINE, &rng),
				BACKOFF_FLOOR_MS, BACKOFF_CAP_BEFORE_MS);
	assert_in_range(backoff_delay(UINT_MAX, -1, &rng), BACKOFF_FLOOR_MS,
			BACKOFF_CAP_AFTER_MS);
}

static void nearly_there_is_tried_each_second(void **state)
{
	static const int64_t lefts[] = { 1, 999, 5000, 10000, 10009 };

	(void)state;
	for (size_t i = 0; i < sizeof(lefts) / sizeof(*lefts); i++) {
		int64_t most = 0;

		for (int k = 0; k < 1000; k++) {
			int64_t d = backoff_delay(30, lefts[i], &rng);

			assert_in_range(d, BACKOFF_FLOOR_MS, 1000);
			most = d > most ? d : most;
		}
		/* Not more often, either. */
		assert_int_equal(most, 1000);
	}
}

static void denied_is_slow(void **state)
{
	(void)state;
	for (int i = 0; i < DRAWS; i++) {
		int64_t left = any_left();
		int64_t share = left / 10 > 30000 ? left / 10 : 30000;
		int64_t d = backoff_denied(left, &rng);

		if (share < 120000)
			assert_int_equal(d, share);
		else
			assert_in_range(d, 120000,
					share < 240000 ? share : 240000);
		assert_in_range(backoff_denied(BACKOFF_NO_DEADLINE, &rng),
				120000, 240000);
		assert_in_range(backoff_denied(-left, &rng), 120000, 240000);
		assert_in_range(backoff_denied(0, &rng), 120000, 240000);
	}
}

static void told_is_bounded(void **state)
{
	static const struct {
		int64_t told, fallback, wait;
	} rows[] = {
		{ -1, 77, 77 },
		{ INT64_MIN, 77, 77 },
		{ -1, 0, 0 },
		{ 0, 77, 0 },
		{ 1, 77, 1 },
		{ 600000, 77, 600000 },
		{ 600001, 77, 600000 },
		{ INT64_MAX, 77, 600000 },
		/* The fall-back is the caller's own and not cut. */
		{ -1, 700000, 700000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(backoff_told(rows[i].told, rows[i].fallback),
				 rows[i].wait);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(before_the_deadline, seeded),
		cmocka_unit_test_setup(after_the_deadline, seeded),
		cmocka_unit_test_setup(without_a_deadline, seeded),
		cmocka_unit_test_setup(it_doubles_with_full_jitter, seeded),
		cmocka_unit_test_setup(many_failures_do_not_overflow, seeded),
		cmocka_unit_test_setup(nearly_there_is_tried_each_second,
				       seeded),
		cmocka_unit_test_setup(denied_is_slow, seeded),
		cmocka_unit_test_setup(told_is_bounded, seeded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

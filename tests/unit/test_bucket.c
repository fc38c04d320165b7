/* traffic/bucket: arithmetic on boot time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "traffic/bucket.h"

static struct bucket b;

static unsigned take_all(int64_t boot)
{
	unsigned n = 0;

	while (bucket_take(&b, boot))
		n++;
	return n;
}

static void it_starts_full(void **state)
{
	(void)state;
	bucket_init(&b, 10, 3, 1000);
	assert_int_equal(bucket_ready(&b, 1000), 1000);
	assert_int_equal(take_all(1000), 3);
	assert_false(bucket_take(&b, 1000));
}

static void it_fills_at_its_rate(void **state)
{
	(void)state;
	bucket_init(&b, 10, 3, 0);
	take_all(0);
	assert_false(bucket_take(&b, 99));
	assert_true(bucket_take(&b, 100));
	assert_false(bucket_take(&b, 199));
	assert_int_equal(take_all(400), 3);
	/* No more than the burst gathers, however long it rests. */
	assert_int_equal(take_all(1000000), 3);
}

static void a_burst_is_at_least_one(void **state)
{
	(void)state;
	bucket_init(&b, 1, 0.5, 0);
	assert_int_equal(take_all(0), 1);
	assert_int_equal(take_all(100000), 1);
	bucket_limit(&b, 1, 0, 100000);
	assert_int_equal(take_all(200000), 1);
}

/* When it says ready, it is; and it does not say so much too late. */
static void ready_is_neither_early_nor_late(void **state)
{
	static const double rates[] = { 0.001, 0.01, 0.3, 1,   3,     7,
					12.5,  60,   200, 999, 1e3,   99999.5,
					1e5,   0.7,  1.1, 6.1, 33.333 };
	struct random r;

	(void)state;
	random_init(&r, 3);
	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
		int64_t now = random_below(&r, 1000000);

		bucket_init(&b, rates[i], 4, now);
		for (int k = 0; k < 300; k++) {
			int64_t ready = bucket_ready(&b, now);

			assert_true(ready >= now);
			assert_true(ready <=
				    now + (int64_t)(1000 / rates[i]) + 2);
			if (ready > now + 2)
				assert_false(bucket_take(&b, ready - 2));
			assert_true(bucket_take(&b, ready));
			now = ready + (random_below(&r, 3) ? 0 : k % 7);
		}
	}
}

/* Never more than burst + rate * time, whenever it is asked; and nearly all
 * of it when it is asked all the time. */
static void the_budget_is_kept(void **state)
{
	struct random r;

	(void)state;
	random_init(&r, 4);
	for (int seed = 0; seed < 50; seed++) {
		double rate = (double)(1 + random_below(&r, 30000)) / 100;
		double burst = (double)(1 + random_below(&r, 50));
		int64_t now = 0, gap = 1 + random_below(&r, 100);
		double taken = 0;

		bucket_init(&b, rate, burst, 0);
		for (int i = 0; i < 2000; i++) {
			taken += take_all(now);
			assert_true(taken <=
				    burst + rate * (double)now / 1000 + 1e-6);
			now += random_below(&r, gap);
		}
		if (rate * (double)gap / 1000 < burst)
			assert_true(taken > rate * (double)(now - gap) / 1000);
	}
}

/* A thousand small refills are one large one: rounding does not add up. */
static void rounding_does_not_add_up(void **state)
{
	unsigned n = 0;

	(void)state;
	bucket_init(&b, 0.1, 1, 0);
	take_all(0);
	for (int64_t t = 0; t <= 1000000; t++)
		n += bucket_take(&b, t);
	assert_in_range(n, 99, 100);
}

static void time_that_goes_nowhere_gives_nothing(void **state)
{
	(void)state;
	bucket_init(&b, 1000, 2, 5000);
	take_all(5000);
	for (int i = 0; i < 1000; i++)
		assert_false(bucket_take(&b, 5000));
	/* Nor does a clock that runs backwards: what was filled once is not
	 * filled again. */
	assert_false(bucket_take(&b, 4000));
	assert_false(bucket_take(&b, 0));
	assert_false(bucket_take(&b, 5000));
	assert_true(bucket_take(&b, 5001));
}

static void huge_gaps(void **state)
{
	(void)state;
	bucket_init(&b, 1e5, 5, 0);
	take_all(0);
	assert_int_equal(take_all(INT64_MAX / 2), 5);
	assert_int_equal(take_all(INT64_MAX - 1000000), 5);
	assert_true(bucket_ready(&b, INT64_MAX - 1000000) > 0);
	bucket_init(&b, 0.001, 1, 0);
	take_all(0);
	assert_int_equal(bucket_ready(&b, 0), 1000001);
	assert_int_equal(take_all(INT64_C(86400000) * 36500), 1);
}

static void limits_change(void **state)
{
	(void)state;
	bucket_init(&b, 1, 100, 0);
	bucket_limit(&b, 2, 10, 0);
	assert_int_equal(take_all(0), 10);
	/* What there is stays when the limits grow; it is not filled up. */
	bucket_limit(&b, 10, 50, 0);
	assert_int_equal(take_all(0), 0);
	assert_int_equal(take_all(1000), 10);
	assert_int_equal(take_all(100000), 50);
	bucket_limit(&b, 0.5, 50, 100000);
	assert_int_equal(bucket_ready(&b, 100000), 102001);
}

/* The time before a reload has gathered by the old rate. */
static void a_new_rate_is_of_no_use_to_the_past(void **state)
{
	(void)state;
	bucket_init(&b, 1, 100, 0);
	take_all(0);
	bucket_limit(&b, 100, 100, 5000);
	assert_int_equal(take_all(5000), 5);
	bucket_limit(&b, 0.001, 100, 6000); /* and what it has gathered stays */
	assert_int_equal(take_all(6000), 100);
}

static void a_closed_one_gives_nothing(void **state)
{
	(void)state;
	bucket_init(&b, 10, 100, 0);
	bucket_close(&b, 0, 5000);
	assert_int_equal(bucket_ready(&b, 0), 5000);
	assert_false(bucket_take(&b, 4999));
	/* What had gathered is gone; it fills while it is closed. */
	assert_int_equal(take_all(5000), 50);
}

static void a_later_end_counts(void **state)
{
	(void)state;
	bucket_init(&b, 1, 10, 0);
	bucket_close(&b, 0, 60000);
	bucket_close(&b, 1000, 2000);
	assert_false(bucket_take(&b, 59999));
	bucket_close(&b, 60000, 60000);
	assert_false(bucket_take(&b, 119999));
	assert_true(bucket_take(&b, 120000));
	/* New limits do not open it. */
	bucket_close(&b, 120000, 1000);
	bucket_limit(&b, 1000, 1000, 120000);
	assert_false(bucket_take(&b, 120999));
	assert_true(bucket_take(&b, 121000));
}

static void closed_for_no_time_is_empty_only(void **state)
{
	(void)state;
	bucket_init(&b, 10, 10, 0);
	bucket_close(&b, 1000, 0);
	assert_false(bucket_take(&b, 1000));
	assert_int_equal(bucket_ready(&b, 1000), 1101);
	assert_true(bucket_take(&b, 1101));
}

static void the_server_s_count_slows_down(void **state)
{
	(void)state;
	bucket_init(&b, 1, 100, 0);
	bucket_observe(&b, 0, -1);
	bucket_observe(&b, 0, INT32_MIN);
	bucket_observe(&b, 0, INT32_MAX);
	bucket_observe(&b, 0, 200);
	assert_true(b.tokens == 100);
	bucket_observe(&b, 0, 20);
	assert_int_equal(take_all(0), 10);
	/* It never gives anything. */
	bucket_observe(&b, 0, 1000);
	assert_int_equal(take_all(0), 0);
	bucket_observe(&b, 50000, 1);
	assert_int_equal(take_all(50000), 0);
	assert_int_equal(bucket_ready(&b, 50000), 50501);
	bucket_observe(&b, 90000, 0);
	assert_int_equal(take_all(90000), 0);
	assert_int_equal(take_all(91000), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_starts_full),
		cmocka_unit_test(it_fills_at_its_rate),
		cmocka_unit_test(a_burst_is_at_least_one),
		cmocka_unit_test(ready_is_neither_early_nor_late),
		cmocka_unit_test(the_budget_is_kept),
		cmocka_unit_test(rounding_does_not_add_up),
		cmocka_unit_test(time_that_goes_nowhere_gives_nothing),
		cmocka_unit_test(huge_gaps),
		cmocka_unit_test(limits_change),
		cmocka_unit_test(a_new_rate_is_of_no_use_to_the_past),
		cmocka_unit_test(a_closed_one_gives_nothing),
		cmocka_unit_test(a_later_end_counts),
		cmocka_unit_test(closed_for_no_time_is_empty_only),
		cmocka_unit_test(the_server_s_count_slows_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* traffic/skew: Azure's clock from the dates of its answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "traffic/skew.h"

#define WALL INT64_C(1772366400000) /* 2026-03-01T12:00:00Z */
#define HOUR INT64_C(3600000)
#define YEAR_9999_END INT64_C(253402300799000)

static struct skew s;

static struct instant at(int64_t boot)
{
	return (struct instant){ boot, WALL + boot };
}

static int fresh(void **state)
{
	(void)state;
	memset(&s, 0, sizeof(s));
	return 0;
}

static void our_clock_until_the_first_answer(void **state)
{
	int64_t offset = 77;

	(void)state;
	assert_int_equal(skew_azure(&s, at(0)), WALL);
	assert_int_equal(skew_azure(&s, at(1234)), WALL + 1234);
	assert_false(skew_offset(&s, at(0), &offset));
	assert_int_equal(offset, 77);
}

/* Date has whole seconds (half of one is allowed for) and was written half
 * a round trip ago. */
static void half_the_round_trip(void **state)
{
	int64_t offset;

	(void)state;
	skew_add(&s, at(0), WALL + 10000, 3000);
	assert_int_equal(skew_azure(&s, at(0)), WALL + 10000 + 1500 + 500);
	assert_int_equal(skew_azure(&s, at(5000)), WALL + 17000);
	assert_true(skew_offset(&s, at(5000), &offset));
	assert_int_equal(offset, -12000);
}

static void the_median_of_the_last(void **state)
{
	(void)state;
	/* Four wild ones among nine move nothing, however wild. */
	for (int i = 0; i < 9; i++)
		skew_add(&s, at(0), i % 2 ? WALL + i * 24 * HOUR : WALL + i, 0);
	assert_in_range(skew_azure(&s, at(0)), WALL + 500, WALL + 508);
	/* Nine new ones push the old ones out: a real change is followed. */
	for (int i = 0; i < 4; i++)
		skew_add(&s, at(0), WALL + HOUR, 0);
	for (int i = 0; i < 5; i++)
		skew_add(&s, at(0), WALL + HOUR, 0);
	assert_int_equal(skew_azure(&s, at(0)), WALL + HOUR + 500);
}

static void the_middle_of_few(void **state)
{
	(void)state;
	skew_add(&s, at(0), WALL + 9000, 0);
	assert_int_equal(skew_azure(&s, at(0)), WALL + 9500);
	skew_add(&s, at(0), WALL + 1000, 0);
	assert_in_range(skew_azure(&s, at(0)), WALL + 1500, WALL + 9500);
	skew_add(&s, at(0), WALL + 2000, 0);
	assert_int_equal(skew_azure(&s, at(0)), WALL + 2500);
}

static void steps_of_our_clock_move_nothing(void **state)
{
	static const int64_t steps[] = { HOUR, -HOUR, 1000 * HOUR,
					 -1000 * HOUR };
	struct instant now = at(1000);
	int64_t offset;

	(void)state;
	skew_add(&s, now, now.wall - 500, 0);
	assert_int_equal(skew_azure(&s, now), now.wall);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct instant stepped = { 2000, now.wall + 1000 + steps[i] };

		assert_int_equal(skew_azure(&s, stepped), now.wall + 1000);
		assert_true(skew_offset(&s, stepped, &offset));
		assert_int_equal(offset, steps[i]);
		/* Samples taken under the wrong clock agree with the rest. */
		skew_add(&s, stepped, now.wall + 500, 0);
		assert_int_equal(skew_azure(&s, stepped), now.wall + 1000);
	}
}

static void absurd_dates_are_ignored(void **state)
{
	static const struct {
		int64_t date, rtt;
	} rows[] = {
		{ -1, 0 },
		{ 0, 0 },
		{ INT64_MIN, 0 },
		{ INT64_MAX, 0 },
		{ YEAR_9999_END + 1, 0 },
		{ WALL, -1 },
		{ WALL, 60001 },
		{ WALL, INT64_MIN },
		{ WALL, INT64_MAX },
	};
	int64_t offset;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		skew_add(&s, at(0), rows[i].date, rows[i].rtt);
	assert_false(skew_offset(&s, at(0), &offset));
	skew_add(&s, at(0), WALL - 500, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		skew_add(&s, at(0), rows[i].date, rows[i].rtt);
	assert_int_equal(s.n, 1);
	assert_int_equal(skew_azure(&s, at(0)), WALL);
}

static void the_ends_are_dates(void **state)
{
	(void)state;
	skew_add(&s, at(0), 1, 0);
	assert_int_equal(skew_azure(&s, at(0)), 501);
	memset(&s, 0, sizeof(s));
	skew_add(&s, at(0), YEAR_9999_END, 60000);
	assert_int_equal(skew_azure(&s, at(0)), YEAR_9999_END + 30500);
	memset(&s, 0, sizeof(s));
	skew_add(&s, (struct instant){ INT64_MAX / 2, WALL }, 1, 0);
	assert_int_equal(
		skew_azure(&s, (struct instant){ INT64_MAX / 2, WALL }), 501);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(our_clock_until_the_first_answer, fresh),
		cmocka_unit_test_setup(half_the_round_trip, fresh),
		cmocka_unit_test_setup(the_median_of_the_last, fresh),
		cmocka_unit_test_setup(the_middle_of_few, fresh),
		cmocka_unit_test_setup(steps_of_our_clock_move_nothing, fresh),
		cmocka_unit_test_setup(absurd_dates_are_ignored, fresh),
		cmocka_unit_test_setup(the_ends_are_dates, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

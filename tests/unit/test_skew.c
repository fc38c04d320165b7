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

#define DAY (24 * HOUR)
#define YEAR (365 * DAY)
#define MINUTES(n) ((n)*INT64_C(60000))

static struct skew s;
/* Hosts: only where they are counts. */
static const char hosts[SKEW_HOSTS + 3];

static struct instant at(int64_t boot)
{
	return (struct instant){ boot, WALL + boot };
}

/* A date of this many ms after noon, by host number i. */
static bool tell(unsigned i, int64_t ms)
{
	return skew_add(&s, &hosts[i], at(0), WALL + ms - 500, 0);
}

static int64_t estimate(void)
{
	return skew_azure(&s, at(0)) - WALL;
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
	skew_add(&s, &hosts[0], at(0), WALL + 10000, 3000);
	assert_int_equal(skew_azure(&s, at(0)), WALL + 10000 + 1500 + 500);
	assert_int_equal(skew_azure(&s, at(5000)), WALL + 17000);
	assert_true(skew_offset(&s, at(5000), &offset));
	assert_int_equal(offset, -12000);
}

static void the_median_of_what_hosts_say(void **state)
{
	(void)state;
	tell(0, 9000);
	assert_int_equal(estimate(), 9000);
	tell(1, 1000); /* of two our own clock has the choice */
	assert_int_equal(estimate(), 1000);
	tell(2, 2000);
	assert_int_equal(estimate(), 2000);
	/* Each changes its mind, and they agree: a real change is followed. */
	for (unsigned i = 0; i < 6; i++)
		tell(i % 3, HOUR);
	assert_int_equal(estimate(), HOUR);
}

/* However it comes: first, last, or from a host that nobody else knows. */
static void one_date_an_hour_off_among_nine_changes_nothing(void **state)
{
	(void)state;
	for (unsigned n = 1; n <= 9; n++)
		for (unsigned odd = 0; odd < 9; odd++) {
			memset(&s, 0, sizeof(s));
			for (unsigned i = 0; i < 9; i++) {
				tell(i % n, i == odd ? HOUR : 0);
				/* Alone it is all that there is. */
				if (i > 0)
					assert_int_equal(estimate(), 0);
			}
		}
}

static void who_says_it_often_has_one_vote(void **state)
{
	(void)state;
	tell(1, 0);
	tell(2, 0);
	for (int i = 0; i < 1000; i++) {
		tell(0, HOUR);
		assert_int_equal(estimate(), 0);
	}
	/* And so does one that speaks for those who have lost theirs. */
	for (unsigned i = 0; i < SKEW_HOSTS + 3; i++) {
		tell(i, i ? 0 : HOUR);
		assert_int_equal(estimate(), 0);
	}
}

static void a_step_of_more_than_a_day_needs_two(void **state)
{
	(void)state;
	/* Our own clock is all that is known: one host alone is no word. */
	for (int i = 0; i < 20; i++)
		assert_false(tell(0, 73 * YEAR));
	assert_false(s.known);
	assert_int_equal(estimate(), 0);
	/* Another one that agrees with our clock settles it. */
	assert_true(tell(1, 1000));
	assert_int_equal(estimate(), 1000);
	for (int i = 0; i < 20; i++)
		assert_false(tell(0, 73 * YEAR));
	assert_int_equal(estimate(), 1000);
	/* Two that are wrong, each in its own way. */
	assert_false(tell(2, 50 * YEAR));
	assert_int_equal(estimate(), 1000);
	/* Two that agree, and no more than one against them. */
	for (int i = 0; i < 3; i++)
		tell(2, 73 * YEAR + MINUTES(1));
	assert_in_range(estimate() - 73 * YEAR, 0, MINUTES(1));
	assert_true(tell(0, 73 * YEAR));
	assert_int_equal(s.steps, 1);
}

static void two_do_not_outvote_more(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		tell(i, 0);
	for (int i = 0; i < 9; i++)
		for (unsigned k = 3; k < 6; k++)
			assert_false(tell(k, -2 * DAY));
	assert_int_equal(estimate(), 0);
}

/* A machine without a clock of its own: 1970, until it is told. */
static void our_own_clock_may_be_wrong_by_years(void **state)
{
	struct instant early = { 1000, 1000 };

	(void)state;
	assert_false(skew_add(&s, &hosts[0], early, WALL - 500, 0));
	assert_int_equal(skew_azure(&s, early), 1000);
	assert_true(skew_add(&s, &hosts[1], early, WALL, 0));
	assert_in_range(skew_azure(&s, early), WALL, WALL + 500);
	assert_true(s.known);
	/* Somebody sets it right: no matter. */
	assert_in_range(skew_azure(&s, (struct instant){ 1000, WALL + DAY }),
			WALL, WALL + 500);
}

/* The machine was paused, and its boot time with it. */
static void a_pause_is_followed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 9; i++)
		tell(i % 3, 0);
	for (unsigned i = 0; i < 6; i++)
		tell(i % 3, 3 * DAY);
	assert_int_equal(estimate(), 3 * DAY);
}

static void steps_of_our_clock_move_nothing(void **state)
{
	static const int64_t steps[] = { HOUR, -HOUR, 1000 * HOUR,
					 -1000 * HOUR };
	struct instant now = at(1000);
	int64_t offset;

	(void)state;
	skew_add(&s, &hosts[0], now, now.wall - 500, 0);
	assert_int_equal(skew_azure(&s, now), now.wall);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct instant stepped = { 2000, now.wall + 1000 + steps[i] };

		assert_int_equal(skew_azure(&s, stepped), now.wall + 1000);
		assert_true(skew_offset(&s, stepped, &offset));
		assert_int_equal(offset, steps[i]);
		/* Samples taken under the wrong clock agree with the rest. */
		skew_add(&s, &hosts[i % 3], stepped, now.wall + 500, 0);
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
		skew_add(&s, &hosts[0], at(0), rows[i].date, rows[i].rtt);
	assert_false(skew_offset(&s, at(0), &offset));
	skew_add(&s, &hosts[0], at(0), WALL - 500, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		skew_add(&s, &hosts[0], at(0), rows[i].date, rows[i].rtt);
	assert_int_equal(s.n, 1);
	assert_int_equal(skew_azure(&s, at(0)), WALL);
}

static void the_ends_are_dates(void **state)
{
	struct instant late = { INT64_MAX / 2, WALL };

	(void)state;
	for (unsigned i = 0; i < 2; i++)
		skew_add(&s, &hosts[i], at(0), 1, 0);
	assert_int_equal(skew_azure(&s, at(0)), 501);
	memset(&s, 0, sizeof(s));
	for (unsigned i = 0; i < 2; i++)
		skew_add(&s, &hosts[i], at(0), YEAR_9999_END, 60000);
	assert_int_equal(skew_azure(&s, at(0)), YEAR_9999_END + 30500);
	memset(&s, 0, sizeof(s));
	for (unsigned i = 0; i < 2; i++)
		skew_add(&s, &hosts[i], late, 1, 0);
	assert_int_equal(skew_azure(&s, late), 501);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(our_clock_until_the_first_answer, fresh),
		cmocka_unit_test_setup(half_the_round_trip, fresh),
		cmocka_unit_test_setup(the_median_of_what_hosts_say, fresh),
		cmocka_unit_test_setup(
			one_date_an_hour_off_among_nine_changes_nothing, fresh),
		cmocka_unit_test_setup(who_says_it_often_has_one_vote, fresh),
		cmocka_unit_test_setup(a_step_of_more_than_a_day_needs_two,
				       fresh),
		cmocka_unit_test_setup(two_do_not_outvote_more, fresh),
		cmocka_unit_test_setup(our_own_clock_may_be_wrong_by_years,
				       fresh),
		cmocka_unit_test_setup(a_pause_is_followed, fresh),
		cmocka_unit_test_setup(steps_of_our_clock_move_nothing, fresh),
		cmocka_unit_test_setup(absurd_dates_are_ignored, fresh),
		cmocka_unit_test_setup(the_ends_are_dates, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

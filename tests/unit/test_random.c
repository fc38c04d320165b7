/* base/random: the published numbers, and the bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

/* SplitMix64 of seed 0, as its authors publish it. */
static void the_seed_is_spread(void **state)
{
	static const uint64_t s[] = { 0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4,
				      0x06c45d188009454f, 0xf88bb8a8724c81ec };
	struct random r;

	(void)state;
	random_init(&r, 0);
	for (int i = 0; i < 4; i++)
		assert_true(r.s[i] == s[i]);
}

/* The reference vector of rust-random/rand: rand_xoshiro. */
static void the_numbers_are_known(void **state)
{
	static const uint64_t expected[] = {
		11520u,
		0u,
		1509978240u,
		1215971899390074240u,
		1216172134540287360u,
		607988272756665600u,
		16172922978634559625u,
		8476171486693032832u,
		10595114339597558777u,
		2904607092377533576u,
	};
	struct random r = { { 1, 2, 3, 4 } };

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
		assert_true(random_next(&r) == expected[i]);
}

static void the_same_seed_the_same_numbers(void **state)
{
	struct random a, b, c;
	int differ = 0;

	(void)state;
	random_init(&a, 42);
	random_init(&b, 42);
	random_init(&c, 43);
	for (int i = 0; i < 1000; i++) {
		uint64_t n = random_next(&a);

		assert_true(n == random_next(&b));
		differ += n != random_next(&c);
	}
	assert_int_equal(differ, 1000);
}

static void below_is_below(void **state)
{
	static const int64_t bounds[] = { 1,   2,	   3,	     10,
					  999, 1000000007, INT64_MAX };
	struct random r;

	(void)state;
	random_init(&r, 1);
	for (size_t i = 0; i < sizeof(bounds) / sizeof(*bounds); i++)
		for (int k = 0; k < 10000; k++) {
			int64_t n = random_below(&r, bounds[i]);

			assert_true(n >= 0 && n < bounds[i]);
		}
}

static void nothing_lies_below_one(void **state)
{
	static const int64_t bounds[] = { 1, 0, -1, INT64_MIN };
	struct random r;

	(void)state;
	random_init(&r, 1);
	for (size_t i = 0; i < sizeof(bounds) / sizeof(*bounds); i++)
		assert_int_equal(random_below(&r, bounds[i]), 0);
}

static void all_numbers_come(void **state)
{
	int seen[16] = { 0 };
	struct random r;

	(void)state;
	random_init(&r, 7);
	for (int i = 0; i < 16000; i++)
		seen[random_below(&r, 16)]++;
	for (int i = 0; i < 16; i++)
		assert_in_range(seen[i], 800, 1200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_seed_is_spread),
		cmocka_unit_test(the_numbers_are_known),
		cmocka_unit_test(the_same_seed_the_same_numbers),
		cmocka_unit_test(below_is_below),
		cmocka_unit_test(nothing_lies_below_one),
		cmocka_unit_test(all_numbers_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

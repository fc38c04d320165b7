/* clock: the system's clocks say what they should, random bytes differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "io/clock.h"

static void test_clocks_run(void **state)
{
	int64_t boot = clock_boot_ms(), mono = clock_monotonic_us();
	int64_t wall = clock_wall_ms();

	(void)state;
	usleep(20000);
	assert_in_range(clock_boot_ms() - boot, 19, 5000);
	assert_in_range(clock_monotonic_us() - mono, 19000, 5000000);
	assert_in_range(clock_wall_ms() - wall, 15, 5000);
	/* Boot time includes what monotonic time leaves out. */
	assert_true(clock_boot_ms() >= mono / 1000);
	/* After 2020: milliseconds, not seconds. */
	assert_true(wall > 1577836800000);
}

static void test_random(void **state)
{
	unsigned char a[64] = { 0 }, b[64] = { 0 };

	(void)state;
	clock_random(a, sizeof(a));
	clock_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	memset(a, 7, sizeof(a));
	clock_random(a, 0);
	assert_int_equal(a[0], 7);
}

static void test_machine(void **state)
{
	(void)state;
	assert_true(clock_machine() == clock_machine());
	assert_true(clock_machine() != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clocks_run),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

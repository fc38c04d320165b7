/* base/idmap: maps of user namespaces, whole or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/idmap.h"

static struct idmap m;

/* The kernel writes blanks in front of each number. */
static void whole(void **state)
{
	(void)state;
	assert_true(idmap_read(&m, "         0          0 4294967295\n"));
	assert_true(idmap_whole(&m));
	assert_true(idmap_has(&m, 0) && idmap_has(&m, 65534) &&
		    idmap_has(&m, UINT32_MAX - 1));
	assert_false(idmap_has(&m, UINT32_MAX)); /* no id */
	assert_int_equal(idmap_count(&m), UINT32_MAX);
	assert_true(idmap_read(&m, "0 0 4294967295"));
	assert_true(idmap_whole(&m));
	/* In two pieces, and in another order, it is whole as well. */
	assert_true(idmap_read(&m, "1 1 4294967294\n0 0 1\n"));
	assert_true(idmap_whole(&m));
	assert_true(idmap_read(&m, "0 1 4294967294\n"));
	assert_false(idmap_whole(&m));
}

/* PrivateUsers=yes of systemd: root and the service's user. */
static void two(void **state)
{
	(void)state;
	assert_true(idmap_read(&m, "0 0 1\n998 998 1\n"));
	assert_false(idmap_whole(&m));
	assert_int_equal(idmap_count(&m), 2);
	assert_true(idmap_has(&m, 0) && idmap_has(&m, 998));
	assert_false(idmap_has(&m, 1) || idmap_has(&m, 997) ||
		     idmap_has(&m, 999) || idmap_has(&m, 65534));
}

/* PrivateUsers=identity of systemd 257, and containers. */
static void many(void **state)
{
	(void)state;
	assert_true(idmap_read(&m, "0 0 65536\n"));
	assert_false(idmap_whole(&m));
	assert_true(idmap_has(&m, 65534) && idmap_has(&m, 65535));
	assert_false(idmap_has(&m, 65536));
	assert_true(idmap_read(&m, "0 1000 1\n1 100000 65535\n"));
	assert_int_equal(idmap_count(&m), 65536);
}

static void none(void **state)
{
	static const char *const bad[] = {
		"",
		"\n",
		" ",
		"0",
		"0 0",
		"0 0\n",
		"0 0 0\n",
		"0 0 x\n",
		"x 0 1\n",
		"-1 0 1\n",
		"0 -1 1\n",
		"0 0 1 1\n",
		"0 0 1\n\n",
		"0 0 1\r\n",
		"0 0 4294967296\n",
		"1 0 4294967295\n",
		"0 1 4294967295\n",
		"4294967295 0 1\n",
		"0 0 1\n5 5\n",
		"0 0 99999999999999999999999\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(idmap_read(&m, "0 0 4294967295\n"));
		if (idmap_read(&m, bad[i]))
			fail_msg("took \"%s\"", bad[i]);
		assert_false(idmap_whole(&m) || idmap_has(&m, 0));
		assert_int_equal(m.n, 0);
	}
}

/* As many lines as the kernel takes, and one more. */
static void bounds(void **state)
{
	char text[(IDMAP_RANGES + 1) * 16];
	size_t at = 0;

	(void)state;
	for (unsigned i = 0; i < IDMAP_RANGES; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
				       "%u %u 1\n", 2 * i, 2 * i);
	assert_true(idmap_read(&m, text));
	assert_int_equal(idmap_count(&m), IDMAP_RANGES);
	assert_true(idmap_has(&m, 2 * (IDMAP_RANGES - 1)));
	assert_false(idmap_has(&m, 1));
	snprintf(text + at, sizeof(text) - at, "9999 9999 1\n");
	assert_false(idmap_read(&m, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),  cmocka_unit_test(two),
		cmocka_unit_test(many),	  cmocka_unit_test(none),
		cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

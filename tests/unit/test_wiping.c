/* base/wiping: memory for libraries.  That it is wiped is seen from outside,
 * in tests/system/156-wiped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/wiping.h"

static void blocks_are_aligned(void **state)
{
	(void)state;
	for (size_t size = 0; size < 100; size++) {
		unsigned char *p = wiping_alloc(size);

		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		memset(p, 'x', size);
		wiping_free(p);
	}
	wiping_free(NULL);
}

static void arrays_are_as_large_as_they_say(void **state)
{
	char *p = wiping_array(7, 11);

	(void)state;
	for (size_t i = 0; i < 7 * 11; i++)
		assert_int_equal(p[i], 0);
	memset(p, 'x', 7 * 11);
	wiping_free(p);
	wiping_free(wiping_array(0, 11));
}

static void resized_blocks_keep_what_fits(void **state)
{
	char *p = wiping_resize(NULL, 4);

	(void)state;
	strcpy(p, "abc");
	p = wiping_resize(p, 1000);
	assert_string_equal(p, "abc");
	memset(p + 4, 'x', 996);
	p = wiping_resize(p, 2);
	assert_memory_equal(p, "ab", 2);
	assert_null(wiping_resize(p, 0));
	assert_null(wiping_resize(NULL, 0));
}

static void copies_are_whole(void **state)
{
	char *p = wiping_copy("text");

	(void)state;
	assert_string_equal(p, "text");
	wiping_free(p);
	p = wiping_copy("");
	assert_string_equal(p, "");
	wiping_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_are_aligned),
		cmocka_unit_test(arrays_are_as_large_as_they_say),
		cmocka_unit_test(resized_blocks_keep_what_fits),
		cmocka_unit_test(copies_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

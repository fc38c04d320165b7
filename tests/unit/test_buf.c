/* base/buf: a buffer with a limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static void empty_is_a_string(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_string_equal(buf_str(&b), "");
	assert_null(b.data);
	assert_true(buf_add(&b, NULL, 0));
	assert_null(b.data);
	buf_shift(&b, 0);
	buf_reset(&b);
	buf_wipe(&b);
	buf_free(&b);
	assert_int_equal(b.max, 10);
}

static void limit_is_exact(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_true(buf_puts(&b, "0123456789"));
	assert_string_equal(buf_str(&b), "0123456789");
	assert_false(buf_puts(&b, "x"));
	assert_false(buf_printf(&b, "%d", 1));
	assert_string_equal(buf_str(&b), "0123456789");
	assert_true(buf_puts(&b, ""));
	assert_true(buf_printf(&b, "%s", ""));
	assert_int_equal(b.len, 10);
	buf_free(&b);
	assert_null(b.data);
	assert_int_equal(b.len, 0);
	assert_false(buf_puts(&b, "01234567890"));
	assert_null(b.data);
}

static void zero_and_endless_limits_hold_nothing(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	assert_false(buf_add(&b, "x", 1));
	buf_init(&b, SIZE_MAX);
	assert_false(buf_add(&b, "x", 1));
	assert_null(b.data);
}

static void grows_and_keeps_everything(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100000);
	for (int i = 0; i < 10000; i++)
		assert_true(buf_printf(&b, "%04d,", i));
	assert_int_equal(b.len, 50000);
	for (int i = 0; i < 10000; i++)
		assert_int_equal(atoi(b.data + i * 5), i);
	assert_true(b.size <= b.max + 1);
	buf_free(&b);
}

static void holds_nul_bytes(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_true(buf_add(&b, "a\0b", 3));
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.data, "a\0b", 4);
	buf_free(&b);
}

static void shift_drops_the_front(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_puts(&b, "first second");
	buf_shift(&b, 6);
	assert_string_equal(buf_str(&b), "second");
	assert_int_equal(b.len, 6);
	buf_shift(&b, 100); /* more than there is: all of it */
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(b.len, 0);
	buf_free(&b);
}

static void reset_keeps_the_memory(void **state)
{
	struct buf b;
	char *data;

	(void)state;
	buf_init(&b, 100);
	buf_puts(&b, "something");
	data = b.data;
	buf_reset(&b);
	assert_string_equal(buf_str(&b), "");
	assert_true(buf_puts(&b, "else"));
	assert_ptr_equal(b.data, data);
	assert_string_equal(buf_str(&b), "else");
	buf_wipe(&b);
	assert_null(b.data);
	assert_int_equal(b.max, 100);
}

/* Random work against a plain array. */
static void behaves_like_an_array(void **state)
{
	char model[300];
	size_t len = 0;
	struct buf b;
	unsigned seed = 7;

	(void)state;
	buf_init(&b, 256);
	for (int i = 0; i < 20000; i++) {
		size_t n = (size_t)rand_r(&seed) % 40;
		char piece[40];

		memset(piece, 'a' + i % 26, sizeof(piece));
		if (rand_r(&seed) % 3) {
			bool fits = len + n <= 256;

			assert_int_equal(buf_add(&b, piece, n), fits);
			if (fits) {
				memcpy(model + len, piece, n);
				len += n;
			}
		} else {
			n = n > len ? len : n;
			buf_shift(&b, n);
			memmove(model, model + n, len - n);
			len -= n;
		}
		assert_int_equal(b.len, len);
		if (len) {
			assert_memory_equal(b.data, model, len);
			assert_int_equal(b.data[len], 0);
		}
	}
	buf_wipe(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_is_a_string),
		cmocka_unit_test(limit_is_exact),
		cmocka_unit_test(zero_and_endless_limits_hold_nothing),
		cmocka_unit_test(grows_and_keeps_everything),
		cmocka_unit_test(holds_nul_bytes),
		cmocka_unit_test(shift_drops_the_front),
		cmocka_unit_test(reset_keeps_the_memory),
		cmocka_unit_test(behaves_like_an_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

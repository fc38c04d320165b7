/* base/fault: errors as values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/fault.h"

static void none_is_silent(void **state)
{
	struct fault f = fault_none();

	(void)state;
	assert_int_equal(f.kind, FAULT_NONE);
	assert_int_equal(f.code, 0);
	assert_int_equal(f.retry_after_ms, -1);
	assert_string_equal(f.text, "");
	assert_string_equal(f.azure_code, "");
}

static void set_fills_and_returns_false(void **state)
{
	struct fault f;

	(void)state;
	memset(&f, 'x', sizeof(f));
	assert_false(
		fault_set(&f, FAULT_DENIED, 403, "Reading %s failed.", "key"));
	assert_int_equal(f.kind, FAULT_DENIED);
	assert_int_equal(f.code, 403);
	assert_int_equal(f.retry_after_ms, -1);
	assert_string_equal(f.text, "Reading key failed.");
	assert_string_equal(f.request_id, "");
	assert_string_equal(f.inner_code, "");
}

static void text_is_one_clean_line(void **state)
{
	struct fault f;

	(void)state;
	fault_set(&f, FAULT_LOCAL, 0, "a\nb\tc\x7f\x1b d\xff");
	assert_string_equal(f.text, "a b c   d?");
}

static void text_is_cut_at_a_character(void **state)
{
	char long_text[FAULT_TEXT_MAX * 2];
	struct fault f;

	(void)state;
	memset(long_text, 'a', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	/* The last byte that fits is the first half of a character. */
	memcpy(long_text + FAULT_TEXT_MAX - 2, "\xc3\xa4", 2);
	fault_set(&f, FAULT_LOCAL, 0, "%s", long_text);
	assert_int_equal(strlen(f.text), FAULT_TEXT_MAX - 2);
	assert_int_equal(f.text[FAULT_TEXT_MAX - 3], 'a');
}

static void arguments_may_lie_inside(void **state)
{
	struct fault f;

	(void)state;
	fault_set(&f, FAULT_LOCAL, 2, "inner");
	fault_set(&f, FAULT_INVALID, f.code, "outer: %s", f.text);
	assert_string_equal(f.text, "outer: inner");
	assert_int_equal(f.code, 2);
}

static void every_kind_has_its_word(void **state)
{
	(void)state;
	assert_string_equal(fault_kind_str(FAULT_NONE), "none");
	assert_string_equal(fault_kind_str(FAULT_THROTTLED), "throttled");
	assert_string_equal(fault_kind_str(FAULT_LOCAL), "local");
	for (int k = FAULT_NONE; k <= FAULT_LOCAL; k++) {
		assert_non_null(fault_kind_str((enum fault_kind)k));
		for (int other = FAULT_NONE; other < k; other++)
			assert_string_not_equal(
				fault_kind_str((enum fault_kind)k),
				fault_kind_str((enum fault_kind)other));
	}
	assert_string_equal(fault_kind_str((enum fault_kind)99), "unknown");
}

static void only_some_kinds_pass_by_themselves(void **state)
{
	struct fault f = fault_none();

	(void)state;
	for (int k = FAULT_NONE; k <= FAULT_LOCAL; k++) {
		bool want = k == FAULT_TRANSIENT || k == FAULT_THROTTLED ||
			    k == FAULT_CONFLICT;

		f.kind = (enum fault_kind)k;
		assert_int_equal(fault_is_transient(&f), want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_is_silent),
		cmocka_unit_test(set_fills_and_returns_false),
		cmocka_unit_test(text_is_one_clean_line),
		cmocka_unit_test(text_is_cut_at_a_character),
		cmocka_unit_test(arguments_may_lie_inside),
		cmocka_unit_test(every_kind_has_its_word),
		cmocka_unit_test(only_some_kinds_pass_by_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

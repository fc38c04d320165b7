/* base/intern: one copy of each text, as long as a place names it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/intern.h"
#include "base/random.h"

#define PLACES 3000
#define TEXTS 900

static void one_copy_of_each(void **state)
{
	struct intern t = { 0 };
	const char *a = NULL, *b = "", *c = NULL;
	char text[] = "0123456789abcdef";

	(void)state;
	intern_set(&t, &a, text);
	intern_set(&t, &b, "0123456789abcdef");
	intern_set(&t, &c, "0123456789ABCDEF");
	assert_string_equal(a, text);
	assert_ptr_equal(a, b);
	assert_ptr_not_equal(a, text);
	assert_string_equal(c, "0123456789ABCDEF");
	assert_int_equal(t.n, 2);
	text[0] = 'x';
	assert_string_equal(a, "0123456789abcdef");
	intern_set(&t, &a, "");
	assert_string_equal(a, "");
	assert_string_equal(b, "0123456789abcdef");
	intern_set(&t, &b, NULL);
	assert_string_equal(b, "");
	assert_int_equal(t.n, 1);
	intern_set(&t, &c, "");
	assert_int_equal(t.n, 0);
	intern_free(&t);
}

/* What it names is only let go of when the new one is kept. */
static void itself_and_a_part_of_it(void **state)
{
	struct intern t = { 0 };
	const char *a = NULL;

	(void)state;
	intern_set(&t, &a, "one and two");
	intern_set(&t, &a, a);
	assert_string_equal(a, "one and two");
	intern_set(&t, &a, a + 8);
	assert_string_equal(a, "two");
	assert_int_equal(t.n, 1);
	intern_set(&t, &a, NULL);
	intern_free(&t);
}

static void none_at_all(void **state)
{
	struct intern t = { 0 };
	const char *a = NULL;

	(void)state;
	intern_set(&t, &a, NULL);
	assert_string_equal(a, "");
	assert_int_equal(t.size, 0);
	intern_free(&t);
}

/* Against an array of copies; the table follows their number, and gives back
 * what it grew by. */
static void many_places(void **state)
{
	struct intern t = { 0 };
	const char *places[PLACES] = { 0 };
	int want[PLACES] = { 0 };
	struct random r;
	size_t different = 0;
	bool seen[TEXTS + 1] = { 0 };

	(void)state;
	random_init(&r, 7);
	for (int round = 0; round < 20 * PLACES; round++) {
		size_t i = (size_t)random_below(&r, PLACES);
		char text[16];

		want[i] = (int)random_below(&r, TEXTS + 1);
		snprintf(text, sizeof(text), "%d", want[i]);
		intern_set(&t, &places[i], want[i] ? text : "");
	}
	for (size_t i = 0; i < PLACES; i++) {
		assert_int_equal(places[i] ? atoi(places[i]) : 0, want[i]);
		if (want[i] && !seen[want[i]])
			different++;
		seen[want[i]] = true;
	}
	assert_int_equal(t.n, different);
	for (size_t i = 0; i < PLACES; i++)
		intern_set(&t, &places[i], "");
	assert_int_equal(t.n, 0);
	assert_true(t.size <= 128);
	intern_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_copy_of_each),
		cmocka_unit_test(itself_and_a_part_of_it),
		cmocka_unit_test(none_at_all),
		cmocka_unit_test(many_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

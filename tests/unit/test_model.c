/* engine/model: what many registries have in common is kept once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine/model.h"

#define PLACES 500

static struct fault numbered(int n)
{
	struct fault f;

	fault_set(&f, FAULT_DENIED, 403, "No, for reason %d.", n);
	return f;
}

/* One trouble of all is one copy, and a new one of one registry its own. */
static void a_fault_is_shared(void **state)
{
	struct engine *e = text_alloc(1, sizeof(*e));
	const struct fault *places[PLACES] = { 0 };
	struct fault one = numbered(1), other = numbered(2);

	(void)state;
	for (size_t i = 0; i < PLACES; i++)
		model_fault_keep(e, &places[i], &one);
	for (size_t i = 1; i < PLACES; i++)
		assert_ptr_equal(places[i], places[0]);
	model_fault_keep(e, &places[7], &other);
	assert_ptr_not_equal(places[7], places[0]);
	assert_string_equal(places[7]->text, other.text);
	assert_string_equal(places[0]->text, one.text);
	/* What it says is asked anew, and is the same. */
	model_fault_keep(e, &places[7], places[0]);
	assert_ptr_equal(places[7], places[0]);
	model_fault_keep(e, &places[7], places[7]);
	assert_string_equal(places[7]->text, one.text);
	for (size_t i = 0; i < PLACES; i++) {
		model_fault_keep(e, &places[i], NULL);
		assert_null(places[i]);
	}
	free(e);
}

/* Each says what was kept there, however many there are; the sanitizer sees
 * that none is left or freed too early. */
static void faults_of_many_kinds(void **state)
{
	struct engine *e = text_alloc(1, sizeof(*e));
	const struct fault *places[PLACES] = { 0 };

	(void)state;
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < PLACES; i++) {
			struct fault f = numbered(i % (20 + round));

			model_fault_keep(e, &places[i], &f);
		}
	for (int i = 0; i < PLACES; i++) {
		struct fault f = numbered(i % 22);

		assert_true(fault_same(places[i], &f));
		f.retry_after_ms = 5;
		assert_false(fault_same(places[i], &f));
		model_fault_keep(e, &places[i], NULL);
	}
	for (size_t i = 0; i < ENGINE_FAULTS; i++)
		assert_null(e->faults[i]);
	free(e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fault_is_shared),
		cmocka_unit_test(faults_of_many_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

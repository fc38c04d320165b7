/* Scarce budgets: what failed once has its turn again, and what is urgent
 * has it sooner, also when there is always something else to ask. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine_help.h"

/* 40 registries at a read in ten seconds are 5,000 at the usual 12.5 in one. */
#define SCARCE "read-rate = \"0.1\" read-burst = \"1\""

static struct rig g;

static int stop(void **state)
{
	(void)state;
	rig_stop(&g);
	return 0;
}

static void a_list_comes_back_among_single_reads(void **state)
{
	int64_t from;

	(void)state;
	rig_start(&g, rig_config(SCARCE, RIG_KEY, "", 0, 40), 40);
	rig_tick(&g);
	rig_run(&g, 30 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	fault_set(&g.faults[CALL_LIST], FAULT_TRANSIENT, 503, "Not now.");
	rig_run(&g, 30 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	g.faults[CALL_LIST] = fault_none();
	g.hold = 1u << CALL_LIST;
	from = g.now.boot;
	assert_true(rig_until(&g, CALL_LIST, 20 * MINUTE));
	assert_in_range(g.now.boot - from, 0, 15 * MINUTE);
	g.hold = 0;
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	/* Then it is enough. */
	g.sent[CALL_REGISTRY] = 0;
	rig_run(&g, HOUR);
	assert_in_range(g.sent[CALL_REGISTRY], 0, 5);
}

/* The role is on the registries alone, so that all are read one by one; the
 * first read that a new version asks for fails. */
static void an_urgent_read_that_failed_is_soon_again(void **state)
{
	char first[RESID_TEXT_MAX];
	int64_t failed_at, effective;
	struct asked *a;

	(void)state;
	rig_start(&g, rig_config(SCARCE, RIG_KEY, "", 0, 40), 40);
	fault_set(&g.faults[CALL_LIST], FAULT_DENIED, 403, "No.");
	rig_tick(&g);
	rig_run(&g, 3 * HOUR);
	effective = g.now.boot;
	rig_newer(&g, V2, rig_azure(&g));
	while (g.told[NOTE_NEW_VERSION] == 0)
		rig_run(&g, SECOND);
	g.hold = 1u << CALL_REGISTRY;
	assert_true(rig_until(&g, CALL_REGISTRY, HOUR));
	a = rig_find(&g, CALL_REGISTRY, NULL);
	text_copy(first, sizeof(first), a->registry);
	rig_fail(&g, a, FAULT_TRANSIENT, 503);
	failed_at = g.now.boot;
	for (;;) {
		assert_true(rig_until(&g, CALL_REGISTRY, HOUR));
		a = rig_find(&g, CALL_REGISTRY, NULL);
		if (strcmp(a->registry, first) == 0)
			break;
		rig_good_answer(&g, a);
		assert_in_range(g.now.boot - failed_at, 0, 10 * MINUTE);
	}
	/* All of them in time. */
	g.hold = 0;
	rig_run(&g, effective + 2 * HOUR - g.now.boot);
	assert_int_equal(g.told[NOTE_VERIFIED], 40);
}

/* One key of three fails once at a vault that bears fewer polls than there
 * are to make: each has its share all the same. */
static void a_key_that_failed_once_is_polled_as_the_others(void **state)
{
	static const char *const names[] = { "acr-cmk", "other", "third" };
	unsigned polls[3] = { 0 }, n;
	char *part, text[4000] = "";
	bool failed = false;
	struct asked *k;
	int64_t end;

	(void)state;
	for (n = 0; n < 3; n++) {
		char key[100];

		snprintf(key, sizeof(key),
			 "https://contoso.vault.azure.net/keys/%s", names[n]);
		part = rig_config(
			n ? "" : "vault-rate = \"0.02\" vault-burst = \"1\"",
			key, "mode = \"observe\"", n, 1);
		strncat(text, part, sizeof(text) - strlen(text) - 1);
		free(part);
	}
	rig_start(&g, text_dup(text), 3);
	g.hold = 1u << CALL_KEY;
	rig_tick(&g);
	end = g.now.boot + 12 * HOUR;
	while (rig_until(&g, CALL_KEY, end - g.now.boot)) {
		k = rig_find(&g, CALL_KEY, NULL);
		for (n = 0; strcmp(k->call.key.name, names[n]) != 0; n++)
			assert_true(n < 2);
		polls[n] += failed;
		if (n == 1 && !failed) {
			failed = true;
			rig_fail(&g, k, FAULT_TRANSIENT, 503);
		} else {
			rig_good_answer(&g, k);
		}
	}
	for (n = 0; n < 3; n++)
		assert_in_range(polls[n], 250, 320);
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_list_comes_back_among_single_reads),
		TEST(an_urgent_read_that_failed_is_soon_again),
		TEST(a_key_that_failed_once_is_polled_as_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

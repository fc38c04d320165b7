/* engine: how old a key's version may become, and its rotation policy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine_help.h"

#define WANTS "read-rotation-policy = true\n"

static struct rig g;

static int start(void **state)
{
	(void)state;
	rig_start(&g, rig_config(WANTS "max-age = 100d", RIG_KEY, "", 0, 2), 2);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rig_stop(&g);
	return 0;
}

/* ---- age ---- */

static void of_age(int64_t days)
{
	g.versions[0].created = rig_azure(&g) - days * DAY;
	rig_run(&g, 6 * MINUTE);
}

static bool warned(const char *name)
{
	return strstr(rig_registry(&g, 0, "reason"), name) != NULL;
}

static void an_old_version_degrades(void **state)
{
	(void)state;
	of_age(69);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_false(warned("key-"));
	of_age(71);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_true(warned("warning: key-ageing"));
	assert_non_null(rig_said(&g, NOTE_WARNING));
	of_age(101);
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	assert_true(warned("warning: key-too-old"));
	assert_false(warned("key-ageing"));
	assert_non_null(strstr(rig_summary(&g, "reason"),
			       "2 with a serious warning (key-too-old)."));
	assert_non_null(strstr(rig_registry(&g, 0, "alarm"), "max-age"));
	/* A new version cures it. */
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 30 * MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_false(warned("key-"));
}

static void time_alone_makes_it_old(void **state)
{
	(void)state;
	of_age(99);
	assert_true(warned("key-ageing"));
	g.token_life = 10 * DAY;
	rig_run(&g, DAY + 10 * MINUTE);
	assert_true(warned("key-too-old"));
}

static void a_watch_has_its_own(void **state)
{
	(void)state;
	rig_restart(&g, rig_config("max-age = 100d", RIG_KEY, "max-age = 0s", 0,
				   2));
	of_age(5000);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	rig_restart(&g, rig_config("", RIG_KEY, "max-age = 10d", 0, 2));
	of_age(11);
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	rig_restart(&g, rig_config("", RIG_KEY, "", 0, 2));
	of_age(5000);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	/* The version that is held, not the newest. */
	rig_restart(&g, rig_config("max-age = 10d", RIG_KEY "/" V1, "", 0, 2));
	rig_newer(&g, V2, rig_azure(&g));
	of_age(11);
	assert_string_equal(rig_summary(&g, "state"), "degraded");
}

/* ---- rotation policy ---- */

static const char *policy(void)
{
	return rig_key(&g, "rotation_policy");
}

static void it_is_read_once_a_day(void **state)
{
	(void)state;
	rig_tick(&g);
	assert_int_equal(g.sent[CALL_POLICY], 0);
	assert_string_equal(policy(), "null");
	rig_run(&g, 11 * MINUTE);
	assert_int_equal(g.sent[CALL_POLICY], 1);
	assert_string_equal(policy(), "rotates P60D after creation");
	rig_run(&g, 23 * HOUR);
	assert_int_equal(g.sent[CALL_POLICY], 1);
	rig_run(&g, 24 * HOUR);
	assert_int_equal(g.sent[CALL_POLICY], 2);
	/* Whoever asks for all keys asks for their versions. */
	engine_poll(g.engine, NULL, g.now);
	rig_drain(&g);
	rig_answer(&g);
	assert_int_equal(g.sent[CALL_POLICY], 2);
	engine_poll(g.engine, RIG_KEY, g.now);
	rig_drain(&g);
	rig_answer(&g);
	assert_int_equal(g.sent[CALL_POLICY], 3);
	rig_run(&g, 23 * HOUR);
	assert_int_equal(g.sent[CALL_POLICY], 3);
}

static void a_refusal_is_silent(void **state)
{
	(void)state;
	fault_set(&g.faults[CALL_POLICY], FAULT_DENIED, 403, "Denied.");
	rig_run(&g, HOUR);
	assert_int_equal(g.sent[CALL_POLICY], 1);
	assert_string_equal(policy(), "null");
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.told[NOTE_FAILED] + g.told[NOTE_KEY_ERROR] +
				 g.told[NOTE_WARNING],
			 0);
	/* The right was given, and somebody asks. */
	g.faults[CALL_POLICY] = fault_none();
	engine_poll(g.engine, RIG_KEY, g.now);
	rig_drain(&g);
	rig_answer(&g);
	assert_string_equal(policy(), "rotates P60D after creation");
	/* It was taken away again: what was read is not known to be so. */
	fault_set(&g.faults[CALL_POLICY], FAULT_DENIED, 403, "Denied.");
	rig_run(&g, 25 * HOUR);
	assert_string_equal(policy(), "null");
}

static void trouble_with_it_passes(void **state)
{
	unsigned polls;

	(void)state;
	rig_run(&g, 11 * MINUTE);
	fault_set(&g.faults[CALL_POLICY], FAULT_TRANSIENT, 503, "Busy.");
	rig_run(&g, 24 * HOUR);
	assert_string_equal(policy(), "rotates P60D after creation");
	g.sent[CALL_POLICY] = 0;
	polls = g.sent[CALL_KEY];
	rig_run(&g, 6 * HOUR);
	assert_in_range(g.sent[CALL_POLICY], 4, 7);
	assert_in_range(g.sent[CALL_KEY] - polls, 355, 365);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void an_answer_that_never_comes_stops_nothing(void **state)
{
	unsigned polls;

	(void)state;
	rig_run(&g, MINUTE);
	g.may_lose = true;
	g.hold = 1u << CALL_POLICY;
	polls = g.sent[CALL_KEY];
	rig_run(&g, 30 * MINUTE);
	assert_true(g.sent[CALL_POLICY] > 0);
	assert_in_range(g.sent[CALL_KEY] - polls, 28, 32);
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void a_reload_switches_it(void **state)
{
	char *text;

	(void)state;
	rig_run(&g, 11 * MINUTE);
	text = rig_config("read-rotation-policy = false", RIG_KEY, "", 0, 2);
	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	rig_run(&g, 50 * HOUR);
	assert_int_equal(g.sent[CALL_POLICY], 1);
	assert_string_equal(policy(), "null");
	text = rig_config(WANTS, RIG_KEY, "", 0, 2);
	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	rig_run(&g, 12 * MINUTE);
	assert_int_equal(g.sent[CALL_POLICY], 2);
	/* The key is gone while it is asked for. */
	g.may_lose = true;
	g.hold = 1u << CALL_POLICY;
	engine_poll(g.engine, RIG_KEY, g.now);
	rig_drain(&g);
	assert_non_null(rig_find(&g, CALL_POLICY, NULL));
	text = rig_config(WANTS, RIG_OTHER_KEY, "", 0, 2);
	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	rig_drain(&g);
	assert_null(rig_find(&g, CALL_POLICY, NULL));
	rig_run(&g, MINUTE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_old_version_degrades, start,
						stop),
		cmocka_unit_test_setup_teardown(time_alone_makes_it_old, start,
						stop),
		cmocka_unit_test_setup_teardown(a_watch_has_its_own, start,
						stop),
		cmocka_unit_test_setup_teardown(it_is_read_once_a_day, start,
						stop),
		cmocka_unit_test_setup_teardown(a_refusal_is_silent, start,
						stop),
		cmocka_unit_test_setup_teardown(trouble_with_it_passes, start,
						stop),
		cmocka_unit_test_setup_teardown(
			an_answer_that_never_comes_stops_nothing, start, stop),
		cmocka_unit_test_setup_teardown(a_reload_switches_it, start,
						stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* engine: keys that a watch holds at a version by hand, in their own words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/text.h"
#include "engine/explain.h"
#include "engine/report.h"
#include "engine_help.h"

static struct rig g;

static int stop(void **state)
{
	(void)state;
	rig_stop(&g);
	return 0;
}

/* A watch that names this version, and a registry on V1. */
static void named(const char *version)
{
	char key[120];

	snprintf(key, sizeof(key), RIG_KEY "/%s", version);
	rig_start(&g, rig_config("", key, "", 0, 1), 1);
}

static void reason_has(const char *text)
{
	if (!strstr(rig_registry(&g, 0, "reason"), text))
		fail_msg("\"%s\" does not say \"%s\"",
			 rig_registry(&g, 0, "reason"), text);
}

static void reason_has_not(const char *text)
{
	if (strstr(rig_registry(&g, 0, "reason"), text))
		fail_msg("\"%s\" says \"%s\"", rig_registry(&g, 0, "reason"),
			 text);
}

static bool why_says(const char *text)
{
	struct buf b;
	size_t n;
	bool found;

	buf_init(&b, REPORT_ROWS_MAX);
	assert_true(explain_registry(g.engine,
				     engine_find(g.engine, rig_id(0), &n), &b));
	found = strstr(buf_str(&b), text) != NULL;
	buf_free(&b);
	return found;
}

static void a_newer_version_is_mentioned(void **state)
{
	(void)state;
	named(V1);
	rig_tick(&g);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_equal(rig_registry(&g, 0, "advice"), "null");
	assert_string_equal(rig_key(&g, "advice"), "null");
	rig_newer(&g, V2, RIG_NOW + MINUTE);
	rig_run(&g, 5 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	reason_has("; a newer version 22222222 exists since "
		   "2026-03-01T12:01:00Z; to move, write that version in the "
		   "watch's title and reload, then use keyrotctl rotate");
	assert_non_null(strstr(rig_registry(&g, 0, "advice"), "22222222"));
	assert_non_null(strstr(rig_key(&g, "advice"), "keyrotctl rotate"));
	assert_true(why_says("A newer version 22222222 exists since"));
	assert_true(why_says("The version that the watch names may be used."));
	assert_string_equal(rig_key(&g, "usable"), "true");
	assert_string_equal(rig_key(&g, "reason"), "null");
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.sent[CALL_PATCH], 0);
	/* The newest is disabled: nothing to move to, and nothing is wrong
	 * with the version that is held. */
	g.versions[1].enabled = false;
	rig_run(&g, 5 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_equal(rig_key(&g, "usable"), "true");
	reason_has("which cannot be moved to: the newest version is disabled");
	reason_has_not("to move");
}

/* One look at the newest version in each interval, and no more. */
static void what_is_newer_costs_no_more_reads(void **state)
{
	unsigned before;

	(void)state;
	named(V1);
	rig_tick(&g);
	rig_newer(&g, V2, RIG_NOW + MINUTE);
	rig_run(&g, 10 * MINUTE);
	before = g.sent[CALL_KEY];
	rig_run(&g, HOUR);
	/* The one that is held is read with the registries. */
	assert_in_range(g.sent[CALL_KEY] - before, 59, 61 + 13);
}

/* A named version that is not the newest is read after that one: until then
 * nothing is held, and nothing is wrong. */
static void the_first_words_are_no_alarm(void **state)
{
	(void)state;
	named(V1);
	rig_newer(&g, V2, RIG_NOW - HOUR);
	g.hold = 1u << CALL_KEY;
	rig_tick(&g);
	assert_string_equal(rig_summary(&g, "state"), "starting");
	rig_good_answer(&g, rig_find(&g, CALL_KEY, NULL));
	rig_answer(&g);
	assert_string_equal(rig_summary(&g, "state"), "starting");
	assert_string_equal(rig_registry(&g, 0, "state"), "unknown");
	/* It may fail once or twice. */
	rig_fail(&g, rig_find(&g, CALL_KEY, V1), FAULT_TRANSIENT, 503);
	assert_string_equal(rig_summary(&g, "state"), "starting");
	g.hold = 0;
	rig_run(&g, MINUTE);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_int_equal(g.told[NOTE_HELD], 0);
	assert_int_equal(g.told[NOTE_STATE], 2);
	assert_non_null(strstr(rig_said(&g, NOTE_STATE)->text, "is ok"));
}

/* Nor does anybody wait for it where the key as a whole is not to be read. */
static void a_key_in_trouble_is_no_start(void **state)
{
	(void)state;
	named(V1);
	fault_set(&g.faults[CALL_KEY], FAULT_TRANSIENT, 503, "Busy.");
	rig_tick(&g);
	rig_run(&g, SECOND);
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	assert_string_equal(rig_registry(&g, 0, "state"), "unreachable");
}

/* One that is not to be read is told of, after three times. */
static void a_named_version_that_stays_unread_is_held(void **state)
{
	(void)state;
	named(V1);
	rig_newer(&g, V2, RIG_NOW - HOUR);
	g.hold = 1u << CALL_KEY;
	rig_tick(&g);
	rig_good_answer(&g, rig_find(&g, CALL_KEY, NULL));
	rig_answer(&g);
	for (int i = 0; i < 3; i++) {
		while (!rig_find(&g, CALL_KEY, V1))
			rig_run(&g, SECOND);
		rig_fail(&g, rig_find(&g, CALL_KEY, V1), FAULT_DENIED, 403);
	}
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	assert_int_equal(g.told[NOTE_HELD], 1);
}

static void an_older_one_is_not_newer(void **state)
{
	(void)state;
	named(V2);
	g.versions[0] = rig_good(V2, RIG_NOW - HOUR);
	rig_newer(&g, V1, RIG_NOW - DAY); /* restored, or a replica lags */
	g.models[0].view = rig_view(V2);
	rig_tick(&g);
	rig_run(&g, 5 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_equal(rig_registry(&g, 0, "advice"), "null");
}

static void a_version_that_is_not_found(void **state)
{
	(void)state;
	named(V3);
	rig_tick(&g);
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	reason_has("not found");
	reason_has_not("disabled");
	assert_string_equal(rig_key(&g, "usable"), "false");
	assert_non_null(strstr(rig_key(&g, "reason"), "not found"));
	assert_string_equal(rig_summary(&g, "state"), "degraded");
	assert_false(engine_all_current(g.engine));
	assert_true(engine_pass_done(g.engine));
	/* It does not exist: nobody can be leaving it. */
	assert_string_equal(rig_version(&g, V3, "verdict"), "unknown");
	assert_non_null(strstr(rig_version(&g, V3, "reason"), "not find"));
	/* Once it is there. */
	g.versions[g.n_versions++] = rig_good(V3, RIG_NOW - HOUR);
	g.models[0].view = rig_view(V3);
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_equal(rig_summary(&g, "state"), "ok");
}

static void a_version_that_is_disabled(void **state)
{
	(void)state;
	named(V1);
	rig_newer(&g, V2, RIG_NOW - HOUR);
	g.versions[0].enabled = false;
	rig_tick(&g);
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	reason_has("the version that the watch names is disabled");
	reason_has_not("newest version is");
	assert_string_equal(rig_summary(&g, "state"), "failed");
	assert_non_null(strstr(rig_summary(&g, "worst"), "disabled"));
	assert_string_equal(rig_version(&g, V1, "verdict"), "in use");
	g.versions[0].enabled = true;
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
}

static void a_version_that_expires(void **state)
{
	(void)state;
	named(V1);
	rig_newer(&g, V2, RIG_NOW - HOUR);
	g.versions[0].expires = RIG_NOW + 20 * MINUTE;
	rig_tick(&g);
	rig_run(&g, 19 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	rig_run(&g, 2 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	reason_has("the version that the watch names has expired");
}

/* A person is about to move the registries there. */
static void a_named_version_is_not_draining(void **state)
{
	(void)state;
	named(V1);
	rig_newer(&g, V2, RIG_NOW - HOUR);
	g.models[0].view = rig_view(V2);
	rig_tick(&g);
	rig_run(&g, 3 * DAY);
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	reason_has("moved only by hand");
	assert_string_equal(rig_version(&g, V1, "verdict"), "in use");
	assert_non_null(strstr(rig_version(&g, V1, "reason"), "watch"));
	assert_string_equal(rig_version(&g, V1, "registries"), "0");
}

static void a_pass_waits_for_the_named_version(void **state)
{
	(void)state;
	named(V1);
	rig_newer(&g, V2, RIG_NOW - HOUR);
	g.hold = 1u << CALL_KEY;
	rig_tick(&g);
	rig_good_answer(&g, rig_find(&g, CALL_KEY, NULL)); /* the newest */
	assert_non_null(rig_find(&g, CALL_KEY, V1));
	assert_false(engine_pass_done(g.engine));
	g.hold = 0;
	rig_answer(&g);
	assert_true(engine_pass_done(g.engine));
	assert_true(engine_all_current(g.engine));
}

static void what_is_told_names_the_watch_s_version(void **state)
{
	(void)state;
	named(V1);
	rig_newer(&g, V2, RIG_NOW - HOUR);
	g.models[0].view = rig_view(V2);
	rig_tick(&g);
	rig_run(&g, 5 * MINUTE);
	assert_string_equal(rig_said(&g, NOTE_HELD)->version, V1);
	g.models[0].view = rig_view(V1);
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_non_null(
		strstr(rig_said(&g, NOTE_VERIFIED)->text, "its watch names"));
	assert_null(strstr(rig_said(&g, NOTE_VERIFIED)->text, "effective"));
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_newer_version_is_mentioned),
		TEST(what_is_newer_costs_no_more_reads),
		TEST(the_first_words_are_no_alarm),
		TEST(a_key_in_trouble_is_no_start),
		TEST(a_named_version_that_stays_unread_is_held),
		TEST(an_older_one_is_not_newer),
		TEST(a_version_that_is_not_found),
		TEST(a_version_that_is_disabled),
		TEST(a_version_that_expires),
		TEST(a_named_version_is_not_draining),
		TEST(a_pass_waits_for_the_named_version),
		TEST(what_is_told_names_the_watch_s_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

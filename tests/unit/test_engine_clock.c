/* engine: what time it is, by many hosts of which one may be wrong. */
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
#include "engine/report.h"
#include "engine_help.h"

#define ODD_VAULT "fabrikam.vault.azure.net"
#define ODD_KEYS 4
#define ODD_KEY "https://" ODD_VAULT "/keys/acr-cmk"

static struct rig g;

static int stop(void **state)
{
	(void)state;
	rig_stop(&g);
	return 0;
}

/* Two vaults, a registry on each key.  The second vault has most of the keys,
 * so that it is heard most often, and is ahead. */
static void two_vaults(int64_t ahead)
{
	char *text = rig_config("", RIG_KEY, "", 0, 1), *more;
	struct fault f;
	char key[80];

	for (unsigned i = 1; i <= ODD_KEYS; i++) {
		snprintf(key, sizeof(key), ODD_KEY "%u", i);
		more = rig_config(text, key, "", i, 1);
		free(text);
		text = more;
	}
	rig_start(&g, text, 1 + ODD_KEYS);
	for (unsigned i = 1; i <= ODD_KEYS; i++) {
		snprintf(key, sizeof(key), ODD_KEY "%u", i);
		keyid_parse(&g.models[i].view.key, key, &f);
	}
	g.versions[0].expires = RIG_NOW + 300 * DAY;
	g.odd_vault = ODD_VAULT;
	g.odd_ahead = ahead;
}

static bool summary_says(const char *what)
{
	struct buf b;
	bool found;

	buf_init(&b, REPORT_ROWS_MAX);
	assert_true(report_summary(g.engine, "1.0.0", &b));
	found = strstr(buf_str(&b), what) != NULL;
	buf_free(&b);
	return found;
}

static unsigned told_of_clock(void)
{
	unsigned n = 0;

	for (size_t i = 0; i < g.n_said; i++)
		n += g.said[i].kind == NOTE_CLOCK;
	return n;
}

static void one_vault_in_2099_expires_nobody_s_key(void **state)
{
	char deadline[40];

	(void)state;
	two_vaults(73 * 365 * DAY);
	rig_tick(&g);
	rig_run(&g, 30 * MINUTE);
	assert_string_equal(rig_key(&g, "usable"), "true");
	assert_string_equal(rig_registry(&g, 0, "state"), "current");
	assert_string_equal(rig_registry(&g, 1, "state"), "current");
	assert_int_equal(engine_now(g.engine, g.now), rig_azure(&g));
	/* Told once, however often it says so; and counted. */
	assert_int_equal(told_of_clock(), 1);
	assert_non_null(strstr(rig_said(&g, NOTE_CLOCK)->text, ODD_VAULT));
	assert_non_null(strstr(rig_said(&g, NOTE_CLOCK)->text, " 2099-"));
	assert_string_equal(rig_summary(&g, "state"), "ok");
	assert_non_null(strstr(rig_summary(&g, "reason"), "1 host tells"));
	assert_true(
		summary_says("\"odd_clocks\":[{\"host\":\"https://" ODD_VAULT));
	/* A new version moves in its window; no deadline has moved. */
	text_copy(deadline, sizeof(deadline), rig_registry(&g, 0, "deadline"));
	assert_int_equal(text_parse_rfc3339(deadline), RIG_NOW - DAY + HOUR);
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 10 * MINUTE);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	assert_string_equal(rig_registry(&g, 1, "version_in_use"), V2);
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
	assert_int_equal(told_of_clock(), 1);
	/* Once its clock was set, nothing is said of it any more. */
	g.odd_vault = NULL;
	rig_run(&g, 40 * MINUTE);
	assert_null(strstr(rig_summary(&g, "reason"), "host tells"));
	assert_true(summary_says("\"odd_clocks\":[]"));
}

static void an_hour_off_among_others_moves_nothing(void **state)
{
	(void)state;
	two_vaults(HOUR);
	rig_tick(&g);
	rig_run(&g, 30 * MINUTE);
	assert_int_equal(engine_now(g.engine, g.now), rig_azure(&g));
	assert_int_equal(told_of_clock(), 0);
}

/* Our own clock is wrong by years: the others agree on what it is. */
static void a_clock_of_ours_that_is_wrong_is_told_by_the_others(void **state)
{
	(void)state;
	two_vaults(0);
	g.now.wall -= 30 * 365 * DAY;
	g.ahead = 30 * 365 * DAY;
	rig_tick(&g);
	rig_run(&g, MINUTE);
	assert_int_equal(engine_now(g.engine, g.now), rig_azure(&g));
	assert_int_equal(told_of_clock(), 1);
	assert_non_null(strstr(rig_said(&g, NOTE_CLOCK)->text, "This host's"));
	assert_true(summary_says("\"odd_clocks\":[]"));
}

/* Two days ahead, and the first host that tells the time contradicts: as long
 * as no second one does, no version has begun and no deadline is over. */
static void by_a_clock_in_doubt_nothing_is_late_or_begins(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	g.now.wall += 2 * DAY;
	g.ahead = -2 * DAY;
	rig_newer(&g, V2, rig_azure(&g) - MINUTE);
	g.versions[1].not_before = rig_azure(&g) + DAY;
	/* The metadata service tells no date, and nor does a connection that
	 * fails. */
	g.undated = true;
	g.hold = 1u << CALL_KEY;
	rig_tick(&g);
	g.undated = false;
	rig_good_answer(&g, rig_find(&g, CALL_KEY, NULL));
	assert_false(engine_now(g.engine, g.now) == rig_azure(&g));
	assert_int_equal(g.sent[CALL_PATCH], 0);
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	g.hold = 0;
	rig_answer(&g);
	rig_run(&g, 6 * MINUTE);
	assert_int_equal(engine_now(g.engine, g.now), rig_azure(&g));
	assert_int_equal(g.sent[CALL_PATCH], 0);
	assert_string_equal(rig_registry(&g, 0, "state"), "held");
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
	rig_run(&g, DAY);
	assert_string_equal(rig_registry(&g, 0, "version_in_use"), V2);
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
	rig_stop(&g);
	/* A registry that cannot be read, and a day-old deadline by our clock
	 * alone. */
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	g.now.wall += 2 * DAY;
	g.ahead = -2 * DAY;
	g.versions[0] = rig_good(V1, rig_azure(&g) - MINUTE);
	g.undated = true;
	fault_set(&g.faults[CALL_REGISTRY], FAULT_TRANSIENT, 0, "No route.");
	g.hold = 1u << CALL_KEY;
	rig_tick(&g);
	g.undated = false;
	rig_good_answer(&g, rig_find(&g, CALL_KEY, NULL));
	g.undated = true;
	rig_run(&g, MINUTE);
	assert_int_equal(g.told[NOTE_OVERDUE], 0);
}

/* Azure's time is believed to be another one: the deadlines follow. */
static void a_step_that_many_agree_on_is_told(void **state)
{
	(void)state;
	two_vaults(0);
	rig_tick(&g);
	rig_run(&g, 5 * MINUTE);
	g.ahead = 3 * DAY;
	rig_run(&g, 15 * MINUTE);
	assert_int_equal(engine_now(g.engine, g.now), rig_azure(&g));
	assert_true(told_of_clock() > 0);
	assert_true(summary_says("\"odd_clocks\":[]"));
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_vault_in_2099_expires_nobody_s_key),
		TEST(an_hour_off_among_others_moves_nothing),
		TEST(a_clock_of_ours_that_is_wrong_is_told_by_the_others),
		TEST(by_a_clock_in_doubt_nothing_is_late_or_begins),
		TEST(a_step_that_many_agree_on_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

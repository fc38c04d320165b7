/* engine: a poll that brings nothing new is a question and nothing else: no
 * state to save and nothing to tell, while nobody's state changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine_help.h"

#define POLLS 100

static struct rig g;

static void begin(const char *options)
{
	rig_start(
		&g,
		rig_config("reread-interval = \"5m\"", RIG_KEY, options, 0, 3),
		3);
}

/* All that was asked for meanwhile is in reads: nothing is done about it. */
static void be_quiet(void)
{
	unsigned polls = g.sent[CALL_KEY], lists = g.sent[CALL_LIST];
	unsigned saves = g.saves;
	size_t said = g.n_said;
	char sentence[256], after[256];

	engine_sentence(g.engine, sentence, sizeof(sentence));
	for (int i = 0; i < POLLS; i++) {
		rig_run(&g, MINUTE);
		engine_sentence(g.engine, after, sizeof(after));
		assert_string_equal(sentence, after);
		if (g.n_said > said)
			fail_msg("poll %d: %s", i, g.said[said].text);
		if (g.saves > saves)
			fail_msg("poll %d asks for the state to be saved", i);
	}
	assert_in_range(g.sent[CALL_KEY] - polls, POLLS - 1, 3 * POLLS);
	assert_in_range(g.sent[CALL_LIST] - lists, POLLS / 5 - 1, POLLS);
}

static void settle(void)
{
	rig_run(&g, 30 * MINUTE);
}

static void all_are_current(void **state)
{
	(void)state;
	begin("");
	settle();
	assert_true(engine_all_current(g.engine));
	be_quiet();
	assert_int_equal(g.sent[CALL_PATCH], 0);
}

/* The version that nobody uses any more is looked at, too. */
static void after_a_rotation(void **state)
{
	(void)state;
	begin("");
	rig_tick(&g);
	rig_newer(&g, V2, rig_azure(&g));
	settle();
	assert_true(engine_all_current(g.engine));
	assert_int_equal(g.told[NOTE_VERIFIED], 3);
	/* Its day is over, whichever way that is told. */
	rig_run(&g, 2 * DAY);
	be_quiet();
}

/* Who cannot be moved is read again and again, and stays so. */
static void one_is_held(void **state)
{
	(void)state;
	begin("");
	g.models[0].view.encrypted = false;
	settle();
	assert_false(engine_all_current(g.engine));
	be_quiet();
}

static void one_is_gone(void **state)
{
	(void)state;
	begin("");
	g.models[2].missing = true;
	settle();
	rig_run(&g, DAY);
	assert_false(engine_all_current(g.engine));
	be_quiet();
}

/* The other part of "new": it can tell. */
static void a_new_version_is_no_quiet_poll(void **state)
{
	unsigned saves;

	(void)state;
	begin("");
	settle();
	saves = g.saves;
	rig_newer(&g, V2, rig_azure(&g));
	rig_run(&g, 2 * MINUTE);
	assert_true(g.saves > saves);
	assert_non_null(rig_said(&g, NOTE_NEW_VERSION));
}

static int stop(void **state)
{
	(void)state;
	rig_stop(&g);
	return 0;
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_are_current),
		TEST(after_a_rotation),
		TEST(one_is_held),
		TEST(one_is_gone),
		TEST(a_new_version_is_no_quiet_poll),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

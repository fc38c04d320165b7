/* What comes again is counted, and nothing that is new, or was done, is
 * hidden. */
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
#include "engine/repeat.h"
#include "engine_help.h"

static struct repeats rs;
static int64_t boot;
static char heard[NOTE_TEXT_MAX];
static unsigned due;

static int begin(void **state)
{
	(void)state;
	memset(&rs, 0, sizeof(rs));
	repeat_init(&rs);
	boot = RIG_BOOT;
	due = 0;
	return 0;
}

static int end(void **state)
{
	(void)state;
	repeat_free(&rs);
	return 0;
}

static void hear(struct note *n)
{
	text_copy(heard, sizeof(heard), n->text);
	repeat_drop(n);
}

static void pass(int64_t ms)
{
	struct note *n;

	boot += ms;
	while ((n = repeat_due(&rs, boot, RIG_NOW + boot - RIG_BOOT))) {
		hear(n);
		due++;
	}
}

static bool say_of(enum note_kind kind, const char *key, const char *registry,
		   const char *version, const char *text)
{
	struct note *n = text_alloc(1, sizeof(*n));

	n->kind = kind;
	n->time = RIG_NOW + boot - RIG_BOOT;
	n->key = text_dup(key);
	n->registry = text_dup(registry);
	text_copy(n->version, sizeof(n->version), version);
	text_copy(n->text, sizeof(n->text), text);
	if (!repeat_tells(&rs, n, boot))
		return false;
	hear(n);
	return true;
}

static bool say(enum note_kind kind, const char *text)
{
	return say_of(kind, RIG_KEY, "/r", V1, text);
}

/* ---- counting ---- */

static void the_count_is_told_at_the_end_of_the_hour(void **state)
{
	(void)state;
	assert_true(say(NOTE_HELD, "Registry r is held: it is so."));
	assert_string_equal(heard, "Registry r is held: it is so.");
	for (int i = 0; i < 37; i++) {
		pass(MINUTE);
		assert_false(say(NOTE_HELD, "Registry r is held: it is so."));
	}
	assert_int_equal(due, 0);
	pass(23 * MINUTE - 1);
	assert_int_equal(due, 0);
	pass(1);
	assert_int_equal(due, 1);
	assert_string_equal(
		heard,
		"Registry r is held: it is so (and 37 times since 2026-03-01T12:00:00Z, the last at 2026-03-01T12:37:00Z).");
	/* Another hour begins: counted on, then silence, then all is new. */
	assert_false(say(NOTE_HELD, "Registry r is held: it is so."));
	pass(HOUR);
	assert_int_equal(due, 2);
	assert_non_null(strstr(heard, "(and 1 time since"));
	pass(HOUR);
	assert_int_equal(due, 2);
	assert_int_equal(rs.n, 0);
	assert_true(say(NOTE_HELD, "Registry r is held: it is so."));
}

static void another_thing_version_or_reason_is_told(void **state)
{
	(void)state;
	assert_true(say_of(NOTE_FAILED, RIG_KEY, "/a", V1, "It failed: x."));
	assert_true(say_of(NOTE_FAILED, RIG_KEY, "/b", V1, "It failed: x."));
	assert_true(say_of(NOTE_FAILED, RIG_KEY, "/a", V2, "It failed: x."));
	assert_true(say_of(NOTE_FAILED, NULL, "/a", V1, "It failed: x."));
	assert_true(say_of(NOTE_FAILED, RIG_KEY, "/a", V1, "It failed: y."));
	assert_true(say_of(NOTE_BLOCKED, RIG_KEY, "/a", V1, "It failed: x."));
	assert_true(say_of(NOTE_FAILED, RIG_KEY, "/a", V1,
			   "It answered 403 Forbidden."));
	assert_true(say_of(NOTE_FAILED, RIG_KEY, "/a", V1,
			   "It answered 404 Forbidden."));
	assert_true(say_of(NOTE_FAILED, NULL, NULL, "",
			   "LIST of 11111111-2222-3333-4444-555555555555."));
	assert_true(say_of(NOTE_FAILED, NULL, NULL, "",
			   "LIST of 11111111-2222-3333-4444-666666666666."));
	assert_false(say_of(NOTE_FAILED, RIG_KEY, "/a", V1, "It failed: x."));
}

/* What is another one each time makes no other sort. */
static void ids_and_times_are_no_words(void **state)
{
	(void)state;
	assert_true(say(
		NOTE_FAILED,
		"503: after 60001 ms, at 2026-03-01 12:00:01Z (request id 8f2a-11)."));
	assert_false(say(
		NOTE_FAILED,
		"503: after 60022 ms, at 2026-03-02 13:01:59Z (request id ab-cd)."));
	assert_true(say(
		NOTE_FAILED,
		"AADSTS700: no. Trace ID: 11111111-2222-3333-4444-555555555555 Timestamp: 2026-03-01T12:00:01Z"));
	assert_false(say(
		NOTE_FAILED,
		"AADSTS700: no. Trace ID: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee Timestamp: 2026-03-01T12:00:41Z"));
}

/* Evidence, and what a person has asked for. */
static void what_was_done_is_always_told(void **state)
{
	static const enum note_kind always[] = {
		NOTE_WRITE,  NOTE_ACCEPTED, NOTE_VERIFIED,
		NOTE_LATE,   NOTE_PAUSED,   NOTE_RESUMED,
		NOTE_RELOAD, NOTE_DRY_RUN,  NOTE_RELOAD_REFUSED,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		for (int k = 0; k < 5; k++)
			assert_true(say(always[i], "It was done."));
	assert_int_equal(rs.n, 0);
}

/* ---- what turns about ---- */

static void what_stays_is_told_within_minutes(void **state)
{
	(void)state;
	assert_true(say(NOTE_KEY_ERROR, "503."));
	pass(SECOND);
	assert_true(say(NOTE_KEY_OK, "Good again."));
	for (int i = 0; i < 5; i++) {
		pass(30 * SECOND);
		assert_false(say(NOTE_KEY_ERROR, "503."));
		pass(30 * SECOND);
		assert_false(say(NOTE_KEY_OK, "Good again."));
	}
	pass(30 * SECOND);
	assert_false(say(NOTE_KEY_ERROR, "503."));
	pass(REPEAT_STEADY_MS - 1);
	assert_int_equal(due, 0);
	pass(1);
	assert_int_equal(due, 1);
	assert_non_null(strstr(heard, "503 (and 6 times since"));
	/* That was an outage: its end is told at once, with its count. */
	assert_true(say(NOTE_KEY_OK, "Good again."));
	assert_non_null(strstr(heard, "Good again (and 5 times since"));
	pass(2 * HOUR);
	assert_int_equal(due, 1);
	assert_int_equal(rs.n, 0);
}

static void each_key_turns_by_itself(void **state)
{
	(void)state;
	assert_true(say(NOTE_KEY_ERROR, "503."));
	assert_true(say(NOTE_KEY_OK, "Good again."));
	assert_false(say(NOTE_KEY_ERROR, "503."));
	assert_true(say_of(NOTE_KEY_ERROR, RIG_OTHER_KEY, NULL, "", "503."));
	pass(REPEAT_STEADY_MS);
	assert_int_equal(due, 1);
	assert_true(say_of(NOTE_KEY_OK, RIG_OTHER_KEY, NULL, "", "Good."));
}

/* A rotation is no flicker, and the numbers in a sentence no other state. */
static void some_states_in_an_hour_are_told(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(say_of(NOTE_STATE, NULL, NULL, "",
				   i == 1 ? "State is rotating: 1 rotating."
					  : "State is rotating: 2 rotating."));
		assert_true(say_of(NOTE_STATE, NULL, NULL, "",
				   "State is ok: all."));
		pass(SECOND);
	}
	assert_false(say_of(NOTE_STATE, NULL, NULL, "",
			    "State is rotating: 3 rotating."));
	assert_true(say_of(NOTE_STATE, NULL, NULL, "",
			   "State is failed: 1 overdue."));
	assert_false(say_of(NOTE_STATE, NULL, NULL, "", "State is ok: all."));
	pass(REPEAT_STEADY_MS);
	assert_int_equal(due, 1);
	assert_non_null(strstr(heard, "State is ok: all (and 1 time since"));
}

/* ---- bounds ---- */

static void memory_is_bounded(void **state)
{
	char id[64];

	(void)state;
	for (int turn = 0; turn < 3; turn++)
		for (unsigned i = 0; i < REPEAT_MAX; i++) {
			snprintf(id, sizeof(id), "/r%u", i);
			assert_int_equal(
				say_of(NOTE_HELD, RIG_KEY, id, V1, "Held."),
				turn == 0);
		}
	assert_int_equal(rs.n, REPEAT_MAX);
	assert_int_equal(rs.kept, REPEAT_KEPT);
	/* One more: the oldest is told, or forgotten. */
	assert_true(say(NOTE_HELD, "Another."));
	pass(0);
	assert_in_range(rs.n, REPEAT_MAX - 1, REPEAT_MAX);
	/* Not told one by one, but told. */
	due = 0;
	pass(HOUR);
	assert_in_range(due, 1, REPEAT_KEPT + 1);
	assert_non_null(strstr(heard, "not told one by one"));
	pass(2 * HOUR);
	assert_int_equal(rs.n, 0);
	assert_int_equal(rs.kept, 0);
}

static void a_full_text_keeps_its_count(void **state)
{
	char text[NOTE_TEXT_MAX];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_true(say(NOTE_HELD, text));
	assert_false(say(NOTE_HELD, text));
	pass(HOUR);
	assert_int_equal(strlen(heard), NOTE_TEXT_MAX - 1);
	assert_non_null(strstr(heard, "(and 1 time since 2026-"));
}

/* ---- the engine ---- */

static struct rig g;

static unsigned told(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i <= RIG_NOTES; i++)
		n += g.told[i];
	return n;
}

/* One of two replicas shows the newest version as disabled. */
static void a_replica_that_alternates(void **state)
{
	unsigned before;

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "mode = \"observe\"", 0, 3), 3);
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	rig_tick(&g);
	rig_run(&g, MINUTE);
	before = told();
	for (int i = 0; i < 60; i++) {
		g.versions[1].enabled = i % 2;
		engine_poll(g.engine, NULL, g.now);
		rig_drain(&g);
		rig_run(&g, 20 * SECOND);
	}
	print_message("%u notes, %u of them held, %u of a state\n",
		      told() - before, g.told[NOTE_HELD], g.told[NOTE_STATE]);
	assert_int_equal(g.told[NOTE_HELD], 3);
	assert_in_range(told() - before, 4, 12);
	/* How often it was is told at the end of the hour. */
	rig_run(&g, HOUR);
	assert_int_equal(g.told[NOTE_HELD], 6);
	assert_non_null(strstr(rig_said(&g, NOTE_HELD)->text,
			       "(and 29 times since 2026-03-01T12:0"));
	rig_stop(&g);
}

/* Two replicas, each with a newest version of its own, of one second. */
static void two_versions_of_one_second(void **state)
{
	struct key_version other;
	unsigned before;

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "mode = \"observe\"", 0, 3), 3);
	rig_newer(&g, V2, RIG_NOW - MINUTE);
	rig_newer(&g, V3, RIG_NOW - MINUTE);
	rig_tick(&g);
	rig_run(&g, MINUTE);
	before = told();
	for (int i = 0; i < 60; i++) {
		other = g.versions[2];
		g.versions[2] = g.versions[1];
		g.versions[1] = other;
		engine_poll(g.engine, NULL, g.now);
		rig_drain(&g);
		rig_run(&g, 20 * SECOND);
	}
	print_message("%u notes\n", told() - before);
	assert_true(told() - before <= 12);
	rig_stop(&g);
}

/* The vault answers and does not, in turn; then it does not. */
static void a_key_that_comes_and_goes(void **state)
{
	unsigned errors;

	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "", 0, 1), 1);
	rig_tick(&g);
	rig_run(&g, MINUTE);
	for (int i = 0; i < 41; i++) {
		g.faults[CALL_KEY] = fault_none();
		if (i % 2 == 0)
			fault_set(&g.faults[CALL_KEY], FAULT_TRANSIENT, 503,
				  "The vault answered 503 (request id %d-x).",
				  i);
		engine_poll(g.engine, NULL, g.now);
		rig_drain(&g);
		rig_answer(&g);
		rig_run(&g, SECOND);
	}
	assert_int_equal(g.told[NOTE_KEY_ERROR], 1);
	assert_int_equal(g.told[NOTE_KEY_OK], 1);
	rig_run(&g, 7 * MINUTE);
	assert_int_equal(g.told[NOTE_KEY_ERROR], 2);
	g.faults[CALL_KEY] = fault_none();
	errors = g.told[NOTE_KEY_ERROR];
	rig_run(&g, 2 * MINUTE);
	assert_int_equal(g.told[NOTE_KEY_OK], 2);
	rig_run(&g, 10 * MINUTE);
	assert_int_equal(g.told[NOTE_KEY_ERROR], errors);
	rig_stop(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_count_is_told_at_the_end_of_the_hour, begin, end),
		cmocka_unit_test_setup_teardown(
			another_thing_version_or_reason_is_told, begin, end),
		cmocka_unit_test_setup_teardown(ids_and_times_are_no_words,
						begin, end),
		cmocka_unit_test_setup_teardown(what_was_done_is_always_told,
						begin, end),
		cmocka_unit_test_setup_teardown(
			what_stays_is_told_within_minutes, begin, end),
		cmocka_unit_test_setup_teardown(each_key_turns_by_itself, begin,
						end),
		cmocka_unit_test_setup_teardown(some_states_in_an_hour_are_told,
						begin, end),
		cmocka_unit_test_setup_teardown(memory_is_bounded, begin, end),
		cmocka_unit_test_setup_teardown(a_full_text_keeps_its_count,
						begin, end),
		cmocka_unit_test(a_replica_that_alternates),
		cmocka_unit_test(two_versions_of_one_second),
		cmocka_unit_test(a_key_that_comes_and_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

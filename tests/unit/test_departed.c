/* engine/visit: what becomes of a registry that left the file, by the LISTs
 * that are made all the same; `clear` is never said wrongly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "engine/snapshot.h"
#include "engine_help.h"

#define TOP "retirement-hold = \"0s\""
#define WATCHED 3 /* so many make a LIST */
#define LEFT 3	  /* the one that leaves */

static struct rig g;

static int stop(void **state)
{
	(void)state;
	rig_stop(&g);
	return 0;
}

static char *file(unsigned n)
{
	return rig_config(TOP, RIG_KEY, "mode = \"observe\"", 0, n);
}

static void check(const char *verdict)
{
	assert_string_equal(rig_version(&g, V1, "verdict"), verdict);
}

static void reload(char *text)
{
	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	rig_drain(&g);
	rig_answer(&g);
}

/* All but one have moved from V1 to V2, and that one leaves the file. */
static void one_departs(void)
{
	rig_start(&g, file(WATCHED + 1), WATCHED + 1);
	rig_tick(&g);
	rig_newer(&g, V2, rig_azure(&g));
	for (unsigned i = 0; i < WATCHED; i++)
		g.models[i].view = rig_view(V2);
	rig_run(&g, 15 * MINUTE);
	check("in use");
	reload(file(WATCHED));
	rig_run(&g, MINUTE);
	check("unknown");
	g.reads[LEFT] = g.sent[CALL_LIST] = 0;
}

/* ... and waits for the answer, which is held. */
static void until_asked(void)
{
	struct asked *a;

	g.hold |= 1u << CALL_REGISTRY;
	for (int i = 0; i < 15 * 60 && g.reads[LEFT] == 0; i++) {
		rig_run(&g, SECOND);
		/* Those that are watched get theirs. */
		for (unsigned k = 0; k < WATCHED; k++)
			if ((a = rig_find(&g, CALL_REGISTRY, rig_id(k))))
				rig_good_answer(&g, a);
	}
	assert_true(g.reads[LEFT] > 0);
}

static struct model *left(void)
{
	return &g.models[LEFT];
}

/* Nothing is asked of it as long as LISTs show what is known. */
static void still_there(void **state)
{
	(void)state;
	one_departs();
	rig_run(&g, HOUR);
	check("unknown");
	assert_true(g.sent[CALL_LIST] >= 10);
	assert_int_equal(g.reads[LEFT], 0);
}

static void on_another_version(void **state)
{
	(void)state;
	one_departs();
	left()->view = rig_view(V2);
	rig_run(&g, 10 * MINUTE);
	check("clear");
	assert_int_equal(g.reads[LEFT], 1);
	/* It is remembered there, and nothing more is asked. */
	rig_run(&g, HOUR);
	assert_int_equal(g.reads[LEFT], 1);
	/* ... and if it goes back it is believed that it does. */
	left()->view = rig_view(V1);
	rig_run(&g, 10 * MINUTE);
	check("unknown");
}

/* A LIST may be old: what the registry says itself counts. */
static void only_the_list_says_so(void **state)
{
	(void)state;
	one_departs();
	left()->view = rig_view(V2);
	until_asked();
	check("unknown");
	left()->view = rig_view(V1);
	g.hold = 0;
	rig_answer(&g);
	rig_run(&g, HOUR);
	check("unknown");
}

static void deleted(void **state)
{
	(void)state;
	one_departs();
	left()->missing = true;
	until_asked();
	assert_true(g.sent[CALL_LIST] >= 2);
	check("unknown");
	g.hold = 0;
	rig_answer(&g);
	check("clear");
	rig_run(&g, HOUR);
	assert_int_equal(g.reads[LEFT], 1);
}

/* A role that does not reach it any more shows it in no LIST, either. */
static void not_to_be_seen(void **state)
{
	(void)state;
	one_departs();
	left()->unlisted = true;
	fault_set(&g.faults[CALL_REGISTRY], FAULT_DENIED, 403, "Denied.");
	rig_run(&g, 2 * HOUR);
	check("unknown");
	/* Two more LISTs before each time. */
	assert_in_range(g.reads[LEFT], 2, g.sent[CALL_LIST] / 2);
	g.faults[CALL_REGISTRY] = fault_none();
	rig_run(&g, HOUR);
	check("unknown"); /* it is there, on V1 */
	left()->view = rig_view(V2);
	rig_run(&g, HOUR);
	check("clear");
}

/* A 404 of something on the way, and one of a subscription. */
static void not_found_by_others(void **state)
{
	static const char *const codes[] = { "", "SubscriptionNotFound",
					     "NotFound" };

	(void)state;
	one_departs();
	left()->missing = true;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		fault_set(&g.faults[CALL_REGISTRY], FAULT_MISSING, 404, "No.");
		text_copy(g.faults[CALL_REGISTRY].azure_code,
			  sizeof(g.faults[0].azure_code), codes[i]);
		g.reads[LEFT] = 0;
		rig_run(&g, HOUR);
		assert_true(g.reads[LEFT] > 0);
		check("unknown");
	}
	g.faults[CALL_REGISTRY] = fault_none();
	rig_run(&g, HOUR);
	check("clear");
}

static void once_absent_is_an_accident(void **state)
{
	(void)state;
	one_departs();
	for (int i = 0; i < 6; i++) {
		left()->missing = i % 2 == 0;
		g.hold |= 1u << CALL_LIST;
		assert_true(rig_until(&g, CALL_LIST, 10 * MINUTE));
		g.hold = 0;
		rig_answer(&g);
	}
	assert_int_equal(g.reads[LEFT], 0);
	check("unknown");
}

/* ... so is one of which a part could not be read. */
static void an_odd_list_shows_no_absence(void **state)
{
	(void)state;
	one_departs();
	left()->missing = true;
	for (int i = 0; i < 4; i++) {
		struct asked *a;
		struct reply r;

		g.hold |= 1u << CALL_LIST;
		assert_true(rig_until(&g, CALL_LIST, 10 * MINUTE));
		a = rig_find(&g, CALL_LIST, NULL);
		r = rig_reply(&g, a);
		r.list.items = text_alloc(WATCHED, sizeof(*r.list.items));
		for (unsigned k = 0; k < WATCHED; k++) {
			r.list.items[k].id = text_dup(rig_id(k));
			r.list.items[k].view = rig_view(V2);
		}
		r.list.n = WATCHED;
		r.list.odd = true;
		rig_put(&g, a, &r);
		g.hold = 0;
	}
	assert_int_equal(g.reads[LEFT], 0);
	check("unknown");
}

static void no_list_no_word(void **state)
{
	(void)state;
	one_departs();
	left()->missing = true;
	fault_set(&g.faults[CALL_LIST], FAULT_DENIED, 403, "Denied.");
	rig_run(&g, HOUR);
	check("unknown");
	assert_int_equal(g.reads[LEFT], 0);
}

/* It is asked where it lies now. */
static void in_another_group(void **state)
{
	(void)state;
	one_departs();
	left()->group = "other";
	rig_run(&g, HOUR);
	check("unknown");
	assert_int_equal(g.reads[LEFT], 0);
	left()->view = rig_view(V2);
	g.hold = 0;
	until_asked();
	/* rig counts what is asked at the right place. */
	g.hold = 0;
	rig_answer(&g);
	check("clear");
}

/* What another credential does not see tells nothing. */
static void another_credential(void **state)
{
	static const char two[] =
		"credential \"two\" {\n type = managed-identity\n}\n" TOP;

	(void)state;
	one_departs();
	left()->missing = true;
	reload(rig_config(two, RIG_KEY,
			  "mode = \"observe\"\ncredential = \"two\"", 0,
			  WATCHED));
	g.reads[LEFT] = g.sent[CALL_LIST] = 0;
	rig_run(&g, 2 * HOUR);
	assert_true(g.sent[CALL_LIST] > 3);
	check("unknown");
	assert_int_equal(g.reads[LEFT], 0);
}

/* A restart forgets neither it nor who had read it. */
static void over_a_restart(void **state)
{
	struct fault f;
	struct buf b;

	(void)state;
	rig_start(&g, file(WATCHED + 1), WATCHED + 1);
	rig_tick(&g);
	rig_newer(&g, V2, rig_azure(&g));
	for (unsigned i = 0; i < WATCHED; i++)
		g.models[i].view = rig_view(V2);
	rig_run(&g, 15 * MINUTE);
	buf_init(&b, SNAPSHOT_MAX);
	assert_true(snapshot_write(g.engine, &b));
	for (int i = 0; i < 2; i++) {
		rig_restart(&g, file(WATCHED));
		assert_true(snapshot_read(g.engine, b.data, b.len, &f));
		rig_tick(&g);
		rig_run(&g, 5 * MINUTE);
		check("unknown");
		buf_reset(&b);
		assert_true(snapshot_write(g.engine, &b));
	}
	buf_free(&b);
	left()->missing = true;
	rig_run(&g, HOUR);
	check("clear");
}

/* It comes back while it is asked. */
static void watched_again(void **state)
{
	(void)state;
	one_departs();
	left()->missing = true;
	until_asked();
	left()->missing = false;
	reload(file(WATCHED + 1));
	rig_fail(&g, rig_find(&g, CALL_REGISTRY, rig_id(LEFT)), FAULT_MISSING,
		 404);
	g.hold = 0;
	rig_answer(&g);
	rig_run(&g, 10 * MINUTE);
	check("in use");
}

/* Many are asked one after the other. */
static void many_of_them(void **state)
{
	unsigned n = 20, waiting = 0;

	(void)state;
	rig_start(&g, file(WATCHED + n), WATCHED + n);
	rig_tick(&g);
	rig_newer(&g, V2, rig_azure(&g));
	for (unsigned i = 0; i < WATCHED; i++)
		g.models[i].view = rig_view(V2);
	rig_run(&g, 15 * MINUTE);
	reload(file(WATCHED));
	memset(g.reads, 0, sizeof(g.reads));
	for (unsigned i = 0; i < n; i++)
		g.models[WATCHED + i].missing = true;
	g.reads[LEFT] = 0;
	for (int t = 0; t < 15 * 60 && waiting == 0; t++) {
		g.hold = 0;
		rig_answer(&g);
		g.hold = 1u << CALL_REGISTRY;
		rig_run(&g, SECOND);
		for (unsigned i = 0; i < n; i++)
			waiting += rig_find(&g, CALL_REGISTRY,
					    rig_id(LEFT + i)) != NULL;
	}
	/* One at a time, and each of them once. */
	assert_int_equal(waiting, 1);
	g.hold = 0;
	rig_answer(&g);
	rig_run(&g, 10 * MINUTE);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(g.reads[LEFT + i], 1);
	check("clear");
}

/* None is left that could be listed for. */
static void all_leave(void **state)
{
	(void)state;
	one_departs();
	left()->missing = true;
	until_asked();
	g.may_lose = true;
	reload(rig_config(TOP, RIG_OTHER_KEY, "mode = \"observe\"", 30, 1));
	g.hold = 0;
	rig_answer(&g);
	rig_run(&g, 10 * MINUTE);
	assert_int_equal(rig_waiting(&g, CALL_REGISTRY), 0);
}

#define TEST(name) cmocka_unit_test_teardown(name, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(still_there),
		TEST(on_another_version),
		TEST(only_the_list_says_so),
		TEST(deleted),
		TEST(not_to_be_seen),
		TEST(not_found_by_others),
		TEST(once_absent_is_an_accident),
		TEST(an_odd_list_shows_no_absence),
		TEST(no_list_no_word),
		TEST(in_another_group),
		TEST(another_credential),
		TEST(over_a_restart),
		TEST(watched_again),
		TEST(many_of_them),
		TEST(all_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

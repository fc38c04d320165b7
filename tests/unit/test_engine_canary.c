/* engine/canary: who goes first, whom it holds, and what it leaves behind. */
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

static struct rig g;

static void hold(enum call_kind kind)
{
	g.hold |= 1u << kind;
}

static void let_go(enum call_kind kind)
{
	g.hold &= ~(1u << kind);
}

static struct asked *patch(unsigned i)
{
	return rig_find(&g, CALL_PATCH, rig_id(i));
}

static void settled(unsigned n, const char *top, const char *options)
{
	rig_start(&g, rig_config(top, RIG_KEY, options, 0, n), n);
	rig_tick(&g);
	assert_string_equal(rig_summary(&g, "state"), "ok");
	hold(CALL_PATCH);
}

static void poll_key(void)
{
	engine_poll(g.engine, NULL, g.now);
	rig_drain(&g);
	rig_answer(&g);
}

/* V2 comes, and what can be written is. */
static void behind(unsigned n, const char *top, const char *options)
{
	settled(n, top, options);
	rig_newer(&g, V2, rig_azure(&g));
	poll_key();
}

static void reload(char *text)
{
	engine_reload(g.engine, rig_parse(text), g.now);
	free(text);
	rig_drain(&g);
	rig_answer(&g);
}

static void refuse(unsigned i, const char *code, const char *inner)
{
	struct asked *a = patch(i);
	struct reply r;

	assert_non_null(a);
	r = rig_reply(&g, a);
	fault_set(&r.fault, FAULT_REFUSED, 400, "The change was refused.");
	text_copy(r.fault.azure_code, sizeof(r.fault.azure_code), code);
	text_copy(r.fault.inner_code, sizeof(r.fault.inner_code), inner);
	rig_put(&g, a, &r);
	rig_answer(&g);
}

/* Azure has moved it by itself. */
static void moved(unsigned i)
{
	struct registry_view *v = &g.models[i].view;

	text_copy(v->version_in_use, sizeof(v->version_in_use), V2);
}

static int stop(void **state)
{
	(void)state;
	rig_stop(&g);
	return 0;
}

/* ---- what passes ---- */

/* Azure moves this registry by itself, which is seen before the new version
 * is: that is looked for at once, and not by the next poll. */
static void moved_before_it_is_seen(unsigned i, bool attached)
{
	settled(4, "poll-interval = \"15m\"", "canary = \"registry1\"");
	hold(CALL_KEY);
	assert_true(rig_until(&g, CALL_KEY, 16 * MINUTE));
	let_go(CALL_KEY);
	rig_answer(&g);
	rig_newer(&g, V2, rig_azure(&g));
	moved(i);
	g.models[1].view.identity_attached = attached;
	assert_true(rig_until(&g, CALL_PATCH, 6 * MINUTE));
	assert_string_equal(rig_registry(&g, i, "version_in_use"), V2);
	assert_string_equal(rig_key(&g, "newest_version"), V2);
	assert_string_equal(rig_registry(&g, i, "state"), "current");
}

/* That is no proof by the one that the file wants to go first. */
static void another_s_success_does_not_pass_the_named_one(void **state)
{
	(void)state;
	moved_before_it_is_seen(0, true);
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	assert_non_null(patch(1));
}

/* ... unless that one cannot go. */
static void another_s_success_passes_when_the_named_one_is_out(void **state)
{
	(void)state;
	moved_before_it_is_seen(2, false);
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 2);
	assert_non_null(patch(0));
	assert_non_null(patch(3));
}

/* Once it has begun, whoever is verified first proves the version. */
static void another_s_success_passes_while_the_named_one_goes(void **state)
{
	(void)state;
	settled(4, "reread-interval = \"1m\"", "canary = \"registry1\"");
	g.may_lose = true;
	rig_newer(&g, V2, rig_azure(&g));
	poll_key();
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	rig_accept(&g, patch(1), "https://management.azure.com/op",
		   55 * SECOND);
	moved(0);
	assert_true(rig_until(&g, CALL_PATCH, MINUTE));
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 2);
}

/* ---- what holds ---- */

/* A version that one has proven is not doubted for another one's sake. */
static void after_the_first_nobody_holds_the_others(void **state)
{
	(void)state;
	behind(5, "", "max-parallel = \"2\"");
	rig_good_answer(&g, patch(0));
	rig_answer(&g);
	refuse(1, "KeyDisabled", "");
	refuse(2, "KeyDisabled", "");
	assert_int_equal(g.told[NOTE_HELD], 0);
	assert_non_null(patch(3));
	assert_non_null(patch(4));
}

/* Nor where nobody goes first. */
static void without_a_canary_nobody_is_held(void **state)
{
	(void)state;
	behind(5, "", "canary = \"false\" max-parallel = \"2\"");
	refuse(0, "KeyDisabled", "");
	refuse(1, "KeyDisabled", "");
	assert_int_equal(g.told[NOTE_HELD], 0);
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 2);
	assert_string_equal(rig_registry(&g, 4, "state"), "rotating");
}

/* There are no others. */
static void one_alone_holds_nobody(void **state)
{
	(void)state;
	behind(1, "", "");
	refuse(0, "KeyDisabled", "");
	assert_int_equal(g.told[NOTE_HELD], 0);
	assert_string_equal(rig_registry(&g, 0, "state"), "blocked");
}

/* The inner code tells it as well. */
static void an_inner_code_holds_at_once(void **state)
{
	(void)state;
	behind(3, "", "");
	refuse(0, "BadRequest", "KeyNotFound");
	assert_int_equal(g.told[NOTE_HELD], 1);
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 0);
}

/* One that is refused twice alike is no second opinion. */
static void twice_the_same_one_is_no_second_opinion(void **state)
{
	(void)state;
	settled(3, "", "");
	g.models[2].view.identity_attached = false;
	rig_newer(&g, V2, rig_azure(&g));
	poll_key();
	refuse(0, "BadRequest", "");
	assert_non_null(patch(1));
	rig_fail(&g, patch(1), FAULT_DENIED, 403);
	rig_answer(&g);
	for (int i = 0; i < 3; i++) {
		assert_true(rig_until(&g, CALL_PATCH, 10 * MINUTE));
		if (patch(0))
			refuse(0, "BadRequest", "");
		else
			rig_fail(&g, patch(1), FAULT_DENIED, 403);
		rig_answer(&g);
	}
	assert_int_equal(g.told[NOTE_HELD], 0);
}

/* A doubt is no transient trouble: while the second one is still at it nobody
 * else goes before half of the window, and then one more at a time. */
static void a_doubt_is_not_ended_by_half_of_the_window(void **state)
{
	int64_t half;

	(void)state;
	behind(40, "window = \"20m\"", "max-parallel = \"40\"");
	half = g.versions[1].created + 10 * MINUTE;
	hold(CALL_OPERATION);
	refuse(0, "BadRequest", "");
	rig_accept(&g, patch(1), "https://management.azure.com/op", MINUTE);
	while (rig_azure(&g) < half + 50 * SECOND) {
		if (rig_until(&g, CALL_OPERATION, SECOND))
			rig_operation(&g, rig_find(&g, CALL_OPERATION, NULL),
				      OPERATION_RUNNING);
		if (patch(0))
			refuse(0, "BadRequest", "");
		if (rig_azure(&g) < half - SECOND)
			assert_int_equal(rig_waiting(&g, CALL_PATCH), 0);
	}
	assert_in_range(rig_waiting(&g, CALL_PATCH), 1, 3);
	/* What one of them comes to counts for all: as many as the host has
	 * room for. */
	rig_good_answer(&g, rig_find(&g, CALL_PATCH, NULL));
	rig_answer(&g);
	assert_true(rig_waiting(&g, CALL_PATCH) > 4);
}

/* The first one is refused, for what nobody can tell, and the second one has
 * trouble that comes and goes, for ever. */
static void doubt(const char *options)
{
	settled(6, "", options);
	rig_newer(&g, V2, rig_azure(&g));
	poll_key();
	while (rig_until(&g, CALL_PATCH,
			 g.versions[1].created + HOUR - rig_azure(&g))) {
		if (patch(3))
			refuse(3, "BadRequest", "");
		else if (patch(0)) /* the first that waits */
			rig_fail(&g, patch(0), FAULT_TRANSIENT, 503);
		else
			rig_good_answer(&g, rig_find(&g, CALL_PATCH, NULL));
		if (rig_azure(&g) > g.versions[1].created + 2 * MINUTE)
			assert_int_equal(g.told[NOTE_VERIFIED], 4);
	}
}

/* Another one then is the second, after a short while. */
static void a_doubt_and_trouble_hold_for_a_short_while(void **state)
{
	(void)state;
	doubt("canary = \"registry3\"");
	assert_int_equal(g.told[NOTE_HELD], 0);
	assert_int_equal(g.told[NOTE_VERIFIED], 4);
	assert_int_equal(g.told[NOTE_LATE], 0);
}

/* The same for one that Azure is updating for ever. */
static void a_doubt_and_a_busy_one_hold_for_a_short_while(void **state)
{
	(void)state;
	settled(4, "", "");
	rig_newer(&g, V2, rig_azure(&g));
	poll_key();
	g.models[1].view.provisioning = PROVISIONING_UPDATING;
	refuse(0, "BadRequest", "");
	assert_true(rig_until(&g, CALL_PATCH, MINUTE));
	assert_non_null(patch(2));
	rig_good_answer(&g, patch(2));
	rig_answer(&g);
	assert_non_null(patch(3));
	assert_int_equal(g.told[NOTE_HELD], 0);
}

/* A third that is refused alike still holds the rest. */
static void a_third_that_is_refused_alike_holds(void **state)
{
	(void)state;
	settled(5, "", "");
	rig_newer(&g, V2, rig_azure(&g));
	poll_key();
	g.models[1].view.provisioning = PROVISIONING_UPDATING;
	refuse(0, "BadRequest", "");
	assert_true(rig_until(&g, CALL_PATCH, MINUTE));
	refuse(2, "BadRequest", "");
	assert_int_equal(g.told[NOTE_HELD], 1);
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 0);
}

/* A single pass does not wait for the last of many that cannot tell either. */
static void a_doubt_that_nobody_ends_ends_the_pass(void **state)
{
	int64_t since;

	(void)state;
	settled(40, "", "");
	rig_newer(&g, V2, rig_azure(&g));
	poll_key();
	since = g.now.boot;
	while (!engine_pass_done(g.engine)) {
		assert_true(g.now.boot - since < 10 * MINUTE);
		if (patch(0))
			refuse(0, "BadRequest", "");
		else if (rig_waiting(&g, CALL_PATCH))
			rig_fail(&g, rig_find(&g, CALL_PATCH, NULL),
				 FAULT_TRANSIENT, 503);
		else
			rig_run(&g, SECOND);
	}
	assert_true(g.sent[CALL_PATCH] > 3);
	assert_string_equal(rig_registry(&g, 39, "state"), "rotating");
	assert_non_null(strstr(rig_registry(&g, 39, "reason"), "goes first"));
}

/* Nor when the second one is the one that the file names. */
static void a_named_one_in_trouble_holds_no_longer(void **state)
{
	unsigned refused = 0;

	(void)state;
	settled(6, "", "canary = \"registry4\" max-parallel = \"1\"");
	rig_newer(&g, V2, rig_azure(&g));
	poll_key();
	while (rig_until(&g, CALL_PATCH,
			 g.versions[1].created + HOUR - rig_azure(&g))) {
		struct asked *a = rig_find(&g, CALL_PATCH, NULL);

		if (patch(4)) {
			rig_fail(&g, patch(4), FAULT_TRANSIENT, 503);
			continue;
		}
		/* All go now; the first to do so is refused. */
		if (refused++ == 0)
			refuse(0, "BadRequest", "");
		else
			rig_good_answer(&g, a);
	}
	assert_true(refused > 4);
	assert_int_equal(g.told[NOTE_HELD], 0);
	assert_in_range(g.told[NOTE_VERIFIED], 4, 5);
}

/* ---- whom the file names ---- */

static void pause_all(int64_t ms)
{
	char warning[300];

	engine_pause(g.engine, NULL, ms ? rig_azure(&g) + ms : 0, warning,
		     sizeof(warning), g.now);
	rig_drain(&g);
	rig_answer(&g);
}

/* It could not go because nobody was to: that is no trouble of its own. */
static void after_a_pause_the_named_one_goes_first(void **state)
{
	(void)state;
	settled(6, "", "canary = \"registry3\"");
	pause_all(20 * MINUTE);
	rig_newer(&g, V2, rig_azure(&g));
	poll_key();
	rig_run(&g, 10 * MINUTE);
	assert_int_equal(g.sent[CALL_PATCH], 0);
	pause_all(0);
	assert_true(rig_until(&g, CALL_PATCH, MINUTE));
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	assert_non_null(patch(3));
}

/* The same when the pause ends by itself. */
static void after_a_pause_that_ends_too(void **state)
{
	(void)state;
	settled(6, "", "canary = \"registry3\"");
	pause_all(20 * MINUTE);
	rig_newer(&g, V2, rig_azure(&g));
	poll_key();
	assert_true(rig_until(&g, CALL_PATCH, 25 * MINUTE));
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	assert_non_null(patch(3));
}

/* When it alone is paused another one goes first, and proves the version. */
static void a_named_one_that_is_paused_holds_nobody(void **state)
{
	struct registry *r;
	char warning[300];
	size_t matches;

	(void)state;
	settled(4, "", "canary = \"registry3\"");
	r = engine_find(g.engine, rig_id(3), &matches);
	assert_int_equal(engine_pause(g.engine, r, rig_azure(&g) + HOUR,
				      warning, sizeof(warning), g.now),
			 1);
	rig_drain(&g);
	rig_newer(&g, V2, rig_azure(&g));
	poll_key();
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	assert_non_null(patch(0));
	rig_good_answer(&g, patch(0));
	rig_answer(&g);
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 2);
}

/* Nor one that cannot go because of the version that it uses. */
static void a_named_one_that_is_held_holds_nobody(void **state)
{
	(void)state;
	rig_start(&g, rig_config("", RIG_KEY, "canary = \"registry3\"", 0, 4),
		  4);
	hold(CALL_PATCH);
	text_copy(g.models[3].view.version_in_use, KEYID_VERSION_MAX, V3);
	rig_tick(&g);
	rig_run(&g, 2 * MINUTE);
	rig_newer(&g, V2, rig_azure(&g));
	poll_key();
	assert_string_equal(rig_registry(&g, 3, "state"), "held");
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	assert_non_null(patch(0));
	rig_good_answer(&g, patch(0));
	rig_answer(&g);
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 2);
}

/* Another one is named: what the former one could not is nothing to it. */
static void a_reload_that_names_another_one_counts(void **state)
{
	(void)state;
	settled(6, "", "canary = \"registry3\"");
	g.models[3].view.identity_attached = false;
	rig_run(&g, 10 * MINUTE);
	rig_newer(&g, V2, rig_azure(&g));
	poll_key();
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	assert_non_null(patch(0));
	rig_fail(&g, patch(0), FAULT_TRANSIENT, 503);
	reload(rig_config("", RIG_KEY, "canary = \"registry5\"", 0, 6));
	assert_true(rig_until(&g, CALL_PATCH, MINUTE));
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	assert_non_null(patch(5));
}

/* One that writes goes on: it is the first. */
static void a_reload_that_names_another_one_comes_too_late(void **state)
{
	(void)state;
	settled(6, "", "canary = \"registry3\"");
	rig_newer(&g, V2, rig_azure(&g));
	poll_key();
	assert_non_null(patch(3));
	reload(rig_config("", RIG_KEY, "canary = \"registry5\"", 0, 6));
	rig_run(&g, MINUTE);
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	rig_good_answer(&g, patch(3));
	let_go(CALL_PATCH);
	rig_run(&g, MINUTE);
	assert_true(engine_all_current(g.engine));
}

/* ---- who leaves in the middle ---- */

/* One that goes from the file while its write is under way takes its turn
 * along: the next one has it. */
static void who_leaves_gives_its_turn_back(void **state)
{
	(void)state;
	behind(4, "", "canary = \"false\" max-parallel = \"1\"");
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	reload(rig_config("", RIG_KEY,
			  "canary = \"false\" max-parallel = \"1\"", 1, 3));
	rig_good_answer(&g, patch(0));
	rig_answer(&g);
	for (unsigned i = 1; i < 4; i++) {
		assert_true(rig_until(&g, CALL_PATCH, MINUTE));
		assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
		rig_good_answer(&g, patch(i));
		rig_answer(&g);
	}
	assert_true(engine_all_current(g.engine));
}

/* Or while it is read before the write. */
static void who_leaves_before_the_write_gives_it_back(void **state)
{
	(void)state;
	settled(3, "", "max-parallel = \"1\"");
	hold(CALL_REGISTRY);
	rig_newer(&g, V2, rig_azure(&g));
	poll_key();
	assert_int_equal(rig_waiting(&g, CALL_REGISTRY), 1);
	assert_non_null(rig_find(&g, CALL_REGISTRY, rig_id(0)));
	g.may_lose = true;
	reload(rig_config("", RIG_KEY, "max-parallel = \"1\"", 1, 2));
	let_go(CALL_REGISTRY);
	let_go(CALL_PATCH);
	rig_run(&g, 2 * MINUTE);
	assert_true(engine_all_current(g.engine));
	assert_string_equal(rig_summary(&g, "registries"), "2");
}

/* ... and when it was the first one, another is that. */
static void a_canary_that_leaves_is_followed_by_another(void **state)
{
	(void)state;
	behind(4, "", "canary = \"registry0\"");
	assert_non_null(patch(0));
	reload(rig_config("", RIG_KEY, "", 1, 3));
	let_go(CALL_PATCH);
	rig_answer(&g);
	rig_run(&g, MINUTE);
	assert_string_equal(rig_summary(&g, "registries"), "3");
	assert_true(engine_all_current(g.engine));
	hold(CALL_PATCH);
	rig_newer(&g, V3, rig_azure(&g));
	poll_key();
	assert_int_equal(rig_waiting(&g, CALL_PATCH), 1);
	let_go(CALL_PATCH);
	rig_answer(&g);
	rig_run(&g, MINUTE);
	assert_true(engine_all_current(g.engine));
}

/* ---- a version that comes in between ---- */

/* Whoever was moving stands back for the one that goes first, and does not
 * take the only turn along.  Nor was its write in vain. */
static void a_turn_is_given_back_for_a_newer_version(void **state)
{
	(void)state;
	behind(4, "", "mode = \"pin\" max-parallel = \"1\"");
	rig_good_answer(&g, patch(0));
	rig_answer(&g);
	assert_non_null(patch(1));
	rig_newer(&g, V3, rig_azure(&g));
	poll_key();
	rig_good_answer(&g, patch(1));
	let_go(CALL_PATCH);
	rig_answer(&g);
	rig_run(&g, 15 * SECOND);
	assert_true(engine_all_current(g.engine));
	for (unsigned i = 0; i < 4; i++)
		assert_string_equal(rig_registry(&g, i, "version_in_use"), V3);
	assert_int_equal(g.told[NOTE_FAILED], 0);
}

#define TEST(f) cmocka_unit_test_teardown(f, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(another_s_success_does_not_pass_the_named_one),
		TEST(another_s_success_passes_when_the_named_one_is_out),
		TEST(another_s_success_passes_while_the_named_one_goes),
		TEST(after_the_first_nobody_holds_the_others),
		TEST(without_a_canary_nobody_is_held),
		TEST(one_alone_holds_nobody),
		TEST(an_inner_code_holds_at_once),
		TEST(twice_the_same_one_is_no_second_opinion),
		TEST(a_doubt_is_not_ended_by_half_of_the_window),
		TEST(a_doubt_and_trouble_hold_for_a_short_while),
		TEST(a_doubt_and_a_busy_one_hold_for_a_short_while),
		TEST(a_third_that_is_refused_alike_holds),
		TEST(a_doubt_that_nobody_ends_ends_the_pass),
		TEST(a_named_one_in_trouble_holds_no_longer),
		TEST(after_a_pause_the_named_one_goes_first),
		TEST(after_a_pause_that_ends_too),
		TEST(a_named_one_that_is_paused_holds_nobody),
		TEST(a_named_one_that_is_held_holds_nobody),
		TEST(a_reload_that_names_another_one_counts),
		TEST(a_reload_that_names_another_one_comes_too_late),
		TEST(who_leaves_gives_its_turn_back),
		TEST(who_leaves_before_the_write_gives_it_back),
		TEST(a_canary_that_leaves_is_followed_by_another),
		TEST(a_turn_is_given_back_for_a_newer_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
